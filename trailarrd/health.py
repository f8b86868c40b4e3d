"""Is trailarrd well? What the database, the pollers and the process say, judged by one rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from trailarrd import __version__
from trailarrd.documents import to_second
from trailarrd.documents.connections import ConnectionState
from trailarrd.documents.health import ConnectionHealth, Daemon, Health, HealthIssue, WorkedAt
from trailarrd.domain.report import Outcome
from trailarrd.domain.roots import RootObservation, RootState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trailarrd.discovery.record import PluginRecord
    from trailarrd.domain.sharing import Peer
    from trailarrd.store.connections import ConnectionRow

LONGEST_LAG: Final = 1.0
"""Seconds that the event loop may be late; more, and nobody is answered in time."""
LONGEST_DELAY: Final = timedelta(minutes=5)
"""By which a refresh that is due may be late before something must be wrong."""


_ALIKE: Final = "make both alike, or restart the one that is right"


class Shortage(NamedTuple):
    """What will be missing soon."""

    of: Literal["disk", "descriptors"]
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonHealth:
    """What the running daemon knows that no database does."""

    lag_s: float
    """How late the event loop was at worst in the last minute."""
    due: Mapping[str, datetime | None] = field(default_factory=dict)
    """When each connection is refreshed next; None while it is."""
    late: Mapping[str, datetime] = field(default_factory=dict)
    """When something is wrong with each if no refresh of it has ended well by then."""
    broken: Mapping[str, str] = field(default_factory=dict)
    """Parts of the daemon that crashed, and why."""
    unstored: Mapping[str, str] = field(default_factory=dict)
    """Connections whose last refresh could not be stored, and why."""
    shortages: Sequence[Shortage] = ()
    downloads: Sequence[tuple[str, str]] = ()
    """What is in the way of many downloads at once: a word of the issue, and what is told."""
    differing: Mapping[str, str] = field(default_factory=dict)
    """Connections of which another daemon's configuration says other things: which ones, and whose."""
    note: Mapping[str, str] = field(default_factory=dict)
    """What the user must know of its configuration: see `trailarrd.daemon.reload.ConfigState.note`."""


def judge(
    rows: Sequence[ConnectionRow],
    roots: Mapping[str, Sequence[RootObservation]],
    *,
    now: datetime,
    plugins: Sequence[PluginRecord] = (),
    process: DaemonHealth | None = None,
    database: str | None = None,
    daemons: Sequence[Peer] | None = (),
) -> Health:
    """Judge it all; without a `process` no daemon runs here, `database` says why it could not be read.

    `daemons` are None where nobody can say which live.
    """
    active = [row for row in rows if row.active]
    issues = [
        *_of_database(database, daemons),
        *(issue for row in active for issue in _of_connection(row, roots.get(row.name, ()), now)),
        *_of_plugins(plugins),
        *(_of_refreshes(active, process, now) if process else _of_others(daemons or ())),
        *(_of_process(process) if process else ()),
        *_of_sharing(active, daemons or (), process),
    ]
    return Health(
        status="not-well" if issues else "ok",
        version=__version__,
        daemon=process is not None,
        at=to_second(now),
        database=database,
        lag_s=round(process.lag_s, 3) if process else None,
        connections=[
            _connection(row, roots.get(row.name, ()), now, process.due.get(row.name) if process else None)
            for row in active
        ],
        issues=issues,
        daemons=[told_of(peer) for peer in daemons or ()],
    )


def _of_database(reason: str | None, daemons: Sequence[Peer] | None) -> Iterator[HealthIssue]:
    unknown = "it does not say which daemons live, nor what they work at" if daemons is None else None
    if told := "; ".join(filter(None, (reason, unknown))):
        yield HealthIssue("database", told)


def _of_connection(
    row: ConnectionRow, roots: Sequence[RootObservation], now: datetime
) -> Iterator[HealthIssue]:
    if row.last_outcome is Outcome.FAILED:
        again = f"; the next try is at {_utc(now + left)}" if (left := row.circuit.remaining(now)) else ""
        yield HealthIssue("connection-failed", f"{row.last_error_kind}: {row.last_error}{again}", row.name)
    if row.held:
        yield HealthIssue("removals-held", f"{row.held} removals wait for your decision", row.name)
    if gone := row.vanishing - row.misnamed:
        yield HealthIssue(
            "trailers-vanishing",
            f"{gone} trailers vanished at once and are kept: see 'trailarrd vanished {row.name}'",
            row.name,
        )
    for root in _unknown(roots):
        yield HealthIssue("root-unknown", f"{root.path}: {root.state.sentence}", row.name)
    for root in roots:
        if root.is_elsewhere:
            yield HealthIssue("root-elsewhere", f"{root.path}: {root.contradiction}", row.name)


