"""`/history`: what happened to items."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from trailarrd.domain.history import HistoryEvent
from trailarrd.web.api.moments import to_second
from trailarrd.web.api.page import Id, Paged, Text, cut
from trailarrd.web.route import get
from trailarrd.web.services import Services

if TYPE_CHECKING:
    from trailarrd.store import HistoryRow


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to one item."""

    number: int
    """Counts up; the list's cursor."""
    at: datetime
    connection: str
    id: int
    """The item's."""
    arr_id: int
    title: str
    event: HistoryEvent
    detail: dict[str, Any]
    refresh: int | None


class Events(msgspec.Struct, frozen=True, kw_only=True):
    """A page of events."""

    items: list[Event]
    next_cursor: int | None


class HistoryQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events; what is left out does not matter."""

    connection: Text | None = None
    id: Id | None = None
    event: HistoryEvent | None = None


@get("/history")
async def history(services: Services, *, query: HistoryQuery) -> Events:
    """Events, newest first; one outlives the item that it tells of."""
    rows = await services.store.history(
        limit=query.limit + 1,
        connection=query.connection,
        media_id=query.id,
        event=query.event,
        before=query.cursor,
    )
    shown, following = cut(rows, query.limit)
    return Events(items=[event_of(row) for row in shown], next_cursor=following)


def event_of(row: HistoryRow) -> Event:
    """An event as it is answered."""
    return Event(
        number=row.id,
        at=to_second(row.at),
        connection=row.connection,
        id=row.media_id,
        arr_id=row.arr_id,
        title=row.title,
        event=row.event,
        detail=dict(row.detail),
        refresh=row.refresh_id,
    )


ROUTES = (history,)
