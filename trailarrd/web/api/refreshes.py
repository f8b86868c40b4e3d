"""`/refreshes`: those that were, and one that somebody waits for; `/quarantine`: what they could not read."""

import asyncio
from typing import Annotated

import msgspec

from trailarrd.documents import Document
from trailarrd.documents.refreshes import Record, Refresh, Report, Reports
from trailarrd.domain.report import Outcome
from trailarrd.web.api.connections import Name, must_be_known
from trailarrd.web.problem import ProblemError
from trailarrd.web.route import Paged, Text, change, cut, get
from trailarrd.web.services import Services

Names = Annotated[list[Name], msgspec.Meta(max_length=1000)]


class Refreshes(Document, frozen=True, kw_only=True):
    """A page of refreshes."""

    items: list[Refresh]
    next_cursor: int | None
    total: int


class RefreshQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which refreshes; what is left out does not matter."""

    connection: Text | None = None
    outcome: Outcome | None = None


class RefreshRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which connections to refresh; none: all."""

    connections: Names = []


class Records(Document, frozen=True, kw_only=True):
    """Every such record."""

    items: list[Record]


class QuarantineQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which connection; of all if that is left out."""

    connection: Text | None = None


@get("/refreshes", errors={404})
async def refreshes(services: Services, *, query: RefreshQuery) -> Refreshes:
    """Refreshes, newest first."""
    await must_be_known(services, query.connection)
    rows = await services.store.refreshes(
        limit=query.limit + 1, connection=query.connection, outcome=query.outcome, before=query.cursor
    )
    shown, following = cut(rows, query.limit)
    total = await services.store.count_refreshes(connection=query.connection, outcome=query.outcome)
    return Refreshes(items=[Refresh.of(row) for row in shown], next_cursor=following, total=total)


@change("POST", "/refreshes", errors={404, 409})
async def refresh_now(services: Services, *, body: RefreshRequest) -> Reports:
    """Refresh these connections side by side, and answer when all have ended."""
    pollers = services.pollers()
    for name in body.connections:
        if name not in pollers:
            raise ProblemError(404, f"no connection {name!r}; configured are: {', '.join(pollers)}")
    chosen = [poller for name, poller in pollers.items() if not body.connections or name in body.connections]
    reports = await asyncio.gather(*(poller.request() for poller in chosen))
    return Reports(refreshes=[Report.of(report) for report in reports])


@get("/quarantine", errors={404})
async def quarantine(services: Services, *, query: QuarantineQuery) -> Records:
    """Records that could not be read at the last refresh, and why."""
    await must_be_known(services, query.connection)
    return Records(items=[Record.like(row) for row in await services.store.quarantine(query.connection)])
