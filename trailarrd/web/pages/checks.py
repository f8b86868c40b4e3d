"""What is not as it should be: the vitals of now, and what the doctor found."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from trailarrd.web.pages.site import Page

if TYPE_CHECKING:
    from aiohttp import web

    from trailarrd.web.checkup import Checkup
    from trailarrd.web.services import Services


async def gather(checkup: Checkup, services: Services, _request: web.Request) -> Page:
    """What the page shows."""
    examination = services.examined()
    areas = groupby(examination.findings, key=lambda finding: finding.area)
    content = {
        "title": "Checks",
        "tab": "checks",
        "vitals": await checkup.vitals(anew=True),
        "examined_at": examination.at,
        "areas": [(area, list(findings)) for area, findings in areas],
        "plugins": services.plugins,
        "quarantine": await services.store.quarantine(),
    }
    return Page("checks.html", content)
