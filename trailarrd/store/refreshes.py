"""One row per refresh: its number, its counts, how it ended; and what may be seen of it."""

from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from trailarrd.domain.circuit import Circuit
from trailarrd.domain.connection import Connection
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.media import UNKNOWN_KIND, MediaKind
from trailarrd.domain.monitoring import MonitorMode, MonitorReason
from trailarrd.domain.plan import Rules
from trailarrd.domain.report import ErrorKind, Outcome, RefreshError
from trailarrd.domain.want import WANT_ALL, Want
from trailarrd.errors import DatabaseError
from trailarrd.store import connections, quarantine
from trailarrd.store.tables import ConnectionTable, HistoryTable, RefreshTable

_NOBODY: Final = 0
"""The id of a connection that is not stored yet: no row belongs to it."""

# Made once: to make them anew each time was a fifth of a refresh of one item.
_INSERT: Final = sa.insert(RefreshTable)
_END: Final = sa.update(RefreshTable).where(RefreshTable.id == sa.bindparam("number"))
_OF_CONNECTION: Final = RefreshTable.connection_id == sa.bindparam("connection")
_END_OPEN: Final = sa.update(RefreshTable).where(_OF_CONNECTION, RefreshTable.finished_at.is_(None))
_LAST_BEGAN: Final = (
    sa.select(RefreshTable.started_at)
    .where(_OF_CONNECTION, RefreshTable.items.is_(None))
    .where(RefreshTable.outcome.in_((Outcome.OK, Outcome.PARTIAL)))
    .order_by(RefreshTable.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshStart:
    """A refresh that has begun."""

    number: int
    connection: str
    connection_id: int
    kind: str
    mode: MonitorMode
    baseline: int | None
    unread: frozenset[int] = frozenset()
    """Arr ids that were quarantined when it began."""
    circuit: Circuit = field(default_factory=Circuit)
    """What the refreshes before it came to."""
    began: datetime
    last_began: datetime | None = None
    """When the last one before it that was applied had begun; None, too, if it is about some items alone."""
    only: frozenset[int] | None = None
    """The arr ids that it is about; None: the whole library."""
    want: Want = WANT_ALL
    asks_for_files_first: bool = False
    """Whether none before it looked whether the server has files of what is wanted."""
    stored: bool = False
    """Whether it goes by what is stored of them, and does not ask the server."""
    changed: frozenset[int] = frozenset()
    """Those of them that are said to have changed …"""
    deleted: frozenset[int] = frozenset()
    """… and that are said to be deleted."""
    heard: bool = False
    """Whether the server has been heard since before the last list: it has lost nothing in silence."""

    @property
    def rules(self) -> Rules:
        return Rules(
            refresh=self.number,
            mode=self.mode,
            baseline=self.baseline,
            unread=self.unread,
            want=self.want,
            today=self.began.date(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshCounts:
    """What a refresh did; fetched = added + updated + unchanged + restored."""

    fetched: int
    added: int
    updated: int
    """Items of which something stored really changed."""
    unchanged: int
    removed: int
    restored: int
    held: int
    quarantined: int
    trailers_present: int
    trailers_absent: int
    trailers_unknown: int
    monitored: int
    contradicted: int = 0
    vanishing: int = 0

    @property
    def of_items(self) -> dict[str, Any]:
        """All but those of trailers, by name."""
        return {name: count for name, count in asdict(self).items() if not name.startswith("trailers_")}


@dataclass(frozen=True, slots=True)
class RefreshRow:
    """One refresh; counts are None before its end and if it failed."""

    id: int
    connection: str
    started_at: datetime
    finished_at: datetime | None
    outcome: Outcome | None
    """None while it is on, or if its process died."""
    fetched: int | None
    added: int | None
    updated: int | None
    unchanged: int | None
    removed: int | None
    restored: int | None
    held: int | None
    quarantined: int | None
    trailers_present: int | None
    trailers_absent: int | None
    trailers_unknown: int | None
    monitored: int | None
    error_kind: ErrorKind | None
    error_message: str | None
    contradicted: int | None
    vanishing: int | None


def begin(
    db: sa.Connection, connection: Connection, at: datetime, *, only: frozenset[int] | None = None
) -> RefreshStart:
    """Note that a refresh begins, of these items or of all; its number and what decisions go by.

    Another mode drops the baseline. Of the connection itself some items alone tell nothing.
    """
    state = connections.find(db, connection.name)
    _abandon_open(db, state.id, at)
    row = {"connection_id": state.id, "started_at": at, "items": None if only is None else len(only)}
    key = db.execute(_INSERT, row).inserted_primary_key
    start = _start(db, connection, state, key[0] if key else 0, at, only)
    if only is None:
        connections.update(db, state.id, mode=start.mode, baseline=start.baseline, last_started=at)
    return start


def begin_dry_run(db: sa.Connection, connection: Connection, at: datetime) -> RefreshStart:
    """What `begin` would say now; writes nothing.

    Raises:
        ConfigError: the name belongs to another provider.
    """
    number = (db.scalar(sa.select(sa.func.max(RefreshTable.id))) or 0) + 1
    state = connections.find_any(db, connection.name)
    if state is None:
        return RefreshStart(
            number=number,
            connection=connection.name,
            connection_id=_NOBODY,
            kind=UNKNOWN_KIND,
            mode=connection.mode,
            baseline=None,
            want=connection.want,
            began=at,
        )
    told = (connection.name, connection.provider, MediaKind(state.kind))
    connections.refuse_other_provider([told], {connection.name: state.provider})
    return _start(db, connection, state, number, at)


def _start(
    db: sa.Connection,
    connection: Connection,
    state: connections.ConnectionState,
    number: int,
    at: datetime,
    only: frozenset[int] | None = None,
) -> RefreshStart:
    return RefreshStart(
        number=number,
        connection=connection.name,
        connection_id=state.id,
        kind=state.kind,
        mode=connection.mode,
        want=connection.want,
        baseline=state.baseline if state.mode is connection.mode else None,
        unread=quarantine.arr_ids(db, state.id),
        circuit=state.circuit,
        began=at,
        last_began=_last_began(db, state.id) if only is None else None,
        only=only,
        asks_for_files_first=state.unwanted is None,
    )


def _last_began(db: sa.Connection, connection_id: int) -> datetime | None:
    """When the last whole refresh that was applied had begun."""
    return db.scalar(_LAST_BEGAN, {"connection": connection_id})


def _abandon_open(db: sa.Connection, connection_id: int, at: datetime) -> None:
    """End refreshes that nobody will: their process died, or could not write their end."""
    ended = {
        "finished_at": at,
        "outcome": Outcome.FAILED,
        "error_kind": ErrorKind.INTERNAL,
        "error_message": "interrupted before its end",
    }
    db.execute(_END_OPEN, {"connection": connection_id, **ended})


def finish(
    db: sa.Connection,
    start: RefreshStart,
    counts: RefreshCounts,
    *,
    at: datetime,
    outcome: Outcome,
    complete: bool,
) -> None:
    """Note a refresh that was applied.

    In mode `new`, the first complete one is the baseline: what it saw was there before.
    """
    _end(db, start, finished_at=at, outcome=outcome, **asdict(counts))
    if start.only is not None:
        return
    if complete and start.mode is MonitorMode.NEW and start.baseline is None:
        connections.update(db, start.connection_id, baseline=start.number)
    connections.update(
        db,
        start.connection_id,
        last_finished=at,
        last_success=at,
        last_outcome=outcome,
        last_error_kind=None,
        last_error=None,
        failures=0,
        retry_at=None,
    )


def note_unwanted(db: sa.Connection, start: RefreshStart) -> int:
    """Note how many items that refresh no longer wants, as the server has no file of them; how many."""
    table = HistoryTable
    reason = table.detail["monitor_reason"][1].as_string()
    which = (table.refresh_id == start.number, table.event == HistoryEvent.UNMONITORED)
    told = sa.select(sa.func.count()).where(*which, reason == MonitorReason.NO_FILE.value)
    unwanted = db.scalar(told) or 0
    connections.update(db, start.connection_id, unwanted=unwanted)
    return unwanted


def fail(
    db: sa.Connection,
    start: RefreshStart,
    error: RefreshError,
    at: datetime,
    retry_at: datetime | None = None,
) -> None:
    """End a refresh of which nothing was applied; `retry_at` is when to ask again, if time helps.

    Whether the server is down is for a whole one to say.
    """
    failed = Outcome.FAILED
    _end(db, start, finished_at=at, outcome=failed, error_kind=error.kind, error_message=error.message)
    if start.only is not None:
        return
    connections.update(
        db,
        start.connection_id,
        last_finished=at,
        last_outcome=failed,
        last_error_kind=error.kind,
        last_error=error.message,
        failures=ConnectionTable.failures + 1,
        retry_at=retry_at,
    )


def _end(db: sa.Connection, start: RefreshStart, **values: object) -> None:
    if db.execute(_END, {"number": start.number, **values}).rowcount != 1:
        raise DatabaseError(f"connection {start.connection!r} was forgotten during its refresh")


def latest(
    db: sa.Connection,
    *,
    limit: int,
    connection: str | None = None,
    outcome: Outcome | None = None,
    before: int | None = None,
) -> list[RefreshRow]:
    """The newest refreshes first, those before the one of that number, where to go on."""
    columns = [
        ConnectionTable.name if one.name == "connection" else getattr(RefreshTable, one.name)
        for one in fields(RefreshRow)
    ]
    wanted = ((ConnectionTable.name, connection), (RefreshTable.outcome, outcome))
    statement = sa.select(*columns).join_from(RefreshTable, ConnectionTable)
    statement = statement.where(*(column == value for column, value in wanted if value is not None))
    if before is not None:
        statement = statement.where(RefreshTable.id < before)
    rows = db.execute(statement.order_by(RefreshTable.id.desc()).limit(limit))
    return [RefreshRow(*row) for row in rows]


def count(db: sa.Connection, *, connection: str | None = None, outcome: Outcome | None = None) -> int:
    """How many refreshes there are of which `latest` tells."""
    wanted = ((ConnectionTable.name, connection), (RefreshTable.outcome, outcome))
    statement = sa.select(sa.func.count(RefreshTable.id)).join_from(RefreshTable, ConnectionTable)
    return (
        db.scalar(statement.where(*(column == value for column, value in wanted if value is not None))) or 0
    )
