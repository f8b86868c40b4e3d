"""`/checks`: what the doctor finds."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from trailarrd.doctor.codes import Code, Level
from trailarrd.web.api.moments import to_second
from trailarrd.web.route import change, get
from trailarrd.web.services import Services

if TYPE_CHECKING:
    from trailarrd.web.services import Examination


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at, with the fields of `trailarrd check --json`."""

    level: Level
    code: Code
    area: str
    fact: str
    meaning: str
    advice: str | None
    paste: str | None


class Checks(msgspec.Struct, frozen=True, kw_only=True):
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
    return Checks(
        at=to_second(examination.at),
        items=[
            Finding(
                level=finding.level,
                code=finding.code,
                area=finding.area,
                fact=finding.fact,
                meaning=finding.meaning,
                advice=finding.advice or None,
                paste=finding.paste,
            )
            for finding in examination.findings
        ],
    )


ROUTES = (checks, check_now)
