"""What each page shows: the overview, the media, one item, the history, the checks."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlencode

import msgspec

from trailarrd.documents.media import Item
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.monitoring import TRUTH_TABLE, MediaStatus, MonitorReason, TrailerState
from trailarrd.store.listing import MediaFilter, MediaOrder
from trailarrd.web.api import connections
from trailarrd.web.api.media import find, told_of
from trailarrd.web.pages.chart import draw
from trailarrd.web.pages.site import Page, query_of
from trailarrd.web.problem import ProblemError
from trailarrd.web.route import LARGEST_ID, Cursor

if TYPE_CHECKING:
    from aiohttp import web

    from trailarrd.web.health import HealthService
    from trailarrd.web.services import Services

SPANS: Final = {"7": "Week", "30": "Month", "365": "Year"}
"""Days that the chart may show."""
NEWEST: Final = 8
"""Events on the overview."""
EVENTS: Final = 100
"""On a page of the history."""
ITEMS: Final = 50
"""On a page of the media."""
_FARTHEST: Final = 1_000_000


async def overview(service: HealthService, services: Services, request: web.Request) -> Page:
    days = request.query.get("days", "30")
    days = days if days in SPANS else "30"
    now, store = services.clock(), services.store
    totals: Counter[str] = Counter()
    for (_, what), count in (await store.tally(now)).items():
        totals[what] += count
    content = {
        "title": "Overview",
        "tab": "overview",
        "health": await service.health(anew=True),
        "connections": await connections.every(services),
        "totals": {
            "all": sum(totals[state] for state in TrailerState),
            "present": totals[TrailerState.PRESENT],
            "wanted": totals[MediaStatus.MONITORED] + totals[MediaStatus.DOWNLOADING],
            "unknown": totals[TrailerState.UNKNOWN],
        },
        "days": days,
        "spans": SPANS,
        "chart": draw(await store.trend(now, timedelta(days=int(days))), now, timedelta(days=int(days))),
        "events": await store.history(limit=NEWEST),
    }
    return Page("overview.html", content)


class Wanted(StrEnum):
    YES = "yes"
    NO = "no"


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
    sort: MediaOrder = MediaOrder.TITLE
    page: Annotated[int, msgspec.Meta(ge=1, le=_FARTHEST)] = 1

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
        )

    def link(self, page: int) -> str:
        """The query of another page of the same."""
        return urlencode({**msgspec.to_builtins(self), "page": page})

    @property
    def is_narrow(self) -> bool:
        return self.filter() != MediaFilter()


SORTS: Final = {
    MediaOrder.TITLE: "Title",
    MediaOrder.FIRST_SEEN: "Newest first",
    MediaOrder.LAST_CHANGED: "Last changed first",
    MediaOrder.ID: "Id",
}


async def media(services: Services, request: web.Request) -> Page:
    query, now, store = query_of(request, MediaQuery), services.clock(), services.store
    found = await store.count(query.filter(), now=now)
    pages = max(1, -(-found // ITEMS))
    page = min(query.page, pages)
    rows = await store.select(query.filter(), order=query.sort, limit=ITEMS, skip=ITEMS * (page - 1), now=now)
    content = {
        "title": "Media",
        "tab": "media",
        "query": query,
        "items": [Item.of(row, now) for row in rows],
        "found": found,
        "first": ITEMS * (page - 1) + 1,
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


async def item(services: Services, request: web.Request) -> Page:
    row = await find(services, _id(request))
    told = await told_of(services, row)
    content = {
        "title": row.title,
        "tab": "media",
        "item": told.item,
        "row": row,
        "told": told,
        "table": TRUTH_TABLE,
    }
    return Page("item.html", content)


def _id(request: web.Request) -> int:
    text = request.match_info["media_id"][:20]
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= LARGEST_ID):
        raise ProblemError(404, f"no item has the id {text}")
    return int(text)


class HistoryQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the form says; what is left out does not matter."""

    connection: str | None = None
    event: HistoryEvent | None = None
    before: Cursor | None = None


async def history(services: Services, request: web.Request) -> Page:
    query, store = query_of(request, HistoryQuery), services.store
    events = await store.history(
        limit=EVENTS + 1, connection=query.connection, event=query.event, before=query.before
    )
    shown = events[:EVENTS]
    older = {**msgspec.to_builtins(query), "before": shown[-1].id} if len(events) > EVENTS else None
    content = {
        "title": "History",
        "tab": "history",
        "query": query,
        "events": shown,
        "older": urlencode(older) if older else None,
        "connections": [row.name for row in await store.connections()],
        "options": HistoryEvent,
    }
    return Page("history.html", content)


async def checks(service: HealthService, services: Services, _request: web.Request) -> Page:
    examination = services.examined()
    areas = groupby(examination.findings, key=lambda finding: finding.area)
    content = {
        "title": "Checks",
        "tab": "checks",
        "health": await service.health(anew=True),
        "examined_at": examination.at,
        "areas": [(area, list(findings)) for area, findings in areas],
        "plugins": services.plugins,
        "quarantine": await services.store.quarantine(),
    }
    return Page("checks.html", content)
