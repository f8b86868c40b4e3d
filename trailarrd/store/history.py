"""What happened to which item, and when; and what of it is new, whoever wrote it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias

import sqlalchemy as sa

from trailarrd.domain.announcement import Crowd, Standing
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.monitoring import TrailerState
from trailarrd.store.tables import ConnectionTable, HistoryTable, MediaTable, RefreshTable, chunks


@dataclass(frozen=True, slots=True)
class HistoryRow:
    id: int
    at: datetime
    connection: str
    media_id: int
    arr_id: int
    title: str
    """As it was then."""
    event: HistoryEvent
    detail: Mapping[str, Any]
    """What changed: `{column: [before, after]}`."""
    refresh_id: int | None
    """The refresh that noticed it; None for what a user did."""


_SELECT: Final = sa.select(*(getattr(HistoryTable, field.name) for field in fields(HistoryRow)))
_PAGE: Final = 500
CROWD: Final = 1000
"""Events of one transaction that are told as one: to look again."""


def by_the_user(row: sa.RowMapping, at: datetime) -> dict[str, Any]:
    """The columns of an event that a user caused, but for what happened; `row` has the item's."""
    return {
        "at": at,
        "connection": row["name"],
        "media_id": row["id"],
        "arr_id": row["arr_id"],
        "title": row["title"],
        "refresh_id": None,
    }


def record(db: sa.Connection, events: Sequence[Mapping[str, Any]]) -> None:
    """Add events, given as columns."""
    for chunk in chunks(events):
        db.execute(sa.insert(HistoryTable), chunk)


