"""The page of the media: which items it shows, in which order, and how many each filter has."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, NamedTuple
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from trailarrd.documents.connections import Connection
from trailarrd.domain.details import ReleaseStatus
from trailarrd.domain.monitoring import MediaStatus, MonitorReason, TrailerState
from trailarrd.domain.search import moment
from trailarrd.store.counts import Tally
from trailarrd.store.filter import MediaFilter, MediaOrder
from trailarrd.store.listing import Found
from trailarrd.store.store import Store
from trailarrd.web.api import connections
from trailarrd.web.api.media import YearsText, items_of, read, years_of
from trailarrd.web.pages.site import Page, go_to, query_of
from trailarrd.web.services import Services

SIZES: Final = (25, 50, 100, 200)
"""Items on a page of the media, as they may be chosen."""
SORTS: Final = (
    MediaOrder.TITLE,
    MediaOrder.TITLE_DOWN,
    MediaOrder.YEAR_DOWN,
    MediaOrder.YEAR,
    MediaOrder.ADDED_DOWN,
    MediaOrder.ADDED,
    MediaOrder.FIRST_SEEN,
    MediaOrder.LAST_CHANGED,
    MediaOrder.CHANGED,
    MediaOrder.ID,
)
"""As they are offered."""
COLUMNS: Final = (
    ("title", (MediaOrder.TITLE, MediaOrder.TITLE_DOWN)),
    ("trailer", ()),
    ("monitored", ()),
    ("status", ()),
    ("changed", (MediaOrder.LAST_CHANGED, MediaOrder.CHANGED)),
    ("choice", ()),
)
"""Of the table, each with the orders that its head goes to: the first, and when that is so the other."""
_FARTHEST: Final = 1_000_000
_LETTERS: Final = 60
"""To jump to: some alphabets have thousands."""


class Wanted(StrEnum):
    YES = "yes"
    NO = "no"


Short = Annotated[str, msgspec.Meta(max_length=200)]


class MediaQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the form says; what is left out does not matter."""

    q: Annotated[str, msgspec.Meta(max_length=200)] = ""
    connection: str | None = None
    trailer: TrailerState | None = None
    monitored: Wanted | None = None
    reason: MonitorReason | None = None
    status: MediaStatus | None = None
    held: Wanted | None = None
    vanishing: Wanted | None = None
    contradicted: Wanted | None = None
    quarantined: Wanted | None = None
    has_file: Wanted | None = None
    tag: Short | None = None
    genre: Short | None = None
    language: Short | None = None
    release: ReleaseStatus | None = None
    kind: Short | None = None
    years: YearsText | None = None
    added_since: Short | None = None
    changed_since: Short | None = None
    sort: MediaOrder = MediaOrder.TITLE
    size: Annotated[int, msgspec.Meta(ge=1, le=max(SIZES))] = 50
    page: Annotated[int, msgspec.Meta(ge=1, le=_FARTHEST)] = 1
    letter: Annotated[str, msgspec.Meta(max_length=1)] | None = None
    """Where to go to; `#`: to what begins with none."""

    def filter(self) -> MediaFilter:
        return MediaFilter(
            text=self.q or None,
            connection=self.connection,
            trailer=self.trailer,
            monitored=_truth(self.monitored),
            reason=self.reason,
            status=self.status,
            held=_truth(self.held),
            vanishing=_truth(self.vanishing),
            contradicted=_truth(self.contradicted),
            quarantined=_truth(self.quarantined),
            has_file=_truth(self.has_file),
            tag=self.tag,
            genre=self.genre,
            language=self.language,
            release=self.release,
            kind=self.kind,
            years=years_of(self.years),
            added_since=read("added_since", self.added_since, moment),
            changed_since=read("changed_since", self.changed_since, moment),
        )

    def link(self, page: int) -> str:
        """The query of another page of the same."""
        return self.but(page=page)

    def but(self, **others: object) -> str:
        """The query of the first page of the same, but for these; None leaves something out."""
        said = {**msgspec.to_builtins(self), "page": None, "letter": None, **others}
        return urlencode({name: value for name, value in said.items() if value is not None})

    @property
    def is_narrow(self) -> bool:
        return self.filter() != MediaFilter()


