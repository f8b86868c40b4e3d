"""`/media`: items, why one is in its state, and the user's own choice for them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec

from trailarrd.doctor import Explainer
from trailarrd.documents import Document
from trailarrd.documents.media import IntentsResult, Item, Told
from trailarrd.domain.details import ReleaseStatus
from trailarrd.domain.monitoring import MediaStatus, MonitorReason, TrailerState
from trailarrd.domain.search import moment
from trailarrd.domain.trailers import STANDARD
from trailarrd.domain.want import Years
from trailarrd.store.filter import MediaFilter, MediaOrder
from trailarrd.store.listing import MediaRow
from trailarrd.web.api import connections
from trailarrd.web.authentication import Caller
from trailarrd.web.problem import Mistake, ProblemError
from trailarrd.web.route import Id, Paged, Text, Words, change, cut, get
from trailarrd.web.services import Poller, Services

T = TypeVar("T")
Ids = Annotated[list[Id], msgspec.Meta(min_length=1, max_length=10_000)]


class Items(Document, frozen=True, kw_only=True):
    """A page of items."""

    items: list[Item]
    next_cursor: int | None
    total: int


YearsText = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^([0-9]{4}(-([0-9]{4})?)?|-[0-9]{4})$",
        description="`1999`, `1990-`, `-1980` or `1990-1999`",
    ),
]
Since = Annotated[
    str,
    msgspec.Meta(max_length=40, description="a day or a time", extra_json_schema={"format": "date"}),
]


class MediaQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which items, and in which order; what is left out does not matter."""

    q: Words | None = None
    connection: Text | None = None
    kind: Text | None = None
    trailer: TrailerState | None = None
    monitored: bool | None = None
    reason: MonitorReason | None = None
    status: MediaStatus | None = None
    held: bool | None = None
    vanishing: bool | None = None
    contradicted: bool | None = None
    quarantined: bool | None = None
    has_file: bool | None = None
    tag: Words | None = None
    genre: Words | None = None
    language: Words | None = None
    release: ReleaseStatus | None = None
    years: YearsText | None = None
    added_since: Since | None = None
    changed_since: Since | None = None
    sort: MediaOrder = MediaOrder.ID


class Intent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The user's own yes or no; null drops it, so that the mode decides again."""

    intent: bool | None


class Intents(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same for many items at once."""

    ids: Ids
    intent: bool | None


@get("/media", errors={404})
async def media(services: Services, *, query: MediaQuery) -> Items:
    """The items that fit, as the last refresh left them."""
    now = services.clock()
    await connections.must_be_known(services, query.connection)
    found = await services.store.found(
        which(query), order=query.sort, limit=query.limit + 1, after=query.cursor or 0, now=now
    )
    shown, following = cut(found.rows, query.limit)
    return Items(items=items_of(services, shown, now), next_cursor=following, total=found.total)


@get("/media/{media_id}")
async def media_item(services: Services, *, media_id: Id) -> Item:
    """One item."""
    return await _item(services, media_id)


@change("PUT", "/media/{media_id}/intent")
async def set_intent(services: Services, *, media_id: Id, body: Intent, caller: Caller) -> Item:
    """Want a trailer for this item or not, whatever the mode says; it takes effect at once."""
    store, now = services.store, services.clock()
    await store.set_intent([media_id], intent=body.intent, at=now, by=caller.told)
    return await _item(services, media_id)


@change("POST", "/intents", tag="media")
async def set_intents(services: Services, *, body: Intents, caller: Caller) -> IntentsResult:
    """The same for many items; those that do not exist stop no other."""
    store, now = services.store, services.clock()
    result = await store.set_intent(body.ids, intent=body.intent, at=now, by=caller.told)
    return IntentsResult.like(result)


@change("POST", "/media/{media_id}/look", errors={404, 409})
async def look(services: Services, *, media_id: Id) -> Item:
    """Look at its folder now; its server is not asked."""
    row = await find(services, media_id)
    await _poller(services, row).look_again([row.arr_id])
    return await _item(services, media_id)


@change("POST", "/media/{media_id}/refresh", errors={404, 409})
async def refresh_item(services: Services, *, media_id: Id) -> Item:
    """Ask its server for this item alone, and look at its folder."""
    row = await find(services, media_id)
    await _poller(services, row).revisit([row.arr_id])
    return await _item(services, media_id)


def _poller(services: Services, row: MediaRow) -> Poller:
    poller = services.pollers().get(row.connection)
    if poller is None:
        raise ProblemError(409, f"connection {row.connection!r} is not configured any more")
    return poller


@get("/media/{media_id}/explain", tag="explain")
async def explain(services: Services, *, media_id: Id) -> Told:
    """Why it is in the state that it is in: what is stored, what the disk shows now, what would change it."""
    return await told_of(services, await find(services, media_id))


async def told_of(services: Services, item: MediaRow) -> Told:
    settings = services.settings()
    mappings = [one.connection().path_mappings for one in settings.connections if one.name == item.connection]
    explainer = Explainer(
        store=services.store,
        mappings=mappings[0] if mappings else (),
        rules=services.rules.get(item.provider, STANDARD),
        times=settings.disk.times(),
        deadline=settings.disk.timeout.total_seconds(),
    )
    connection = await connections.find(services, item.connection)
    told = await explainer.explain(item, connection, services.clock())
    if (desk := services.desk()) is None:
        return told
    return msgspec.structs.replace(told, download=next(iter(await desk.some([item.id])), None))


def items_of(services: Services, rows: Iterable[MediaRow], now: datetime) -> list[Item]:
    rules = services.rules
    return [Item.of(row, now, rules.get(row.provider, STANDARD)) for row in rows]


async def _item(services: Services, media_id: int) -> Item:
    (item,) = items_of(services, [await find(services, media_id)], services.clock())
    return item


async def find(services: Services, media_id: int) -> MediaRow:
    """The item with that id; a problem if there is none."""
    async for page in services.store.media(MediaFilter(ids=[media_id]), now=services.clock()):
        for row in page:
            return row
    raise ProblemError(404, f"no item has the id {media_id}")


def which(query: MediaQuery) -> MediaFilter:
    return MediaFilter(
        text=query.q,
        connection=query.connection,
        kind=query.kind,
        trailer=query.trailer,
        monitored=query.monitored,
        reason=query.reason,
        status=query.status,
        held=query.held,
        vanishing=query.vanishing,
        contradicted=query.contradicted,
        quarantined=query.quarantined,
        has_file=query.has_file,
        tag=query.tag,
        genre=query.genre,
        language=query.language,
        release=query.release,
        years=years_of(query.years),
        added_since=read("added_since", query.added_since, moment),
        changed_since=read("changed_since", query.changed_since, moment),
    )


def years_of(told: str | None) -> Years | None:
    """A range that ends before it begins has no year in it."""
    if told is None:
        return None
    try:
        return Years.parse(told)
    except ValueError:
        first, _, last = told.partition("-")
        return Years(int(first or 0), int(last or first))


def read(name: str, told: str | None, reader: Callable[[str], T]) -> T | None:
    """What a parameter of that name says; raises `ProblemError` if it says nothing."""
    try:
        return None if told is None else reader(told)
    except ValueError:
        mistake = Mistake(where=f"query.{name}", message=f"{told!r} cannot be read")
        raise ProblemError(422, f"query.{name}: {told!r} cannot be read", mistakes=[mistake]) from None
