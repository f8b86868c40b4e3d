"""Is trailarrd well? What the database, the pollers and the process say, judged by one rule."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from trailarrd import __version__
from trailarrd.domain.report import Outcome
from trailarrd.domain.roots import RootState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trailarrd.discovery import PluginRecord
    from trailarrd.domain.roots import RootObservation
    from trailarrd.store import ConnectionRow

LONGEST_LAG: Final = 1.0
"""Seconds that the event loop may be late; more, and nobody is answered in time."""
LONGEST_DELAY: Final = timedelta(minutes=5)
"""By which a refresh that is due may be late before something must be wrong."""


@dataclass(frozen=True, slots=True)
class Ailment:
    """One thing that is not well."""

    code: str
    """A word of `docs/operations.md`."""
    message: str
    connection: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What the running daemon knows that no database does."""

    lag_s: float
    """How late the event loop was at worst in the last minute."""
    due: Mapping[str, datetime | None] = field(default_factory=dict)
    """When each connection is refreshed next; None while it is, or if only the user can help."""
    broken: Mapping[str, str] = field(default_factory=dict)
    """Parts of the daemon that crashed, and why."""
    note: Mapping[str, str] = field(default_factory=dict)
    """What the user must know of its configuration: see `trailarrd.daemon.reload.ConfigState.note`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionVitals:
    """How one connection is."""

    connection: str
    state: str
    last_success: datetime | None
    age_s: int | None
    """Seconds since its last success."""
    failures: int
    held: int
    quarantined: int
    unknown_roots: tuple[str, ...]
    """Root folders that were not believed."""
    next_refresh: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """How trailarrd is."""

    version: str
    daemon: bool
    """Whether it runs; else this is what the database tells."""
    at: datetime
    database: str | None
    """Why it cannot be used, if it cannot."""
    lag_s: float | None
    connections: tuple[ConnectionVitals, ...]
    ailments: tuple[Ailment, ...]

    @property
    def is_well(self) -> bool:
        """Whether nobody needs to do anything."""
        return not self.ailments

    def document(self) -> dict[str, Any]:
        """The same for JSON."""
        told = {"status": "ok" if self.is_well else "not-well", **asdict(self)}
        connections = [{**one, "unknown_roots": list(one["unknown_roots"])} for one in told["connections"]]
        return {
            **told,
            "at": _iso(self.at),
            "connections": [
                {name: _iso(value) if isinstance(value, datetime) else value for name, value in one.items()}
                for one in connections
            ],
            "ailments": list(told["ailments"]),
        }


def examine(
    rows: Sequence[ConnectionRow],
    roots: Mapping[str, Sequence[RootObservation]],
    *,
    now: datetime,
    plugins: Sequence[PluginRecord] = (),
    pulse: Pulse | None = None,
    database: str | None = None,
) -> Vitals:
    """Judge it all; without a `pulse` no daemon runs, `database` says why it could not be read."""
    active = [row for row in rows if row.active]
    ailments = [
        *([Ailment("database", database)] if database else []),
        *(ailment for row in active for ailment in _of_connection(row, roots.get(row.name, ()))),
        *_of_plugins(plugins),
        *(_of_pulse(pulse, now) if pulse else ()),
    ]
    return Vitals(
        version=__version__,
        daemon=pulse is not None,
        at=now,
        database=database,
        lag_s=round(pulse.lag_s, 3) if pulse else None,
        connections=tuple(
            _vitals(row, roots.get(row.name, ()), now, pulse.due.get(row.name) if pulse else None)
            for row in active
        ),
        ailments=tuple(ailments),
    )


def _of_connection(row: ConnectionRow, roots: Sequence[RootObservation]) -> Iterator[Ailment]:
    if row.last_outcome is Outcome.FAILED:
        yield Ailment("connection-failed", f"{row.last_error_kind}: {row.last_error}", row.name)
    if row.held:
        yield Ailment("removals-held", f"{row.held} removals wait for your word", row.name)
    for root in _unknown(roots):
        yield Ailment("root-unknown", f"{root.path}: {root.state.sentence}", row.name)


def _of_plugins(plugins: Sequence[PluginRecord]) -> Iterator[Ailment]:
    for plugin in plugins:
        if plugin.reason:
            yield Ailment("plugin-failed", f"plugin {plugin.name}: {plugin.reason}")


def _of_pulse(pulse: Pulse, now: datetime) -> Iterator[Ailment]:
    if error := pulse.note.get("config_error"):
        since, read = pulse.note.get("config_refused_at"), pulse.note.get("config_read_at")
        yield Ailment("config-refused", f"since {since}; the one of {read} counts: {error}")
    if pulse.lag_s > LONGEST_LAG:
        yield Ailment("loop-lag", f"the event loop was {pulse.lag_s:.1f} s late")
    for name, due in pulse.due.items():
        if due is not None and now - due > LONGEST_DELAY:
            yield Ailment("refresh-overdue", f"it should have begun at {_iso(due)}", name)
    for name, reason in pulse.broken.items():
        yield Ailment("service-crashed", f"{name}: {reason}")


def _unknown(roots: Sequence[RootObservation]) -> list[RootObservation]:
    return [root for root in roots if root.state is not RootState.OK]


def _vitals(
    row: ConnectionRow, roots: Sequence[RootObservation], now: datetime, due: datetime | None
) -> ConnectionVitals:
    success = row.last_success
    return ConnectionVitals(
        connection=row.name,
        state=row.last_outcome.value if row.last_outcome else "new",
        last_success=success,
        age_s=max(0, int((now - success).total_seconds())) if success else None,
        failures=row.failures,
        held=row.held,
        quarantined=row.quarantined,
        unknown_roots=tuple(str(root.path) for root in _unknown(roots)),
        next_refresh=due,
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
