"""The table of items."""

from enum import StrEnum
from typing import Annotated, Final
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from trailarrd.documents.media import Item
from trailarrd.domain.monitoring import MediaStatus, MonitorReason, TrailerState
from trailarrd.store.listing import MediaFilter, MediaOrder
from trailarrd.web.pages.site import Page, query_of
from trailarrd.web.services import Services

PAGE: Final = 50
"""Items on a page."""
_FARTHEST: Final = 1_000_000


class Wanted(StrEnum):
    """Of a select."""

    YES = "yes"
    NO = "no"


class Query(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the form says; what is left out does not matter."""

    q: Annotated[str, msgspec.Meta(max_length=200)] = ""
    connection: str | None = None
    trailer: TrailerState | None = None
    monitored: Wanted | None = None
    reason: MonitorReason | None = None
    status: MediaStatus | None = None
    held: Wanted | None = None
    sort: MediaOrder = MediaOrder.TITLE
    page: Annotated[int, msgspec.Meta(ge=1, le=_FARTHEST)] = 1

    def filter(self) -> MediaFilter:
        """The same in the store's words."""
        return MediaFilter(
            text=self.q or None,
            connection=self.connection,
            trailer=self.trailer,
            monitored=_truth(self.monitored),
            reason=self.reason,
            status=self.status,
            held=_truth(self.held),
        )

    def link(self, page: int) -> str:
        """The query of another page of the same."""
        return urlencode({**msgspec.to_builtins(self), "page": page})

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return self.filter() != MediaFilter()


SORTS: Final = {
    MediaOrder.TITLE: "Title",
    MediaOrder.FIRST_SEEN: "Newest first",
    MediaOrder.LAST_CHANGED: "Last changed first",
    MediaOrder.ID: "Id",
}


async def gather(services: Services, request: web.Request) -> Page:
    query, now, store = query_of(request, Query), services.clock(), services.store
    found = await store.count(query.filter(), now=now)
    pages = max(1, -(-found // PAGE))
    page = min(query.page, pages)
    rows = await store.select(query.filter(), order=query.sort, limit=PAGE, skip=PAGE * (page - 1), now=now)
    content = {
        "title": "Media",
        "tab": "media",
        "query": query,
        "items": [Item.of(row, now) for row in rows],
        "found": found,
        "first": PAGE * (page - 1) + 1,
        "page": page,
        "pages": pages,
        "connections": [row.name for row in await store.connections()],
        "sorts": SORTS,
        "options": {
            "trailer": TrailerState,
            "monitored": Wanted,
            "reason": MonitorReason,
            "status": MediaStatus,
        },
    }
    return Page("media.html", content)


def _truth(wanted: Wanted | None) -> bool | None:
    return None if wanted is None else wanted is Wanted.YES
