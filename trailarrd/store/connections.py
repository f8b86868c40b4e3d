"""What is kept of each connection: its state, and that it is never dropped by accident."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from trailarrd.domain.circuit import Circuit
from trailarrd.domain.media import UNKNOWN_KIND, MediaKind
from trailarrd.domain.monitoring import MonitorMode, TrailerState
from trailarrd.domain.report import ErrorKind, Outcome
from trailarrd.errors import ConfigError, DatabaseError
from trailarrd.store.counts import Counts, Group
from trailarrd.store.counts import counts as count_items
from trailarrd.store.credentials import remove_webhook_token
from trailarrd.store.tables import (
    ConnectionTable,
    ForetoldTable,
    MediaTable,
    QuarantineTable,
    RefreshTable,
    RootTable,
)

_PLAIN: Final = ("held", "contradicted", "vanishing", "misnamed")
"""What a group of items is counted for, as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRow:
    """A connection's state and what it holds."""

    id: int
    name: str
    provider: str
    kind: MediaKind
    active: bool
    """Whether it was in trailarrd.yaml when that was last looked at."""
    mode: MonitorMode | None
    """None before the first refresh."""
    baseline: int | None
    last_started: datetime | None
    last_finished: datetime | None
    last_success: datetime | None
    last_outcome: Outcome | None
    last_error_kind: ErrorKind | None
    last_error: str | None
    failures: int
    """Refreshes in a row that failed."""
    retry_at: datetime | None
    """When the daemon asks again after a failure; None while all is well, or if the interval says so."""
    unwanted: int | None
    """How many items the first refresh no longer wanted that asked whether the server has files of them."""
    items: int
    with_trailer: int
    monitored: int
    held: int
    quarantined: int
    contradicted: int
    """Items whose folder does not show the file that the server says that it has."""
    vanishing: int
    """Items whose trailer is held to be there, though it is not seen any more."""
    misnamed: int
    """Of those, the ones whose file lies there still under a name that does not count."""

    @property
    def circuit(self) -> Circuit:
        """When the daemon asks it again, if that is not by its interval."""
        return Circuit(self.failures, self.last_error_kind, self.retry_at, self.last_finished)


def register(
    db: sa.Connection,
    connections: Sequence[tuple[str, str, MediaKind]],
    elsewhere: Callable[[sa.Connection], frozenset[str]] = lambda _: frozenset(),
) -> None:
    """Make these (name, provider, kind) active connections; others are kept, but inactive.

    Those that another daemon says to know, `elsewhere`, stay as they are.

    Raises `ConfigError` if a name now belongs to another provider.
    """
    stored = {row.name: row for row in db.execute(sa.select(ConnectionTable.__table__))}
    refuse_other_provider(connections, {name: row.provider for name, row in stored.items()})
    for name, provider, kind in connections:
        row = stored.pop(name, None)
        if row is None:
            values = {"name": name, "provider": provider, "kind": kind, "active": True}
            db.execute(sa.insert(ConnectionTable), values)
        else:
            told = row.kind if kind == UNKNOWN_KIND else kind
            if (row.kind, row.active) != (told, True):
                update(db, row.id, kind=told, active=True)
    known = elsewhere(db)
    for row in stored.values():
        if row.active and row.name not in known:
            update(db, row.id, active=False)


def of_connections(names: Collection[str]) -> sa.ColumnElement[bool]:
    """Items of these connections."""
    ids = sa.select(ConnectionTable.id).where(ConnectionTable.name.in_(names))
    return MediaTable.connection_id.in_(ids)


def update(db: sa.Connection, number: int, **values: object) -> None:
    db.execute(sa.update(ConnectionTable).where(ConnectionTable.id == number).values(**values))


def refuse_other_provider(
    connections: Sequence[tuple[str, str, MediaKind]], stored: Mapping[str, str]
) -> None:
    """Raise `ConfigError` if a name is stored with another provider than it has now."""
    # Another provider's ids mean other items: all would look removed and as many added.
    complaints = [
        f"connection {name!r} is stored as one of provider {stored[name]!r},"
        f" not {provider!r}; give the new one another name,"
        f" or take it out of the file first and then 'trailarrd forget {name}'"
        for name, provider, _ in connections
        if stored.get(name, provider) != provider
    ]
    if complaints:
        raise ConfigError("\n".join(complaints))


