"""What is not as it should be: what is so now, and what the doctor found."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from trailarrd.web.pages.site import Page

if TYPE_CHECKING:
    from aiohttp import web

    from trailarrd.web.health import HealthService
    from trailarrd.web.services import Services


async def gather(service: HealthService, services: Services, _request: web.Request) -> Page:
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
