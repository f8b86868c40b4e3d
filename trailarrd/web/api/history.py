"""`/history`: what happened to items."""

from trailarrd.documents.media import Event, Events
from trailarrd.domain.history import HistoryEvent
from trailarrd.web.api import connections
from trailarrd.web.route import Id, Paged, Text, cut, get
from trailarrd.web.services import Services


class HistoryQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events; what is left out does not matter."""

    connection: Text | None = None
    id: Id | None = None
    event: HistoryEvent | None = None


@get("/history", errors={404})
async def history(services: Services, *, query: HistoryQuery) -> Events:
    """Events, newest first; one outlives the item that it tells of."""
    rows = await services.store.history(
        limit=query.limit + 1,
        connection=query.connection,
        media_id=query.id,
        event=query.event,
        before=query.cursor,
    )
    if not rows and query.cursor is None:  # of a connection that was forgotten the history may be there still
        await connections.must_be_known(services, query.connection)
    shown, following = cut(rows, query.limit)
    total = await services.store.count_events(
        connection=query.connection, media_id=query.id, event=query.event
    )
    return Events(items=[Event.of(row) for row in shown], next_cursor=following, total=total)