def forget(
    db: sa.Connection,
    name: str,
    elsewhere: Callable[[sa.Connection], frozenset[str]] = lambda _: frozenset(),
) -> int:
    """Delete a connection with its media, refreshes and foretold choices; how many items those were.

    Its history stays. Whether it is still configured is for the caller to know: `active` says only
    what the last refresh knew of the configuration. Raises `ConfigError` if another daemon has it in its own.
    """
    row = find(db, name)
    if name in elsewhere(db):
        raise ConfigError(f"connection {name!r} is in the configuration of another daemon")
    items = db.execute(sa.delete(MediaTable).where(MediaTable.connection_id == row.id)).rowcount
    remove_webhook_token(db, name)
    db.execute(sa.delete(ForetoldTable).where(ForetoldTable.connection == name))
    for table in (QuarantineTable, RootTable, RefreshTable):
        db.execute(sa.delete(table).where(table.connection_id == row.id))
    db.execute(sa.delete(ConnectionTable).where(ConnectionTable.id == row.id))
    return items


class ConnectionState(NamedTuple):
    """What a refresh needs to know of its connection."""

    id: int
    provider: str
    kind: str
    mode: MonitorMode | None
    baseline: int | None
    unwanted: int | None
    circuit: Circuit


_STATE: Final = sa.select(
    *(ConnectionTable.id, ConnectionTable.provider, ConnectionTable.kind),
    *(ConnectionTable.mode, ConnectionTable.baseline),
    *(ConnectionTable.failures, ConnectionTable.last_error_kind),
    *(ConnectionTable.retry_at, ConnectionTable.last_finished),
    ConnectionTable.unwanted,
).where(ConnectionTable.name == sa.bindparam("named"))


def find(db: sa.Connection, name: str) -> ConnectionState:
    """Raises `DatabaseError` if no connection of that name is stored."""
    row = find_any(db, name)
    if row is None:
        raise DatabaseError(f"no connection named {name!r} is stored")
    return row


def find_any(db: sa.Connection, name: str) -> ConnectionState | None:
    row = db.execute(_STATE, {"named": name}).one_or_none()
    return None if row is None else ConnectionState(*row[:5], row[9], Circuit(*row[5:9]))


def circuit(db: sa.Connection, name: str) -> Circuit:
    """What its last refreshes mean for the next one."""
    return find(db, name).circuit


def probe(db: sa.Connection, name: str) -> None:
    """Write what is there already: raises where nothing can be written."""
    db.execute(sa.update(ConnectionTable).where(ConnectionTable.name == name).values(name=name))


def refused_again(db: sa.Connection, name: str, at: datetime) -> None:
    """Note when to ask again a server that still refuses us; nothing if it has taken somebody meanwhile."""
    state = find(db, name)
    if state.circuit.needs_user:
        update(db, state.id, retry_at=state.circuit.refused_until(at))


class Overview(NamedTuple):
    """Every connection by name, and what was counted of what they hold."""

    connections: list[ConnectionRow]
    counts: Counts


def overview(db: sa.Connection, now: datetime) -> Overview:
    """Every connection with what it holds now."""
    counts = count_items(db, now)
    held = {name: list(groups) for name, groups in groupby(counts.groups, key=attrgetter("connection"))}
    statement = sa.select(ConnectionTable.__table__, _quarantined()).order_by(ConnectionTable.name)
    rows = [
        ConnectionRow(**row, **_sums(held.get(row["name"], ()))) for row in db.execute(statement).mappings()
    ]
    return Overview(rows, counts)


def _sums(groups: Iterable[Group]) -> dict[str, Any]:
    """How many items of a connection are so."""
    sums = Counter[str]()
    for group in groups:
        sums["items"] += group.items
        sums["with_trailer"] += group.items * (group.trailer is TrailerState.PRESENT)
        sums["monitored"] += group.items * group.monitored
        for name in _PLAIN:
            sums[name] += getattr(group, name)
    return {name: sums[name] for name in ("items", "with_trailer", "monitored", *_PLAIN)}


def _quarantined() -> sa.Label[int]:
    count = sa.select(sa.func.count()).where(QuarantineTable.connection_id == ConnectionTable.id)
    return count.scalar_subquery().label("quarantined")
