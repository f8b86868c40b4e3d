"""The first page: is all well, the connections, and how the trailers went over time."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from trailarrd.domain.monitoring import MediaStatus, TrailerState
from trailarrd.web.api.connections import every
from trailarrd.web.pages.chart import draw
from trailarrd.web.pages.site import Page

if TYPE_CHECKING:
    from aiohttp import web

    from trailarrd.web.health import HealthService
    from trailarrd.web.services import Services

SPANS: Final = {"7": "Week", "30": "Month", "365": "Year"}
"""Days that the chart may show."""
_NEWEST: Final = 8
"""Events that are shown."""


async def gather(service: HealthService, services: Services, request: web.Request) -> Page:
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
        "connections": await every(services),
        "totals": {
            "all": sum(totals[state] for state in TrailerState),
            "present": totals[TrailerState.PRESENT],
            "wanted": totals[MediaStatus.MONITORED] + totals[MediaStatus.DOWNLOADING],
            "unknown": totals[TrailerState.UNKNOWN],
        },
        "days": days,
        "spans": SPANS,
        "chart": draw(await store.trend(now, timedelta(days=int(days))), now, timedelta(days=int(days))),
        "events": await store.history(limit=_NEWEST),
    }
    return Page("overview.html", content)