class Chip(NamedTuple):
    """A filter that one press sets, or takes away."""

    name: str
    items: int
    query: str
    is_set: bool


def _chips(query: MediaQuery, known: Sequence[Connection], tally: Tally) -> Iterator[Chip]:
    """With how many items each has, of the connection that is chosen."""
    chosen = [one for one in known if query.connection in (None, one.connection)]
    names = {one.connection for one in chosen}

    def counted(what: TrailerState | MediaStatus) -> int:
        return sum(count for (name, which), count in tally.items() if name in names and which is what)

    for name, count, field, value in (
        ("present", sum(one.with_trailer for one in chosen), "trailer", TrailerState.PRESENT),
        ("wanted", sum(one.monitored for one in chosen), "monitored", Wanted.YES),
        ("unknown", counted(TrailerState.UNKNOWN), "trailer", TrailerState.UNKNOWN),
        ("downloading", counted(MediaStatus.DOWNLOADING), "status", MediaStatus.DOWNLOADING),
        ("held", sum(one.held for one in chosen), "held", Wanted.YES),
        ("vanishing", sum(one.vanishing for one in chosen), "vanishing", Wanted.YES),
    ):
        is_set = getattr(query, field) == value
        if count or is_set:
            yield Chip(name, count, query.but(**{field: None if is_set else value.value}), is_set)


async def media(services: Services, request: web.Request) -> Page | web.Response:
    query, now, store = query_of(request, MediaQuery), services.clock(), services.store
    if query.letter is not None:
        return await _jump(services, request, query, query.letter)
    page = query.page
    total, rows = await _found(store, query, page, now)
    pages = max(1, -(-total // query.size))
    if page > pages:
        page = pages
        total, rows = await _found(store, query, page, now)
    known = await connections.every(services)
    content = {
        "tab": "media",
        "query": query,
        "items": items_of(services, rows, now),
        "found": total,
        "first": query.size * (page - 1) + 1,
        "page": page,
        "pages": pages,
        "connections": [one.connection for one in known],
        "chips": list(_chips(query, known, await store.tally(now))),
        "letters": await _letters(store, query) if pages > 1 else [],
        "sorts": SORTS,
        "columns": COLUMNS,
        "has_downloads": services.desk() is not None,
        "sizes": SIZES,
        "options": {
            "kind": sorted({one.kind for one in known}),
            "trailer": TrailerState,
            "monitored": Wanted,
            "reason": MonitorReason,
            "status": MediaStatus,
            "release": ReleaseStatus,
        },
    }
    return Page("media.html", content)


async def _jump(services: Services, request: web.Request, query: MediaQuery, letter: str) -> web.Response:
    """To the page on which a letter begins, and there to the first item that has it."""
    is_backwards = query.sort.is_backwards
    if letter == "#":  # what is no letter comes before all of them
        letter = "9" if is_backwards else ""
    before, first = await services.store.beginning(
        query.filter(), letter, is_backwards=is_backwards, now=services.clock()
    )
    place = f"#open-{first}" if first else ""
    return go_to(f"{request.path}?{query.link(before // query.size + 1)}{place}")


async def _letters(store: Store, query: MediaQuery) -> list[str]:
    """Those that titles begin with, if they go by title; what is no letter comes first, or last, as one."""
    if query.sort.key != "title":
        return []
    known = await store.letters()
    found = [one for one in known if one.isalpha()][:_LETTERS]
    found = ["#"] * (len(found) < len(known)) + found
    return found[::-1] if query.sort.is_backwards else found


async def _found(store: Store, query: MediaQuery, page: int, now: datetime) -> Found:
    skip = query.size * (page - 1)
    return await store.found(query.filter(), order=query.sort, limit=query.size, skip=skip, now=now)


def _truth(wanted: Wanted | None) -> bool | None:
    return None if wanted is None else wanted is Wanted.YES
