"""`/checks`: what the doctor finds."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from trailarrd.documents import Document, to_second
from trailarrd.documents.checks import Finding
from trailarrd.web.route import change, get
from trailarrd.web.services import Services

if TYPE_CHECKING:
    from trailarrd.web.services import Examination


class Checks(Document, frozen=True, kw_only=True):
    """What an examination found; `at` is null before the first one has ended."""

    at: datetime | None
    items: list[Finding]


@get("/checks")
async def checks(services: Services) -> Checks:
    """What the last examination found: there is one at the start, after each reload, and on request."""
    return _shown(services.examined())


@change("POST", "/checks")
async def check_now(services: Services) -> Checks:
    """Examine everything now: asks every Arr server and looks at every root folder."""
    return _shown(await services.examine())


def _shown(examination: Examination) -> Checks:
    return Checks(at=to_second(examination.at), items=list(examination.findings))


ROUTES = (checks, check_now)
