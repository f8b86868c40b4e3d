"""What each page shows: the overview, the media, one item, the history, the checks."""

import asyncio
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from trailarrd.documents.apikeys import Key, OpenSession
from trailarrd.documents.config import settings_of
from trailarrd.documents.connections import Connection
from trailarrd.documents.media import Event
from trailarrd.domain.claim import ClaimProgress
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.monitoring import TRUTH_TABLE, TrailerState
from trailarrd.store.listing import MediaRow
from trailarrd.store.trends import TrendPoint
from trailarrd.web.api import connections
from trailarrd.web.api.claims import claims, progress_of
from trailarrd.web.api.media import told_of
from trailarrd.web.api.system import Least, LogQuery, lines_of
from trailarrd.web.authentication import CALLER, Access
from trailarrd.web.health import HealthService
from trailarrd.web.pages import texts
from trailarrd.web.pages.chart import draw, draw_costs
from trailarrd.web.pages.downloads import Shown, again
from trailarrd.web.pages.links import Link, links_of
from trailarrd.web.pages.pictures import playable
from trailarrd.web.pages.site import Page, item_id, query_of
from trailarrd.web.problem import ProblemError
from trailarrd.web.route import Cursor
from trailarrd.web.services import Services

NEWEST: Final = 8
"""Events on the overview."""
SPANS: Final = ("7", "30", "365", "all")
"""Days that the charts may show."""
EVENTS: Final = 100
"""On a page of the history."""


async def overview(service: HealthService, services: Services, request: web.Request) -> Page:
    now, store, shown = services.clock(), services.store, await connections.every(services)
    days = request.query.get("days", "30")
    days = days if days in SPANS else "30"
    span = await _span(services, days, now)
    of = next((one.connection for one in shown if one.connection == request.query.get("of")), None)
    totals = await _totals(services, shown, now)
    charted = await _totals(services, [one for one in shown if of in (None, one.connection)], now)
    points = await store.trend(now, span, of)
    if points:  # ends with the numbers that stand above it
        points.append(TrendPoint(now, charted["present"], charted["wanted"], charted["unknown"]))
    content = {
        "tab": "overview",
        "health": await service.health(anew=True),
        "connections": shown,
        "totals": totals,
        "days": days,
        "can_add": services.detector is not None,
        "spans": SPANS,
        "of": of,
        "chart": draw(points, now, span),
        "costs": draw_costs(await store.costs(now, span, of), now, span),
        "events": await store.history(limit=NEWEST),
    }
    return Page("overview.html", content)


async def _span(services: Services, days: str, now: datetime) -> timedelta:
    """Of that name; all of it begins with the first refresh that is kept."""
    if days != "all":
        return timedelta(days=int(days))
    first = await services.store.first_reading()
    return max(timedelta(hours=1), now - first if first else timedelta())


async def _totals(services: Services, shown: Sequence[Connection], now: datetime) -> dict[str, int]:
    """The sums of what these connections show, and how many are unknown."""
    tally, names = await services.store.tally(now), {one.connection for one in shown}
    return {
        "all": sum(one.items for one in shown),
        "present": sum(one.with_trailer for one in shown),
        "wanted": sum(one.monitored for one in shown),
        "unknown": sum(
            count for (name, what), count in tally.items() if name in names and what is TrailerState.UNKNOWN
        ),
    }


async def item(services: Services, request: web.Request) -> Page:
    number = item_id(request)
    row = await _find(services, number)
    if row is None:
        return await _gone(services, number)
    told = await told_of(services, row)
    content = {
        "title": row.title,
        "tab": "media",
        "item": told.item,
        "row": row,
        "told": told,
        "table": TRUTH_TABLE,
        "download": told.download and Shown.of(told.download),
        "again": told.download and again([told.download], services.clock()),
        "progress": await _progress(services, row),
        "links": _links(services, row),
        "can_watch": row.trailer is TrailerState.PRESENT and playable(services, row) is not None,
    }
    return Page("item.html", content)


def _links(services: Services, row: MediaRow) -> list[Link]:
    patterns = next(
        (one.links for plugin in services.plugins for one in plugin.providers if one.name == row.provider), {}
    )
    urls = {one.name: one.external_url or one.url for one in services.settings().connections}
    known = {**row.external_ids, "slug": row.details.slug, "url": urls.get(row.connection)}
    return list(links_of(patterns, known, row.youtube_trailer_id))


async def _progress(services: Services, row: MediaRow) -> ClaimProgress | None:
    """What whoever claims it said last of how far it is."""
    told = (await progress_of(services)).get(row.id) if row.claimed_by else None
    return told if told and told.owner == row.claimed_by else None


async def _find(services: Services, number: int) -> MediaRow | None:
    """The item with that id, also if it is marked as removed."""
    rows = await services.store.matching(str(number))
    return next((row for row in rows if row.id == number), None)


async def _gone(services: Services, number: int) -> Page:
    """What is left of an item that is no longer kept; a problem if there was none."""
    events = await services.store.history(limit=EVENTS, media_id=number)
    if not events:
        raise ProblemError(404, texts.plain("error.no-item", id=str(number)))
    told = [Event.of(event) for event in events]
    return Page("gone.html", {"title": events[0].title, "tab": "media", "events": told})


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
        "tab": "history",
        "query": query,
        "events": shown,
        "older": urlencode(older) if older else None,
        "connections": [row.name for row in await store.connections()],
        "options": HistoryEvent,
    }
    return Page("history.html", content)


REFRESHES: Final = 25
"""On the page of the system."""


class SystemQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines of the log."""

    level: Least = Least.DEBUG
    q: Annotated[str, msgspec.Meta(max_length=200)] = ""


async def system(service: HealthService, services: Services, request: web.Request) -> Page:
    query, examination, store = query_of(request, SystemQuery), services.examined(), services.store
    areas = groupby(examination.findings, key=lambda finding: finding.area)
    names = {key.digest: key.name for key in await store.api_keys()}
    may_see_keys = request[CALLER].access >= Access.WRITE
    content = {
        "tab": "system",
        "health": await service.health(anew=True),
        "examined_at": examination.at,
        "areas": [(area, list(findings)) for area, findings in areas],
        "services": services.running(),
        "query": query,
        "levels": Least,
        "log": lines_of(services, LogQuery(level=query.level, q=query.q)),
        "plugins": services.plugins,
        "quarantine": await store.quarantine(),
        "refreshes": await store.refreshes(limit=REFRESHES),
        "settings": settings_of(services.settings()),
        "keys": [Key.of(key) for key in await store.api_keys()] if may_see_keys else [],
        "sessions": [OpenSession.of(one, names) for one in await store.sessions()] if may_see_keys else [],
        "claims": (await claims.function(services)).items,
        "database": store.name,
        "free": await asyncio.to_thread(_free, store.folder),
    }
    return Page("system.html", content)


def _free(folder: Path | None) -> int | None:
    """MiB that are left where the database lies."""
    try:
        return shutil.disk_usage(folder).free // 2**20 if folder else None
    except OSError:
        return None
