"""`/refreshes`: those that were, and one that somebody waits for."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from trailarrd.domain.report import Outcome
from trailarrd.web.api.connections import Name, Root, Trouble, trouble
from trailarrd.web.api.moments import to_second
from trailarrd.web.api.page import Paged, Text, cut
from trailarrd.web.problem import ProblemError
from trailarrd.web.route import change, get
from trailarrd.web.services import Services

if TYPE_CHECKING:
    from trailarrd.store import RefreshRow

Names = Annotated[list[Name], msgspec.Meta(max_length=1000)]


class Refresh(msgspec.Struct, frozen=True, kw_only=True):
    """One refresh; its counts are null before its end and if it failed."""

    id: int
    connection: str
    started: datetime
    finished: datetime | None
    outcome: Outcome | None
    fetched: int | None
    added: int | None
    updated: int | None
    unchanged: int | None
    removed: int | None
    restored: int | None
    held: int | None
    quarantined: int | None
    monitored: int | None
    error: Trouble | None


class Refreshes(msgspec.Struct, frozen=True, kw_only=True):
    """A page of refreshes."""

    items: list[Refresh]
    next_cursor: int | None


class RefreshQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which refreshes; what is left out does not matter."""

    connection: Text | None = None
    outcome: Outcome | None = None


class RefreshRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which connections to refresh; none: all."""

    connections: Names = []


class TrailerCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What the disk showed."""

    present: int
    absent: int
    unknown: int


class DoubtedRoot(Root, frozen=True, kw_only=True):
    """A root folder that was not believed, and how many items that left as they were."""

    items: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A refresh that has ended, with the fields of `trailarrd refresh --json`."""

    connection: str
    provider: str
    outcome: Outcome
    fetched: int
    added: int
    updated: int
    unchanged: int
    removed: int
    restored: int
    held: int
    quarantined: int
    trailers: TrailerCounts
    monitored: int
    duration_s: float
    error: Trouble | None
    roots: list[DoubtedRoot]


class Reports(msgspec.Struct, frozen=True, kw_only=True):
    """One report for each connection, in the order of trailarrd.yaml."""

    refreshes: list[Report]


@get("/refreshes")
async def refreshes(services: Services, *, query: RefreshQuery) -> Refreshes:
    """Refreshes, newest first."""
    rows = await services.store.refreshes(
        limit=query.limit + 1, connection=query.connection, outcome=query.outcome, before=query.cursor
    )
    shown, following = cut(rows, query.limit)
    return Refreshes(items=[_shown(row) for row in shown], next_cursor=following)


@change("POST", "/refreshes", errors={404, 409})
async def refresh_now(services: Services, *, body: RefreshRequest) -> Reports:
    """Refresh these connections side by side, and answer when all have ended."""
    pollers = services.pollers()
    for name in body.connections:
        if name not in pollers:
            raise ProblemError(404, f"no connection {name!r}; configured are: {', '.join(pollers)}")
    chosen = [poller for name, poller in pollers.items() if not body.connections or name in body.connections]
    reports = await asyncio.gather(*(poller.request() for poller in chosen))
    return Reports(refreshes=[msgspec.convert(report, Report, from_attributes=True) for report in reports])


def _shown(row: RefreshRow) -> Refresh:
    counts: dict[str, Any] = {name: getattr(row, name) for name in _COUNTS}
    return Refresh(
        id=row.id,
        connection=row.connection,
        started=to_second(row.started_at),
        finished=to_second(row.finished_at),
        outcome=row.outcome,
        error=trouble(row.error_kind, row.error_message),
        **counts,
    )


_COUNTS = (
    *("fetched", "added", "updated", "unchanged", "removed"),
    *("restored", "held", "quarantined", "monitored"),
)

ROUTES = (refreshes, refresh_now)