def record_set(
    db: sa.Connection,
    connection: str,
    event: HistoryEvent,
    which: sa.ColumnElement[bool],
    at: datetime,
    *,
    refresh_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Add one event for each item that `which` chooses, without looking at them here; how many."""
    columns = HistoryTable.__table__.c
    values = {
        columns.at: sa.literal(at, columns.at.type),
        columns.connection: sa.literal(connection),
        columns.media_id: MediaTable.id,
        columns.arr_id: MediaTable.arr_id,
        columns.title: MediaTable.title,
        columns.event: sa.literal(event, columns.event.type),
        columns.detail: sa.literal(dict(detail or {}), columns.detail.type),
        columns.refresh_id: sa.literal(refresh_id, columns.refresh_id.type),
    }
    chosen = sa.select(*values.values()).where(which).order_by(MediaTable.id)
    return db.execute(sa.insert(HistoryTable).from_select(list(values), chosen)).rowcount


def latest(
    db: sa.Connection,
    *,
    limit: int = 100,
    connection: str | None = None,
    media_id: int | None = None,
    event: HistoryEvent | None = None,
    before: int | None = None,
) -> list[HistoryRow]:
    """What happened, the newest first; `before` is the id of the event where to go on.

    By id, as clocks may jump.
    """
    table = HistoryTable
    statement = _SELECT.where(*_are(connection, media_id, event))
    if before is not None:
        statement = statement.where(table.id < before)
    rows = db.execute(statement.order_by(table.id.desc()).limit(limit))
    return [HistoryRow(*row) for row in rows]


def count(
    db: sa.Connection,
    *,
    connection: str | None = None,
    media_id: int | None = None,
    event: HistoryEvent | None = None,
) -> int:
    """How many events there are of which `latest` tells."""
    return db.scalar(sa.select(sa.func.count(HistoryTable.id)).where(*_are(connection, media_id, event))) or 0


def _are(
    connection: str | None, media_id: int | None, event: HistoryEvent | None
) -> list[sa.ColumnElement[bool]]:
    table = HistoryTable
    wanted = ((table.connection, connection), (table.media_id, media_id), (table.event, event))
    return [column == value for column, value in wanted if value is not None]


class News(NamedTuple):
    """What has happened, and how each connection stands."""

    events: list[HistoryRow]
    """At most a page, in their order."""
    crowds: list[Crowd]
    """Those of the same time that are too many to be events."""
    standings: dict[str, Standing]
    last: int
    """The number of the last event that is told of."""

    def __bool__(self) -> bool:
        return bool(self.events or self.crowds)


def news(db: sa.Connection, history_id: int, reach: int | None = None) -> News:
    """What happened after that event, a page of it; `reach` is by how much numbers may be greater."""
    table = HistoryTable
    last = latest_event(db) if reach is None else min(latest_event(db), history_id + reach)
    within = (table.id > history_id) & (table.id <= last)
    crowds = _crowds(db, within)
    others = [_is_not_of(key) for key in crowds]
    statement = _SELECT.where(within, *others).order_by(table.id).limit(_PAGE)
    events = [HistoryRow(*row) for row in db.execute(statement)]
    if len(events) == _PAGE:
        last = events[-1].id
    told = [crowd for crowd in crowds.values() if crowd.after < last]
    return News(events, told, _standings(db), last)


_At: TypeAlias = "tuple[str, int | None, datetime]"
"""What all events of one transaction share: their connection, refresh and time."""


def _crowds(db: sa.Connection, within: sa.ColumnElement[bool]) -> dict[_At, Crowd]:
    """Those transactions that had too many events."""
    table = HistoryTable
    key = (table.connection, table.refresh_id, table.at)
    numbers = (sa.func.count(), sa.func.min(table.id), sa.func.max(table.id))
    statement = sa.select(*key, table.event, *numbers).where(within).group_by(*key, table.event)
    found = defaultdict[_At, list[tuple[HistoryEvent, int, int, int]]](list)
    for connection, refresh, at, event, count, first, last in db.execute(statement):
        found[connection, refresh, at].append((event, count, first, last))
    return {
        key: Crowd(
            connection=key[0],
            after=min(first for _, _, first, _ in groups) - 1,
            history_id=max(last for _, _, _, last in groups),
            counts={event: count for event, count, _, _ in groups},
        )
        for key, groups in found.items()
        if sum(count for _, count, _, _ in groups) >= CROWD
    }


def _is_not_of(key: _At) -> sa.ColumnElement[bool]:
    connection, refresh, at = key
    table = HistoryTable
    same = (table.connection == connection) & (table.at == at)
    return ~(same & table.refresh_id.is_not_distinct_from(refresh))


def latest_event(db: sa.Connection) -> int:
    """The newest event's id, 0 if nothing has ever happened."""
    return db.scalar(sa.select(sa.func.max(HistoryTable.id))) or 0


def _standings(db: sa.Connection) -> dict[str, Standing]:
    """How the last whole refresh of each active connection ended, of those that had one."""
    refresh = RefreshTable
    ended = (
        sa.select(sa.func.max(refresh.id))
        .where(
            refresh.connection_id == ConnectionTable.id,
            refresh.finished_at.is_not(None),
            refresh.items.is_(None),
        )
        .correlate(ConnectionTable)
        .scalar_subquery()
    )
    columns = (ConnectionTable.name, refresh.id, refresh.finished_at, refresh.outcome, refresh.error_message)
    statement = sa.select(*columns).join(refresh, refresh.id == ended).where(ConnectionTable.active)
    return {
        name: Standing(refresh=number, at=at, outcome=outcome, error=error)
        for name, number, at, outcome, error in db.execute(statement)
        if at is not None and outcome is not None
    }


def events_of(
    difference: Mapping[str, list[Any]], *, restored: bool
) -> Iterator[tuple[HistoryEvent, dict[str, list[Any]]]]:
    """A difference told as events, each value in exactly one of them."""
    rest = dict(difference)
    trailer = _take_trailer(rest)
    monitored = _take_monitored(rest)
    if restored:
        yield HistoryEvent.RESTORED, rest
    elif rest:
        yield HistoryEvent.UPDATED, rest
    yield from trailer
    yield from monitored


_Events = list[tuple[HistoryEvent, dict[str, list[Any]]]]


def _take_trailer(rest: dict[str, list[Any]]) -> _Events:
    if "present" not in rest.get("trailer", ()):
        return []
    appeared = rest["trailer"][1] == "present"
    event = HistoryEvent.TRAILER_APPEARED if appeared else HistoryEvent.TRAILER_VANISHED
    return [(event, _take(rest, "trailer", "trailer_file"))]


def _take_monitored(rest: dict[str, list[Any]]) -> _Events:
    if "monitored" not in rest:
        return []
    event = HistoryEvent.MONITORED if rest["monitored"][1] else HistoryEvent.UNMONITORED
    told = _take(rest, "monitored", "monitor_reason")
    is_doubted = rest.get("trailer") == [TrailerState.ABSENT, TrailerState.UNKNOWN]
    if is_doubted or "contradicted" in rest:  # it is why, and what it makes of the trailer, too
        told |= _take(rest, "contradicted", "trailer")
    return [(event, told)]


def _take(rest: dict[str, list[Any]], *names: str) -> dict[str, list[Any]]:
    return {name: rest.pop(name) for name in names if name in rest}