def _of_plugins(plugins: Sequence[PluginRecord]) -> Iterator[HealthIssue]:
    for plugin in plugins:
        if plugin.reason and not plugin.is_disabled:
            yield HealthIssue("plugin-failed", f"plugin {plugin.name}: {plugin.reason}")


def _of_process(process: DaemonHealth) -> Iterator[HealthIssue]:
    if error := process.note.get("config_error"):
        since, read = process.note.get("config_refused_at"), process.note.get("config_read_at")
        yield HealthIssue("config-refused", f"since {since}; the one of {read} counts: {error}")
    if process.lag_s > LONGEST_LAG:
        yield HealthIssue("loop-lag", f"the event loop was {process.lag_s:.1f} s late")
    for shortage in process.shortages:
        if shortage.of == "disk":
            yield HealthIssue("disk-low", shortage.told)
        else:
            yield HealthIssue("descriptors-low", shortage.told)
    for word, told in process.downloads:
        yield _of_downloads(word, told)
    for name, reason in process.broken.items():
        yield HealthIssue("service-crashed", f"{name}: {reason}")


def _of_sharing(
    rows: Sequence[ConnectionRow], daemons: Sequence[Peer], process: DaemonHealth | None
) -> Iterator[HealthIssue]:
    own = process.differing if process else {}
    theirs = [(peer.holder, *one) for peer in daemons for one in peer.differing.items() if one[0] not in own]
    for who, name, words in [*(("this daemon", *one) for one in own.items()), *theirs]:
        yield HealthIssue("config-differs", f"{who} does not take it over, as it has {words}; {_ALIKE}", name)
    served = {name for peer in daemons for name in peer.rules}
    for row in rows if daemons else ():
        if row.name not in served:
            yield HealthIssue("connection-unserved", "no daemon that runs may work at it", row.name)


def told_of(peer: Peer) -> Daemon:
    """A daemon, as documents tell of it."""
    return Daemon(
        host=peer.host,
        id=peer.id[:8],
        process=peer.holder,
        version=peer.version,
        since=to_second(peer.since),
        connections=[
            WorkedAt(connection=name, since=to_second(seat.since))
            for name, seat in sorted(peer.seats.items())
        ],
    )


def _of_downloads(word: str, told: str) -> HealthIssue:
    match word:
        case "download-blocked":
            return HealthIssue("download-blocked", told)
        case "download-root":
            return HealthIssue("download-root", told)
        case "download-work":
            return HealthIssue("download-work", told)
    return HealthIssue("download-rejected", told)


def _of_refreshes(
    rows: Sequence[ConnectionRow], process: DaemonHealth, now: datetime
) -> Iterator[HealthIssue]:
    """What the database cannot tell; that the last one failed, it does."""
    failed = {row.name for row in rows if row.last_outcome is Outcome.FAILED}
    for name, late in process.late.items():
        due = process.due.get(name)
        if name in process.unstored:
            yield HealthIssue("refresh-not-stored", process.unstored[name], name)
        elif due is not None and now - due > LONGEST_DELAY:
            yield HealthIssue("refresh-overdue", f"it should have begun at {_utc(due)}", name)
        elif now - late > LONGEST_DELAY and name not in failed:
            yield HealthIssue("refresh-overdue", f"one should have ended well by {_utc(late)}", name)


def _of_others(daemons: Sequence[Peer]) -> Iterator[HealthIssue]:
    """What they tell of their refreshes, where no daemon of this host is asked."""
    for peer in daemons:
        for name, seat in peer.seats.items():
            if told := seat.note.get("unstored"):
                yield HealthIssue("refresh-not-stored", told, name)


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _unknown(roots: Sequence[RootObservation]) -> list[RootObservation]:
    return [root for root in roots if root.state is not RootState.OK]


def _connection(
    row: ConnectionRow, roots: Sequence[RootObservation], now: datetime, due: datetime | None
) -> ConnectionHealth:
    success = row.last_success
    return ConnectionHealth(
        connection=row.name,
        state=ConnectionState.of(row),
        last_success=to_second(success),
        age_s=max(0, int((now - success).total_seconds())) if success else None,
        failures=row.failures,
        held=row.held,
        quarantined=row.quarantined,
        unknown_roots=[root.path for root in _unknown(roots)],
        next_refresh=to_second(due),
    )
