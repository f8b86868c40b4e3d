"""The page of the downloads: what is on its way, what waits and why, and what came home."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final, NamedTuple
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from trailarrd.documents.downloads import DownloadItem, DownloadList
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.waiting import Why
from trailarrd.web.pages import texts
from trailarrd.web.pages.site import Page, query_of
from trailarrd.web.problem import ProblemError
from trailarrd.web.services import Desk, Services

_SIZE: Final = 50
"""Items on a page of the queue."""
_CAME: Final = 8
"""Trailers that came last."""
_FARTHEST: Final = 100_000
_GLANCE: Final = timedelta(seconds=5)
"""After which what waits is looked at again: no event tells what somebody else asks of it."""
_WHEN_DUE: Final = {Why.TURN, Why.TOO_NEW, Why.BACK_OFF, Why.HOURS, Why.QUOTA, Why.PAUSE}
"""What waits for nothing but its time."""
_AT_WALLS: Final = {Why.ROOT, Why.WORK, Why.DOWNLOADER, Why.BLOCKED, Why.QUIET}
"""What no hurry gets round."""
_IF_ASKED: Final = {Why.PREVIEW, Why.NOT_WANTED, Why.OFF}
"""What comes if the user says so."""
_NEVER: Final = {Why.NO_FILE, Why.NO_FOLDER, Why.CONTRADICTED, Why.VANISHING, Why.HELD, Why.CLAIMED}
"""What no address helps."""


_WHYS: Final = {why.value: why for why in Why}


class Shown(NamedTuple):
    """A download as a reader wants it, and what he may do about it."""

    item: DownloadItem
    told: str | None
    """Why it is not downloaded now, in words of this page."""
    acts: Sequence[str]
    """Of `now`, `ask`, `stop`, `retry`, `delete`."""
    takes_address: bool

    @classmethod
    def of(cls, item: DownloadItem) -> Shown:
        why, told = _WHYS.get(item.why or ""), item.told
        if told and why and texts.has(here := f"waits-here.{why}"):
            told = told.replace(why.sentence, texts.plain(here))
        is_foreign = why is Why.HAS_TRAILER and item.state != "placed"
        return cls(item, told, _acts(item, why), why not in _NEVER and not is_foreign)


def _acts(item: DownloadItem, why: Why | None) -> Sequence[str]:
    match item.state:
        case "downloading" | "next":
            return ("stop",)
        case "placed":
            return ("delete",)
        case "stopped" | "given-up" | "refused":
            return ("retry",)
    if why in _WHEN_DUE:
        return ("now", "stop")
    if why in _AT_WALLS:
        return ("stop",)
    return ("ask",) if why in _IF_ASKED else ()


class Reason(NamedTuple):
    """Why some wait, as a filter that one press sets, or takes away."""

    why: str
    items: int
    query: str
    is_set: bool


class DownloadsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the queue."""

    why: Why | None = None
    page: Annotated[int, msgspec.Meta(ge=1, le=_FARTHEST)] = 1

    def link(self, page: int) -> str:
        return urlencode({**({"why": self.why.value} if self.why else {}), "page": page})


async def downloads(services: Services, request: web.Request) -> Page:
    desk = services.desk()
    if desk is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, texts.plain("downloads.off"))
    query = query_of(request, DownloadsQuery)
    listed = await desk.listing(limit=_SIZE, skip=_SIZE * (query.page - 1), why=query.why)
    running = await _running(desk, listed)
    content = {
        "tab": "downloads",
        "query": query,
        "listed": listed,
        "reasons": _reasons(listed, query),
        "running": running,
        "queue": [Shown.of(item) for item in listed.items if item.state != "downloading"],
        "came": await _came(services, desk),
        "again": None if running else again(listed.items, services.clock()),
        "page": query.page,
        "pages": max(1, -(-listed.total // _SIZE)),
    }
    return Page("downloads.html", content)


async def _running(desk: Desk, listed: DownloadList) -> list[Shown]:
    """What is under way, wherever in the queue it stands."""
    items = {item.id: item for item in listed.items if item.state == "downloading"}
    if others := [number for number in await desk.progress() if number not in items]:
        items |= {item.id: item for item in await desk.some(others) if item.state == "downloading"}
    return [Shown.of(item) for item in items.values()]


async def _came(services: Services, desk: Desk) -> list[tuple[Shown, datetime]]:
    """What came home last, as far as it still lies there."""
    events = await services.store.history(limit=_CAME, event=HistoryEvent.DOWNLOADED)
    at = {event.media_id: event.at for event in reversed(events)}
    there = {item.id: item for item in (await desk.some(list(at)) if at else []) if item.file}
    return [(Shown.of(there[number]), at[number]) for number in reversed(at) if number in there]


def _reasons(listed: DownloadList, query: DownloadsQuery) -> list[Reason]:
    """The most frequent first."""
    reasons = []
    for why, count in sorted(listed.reasons.items(), key=lambda one: -one[1]):
        is_set = why == query.why
        reasons.append(Reason(why, count, "" if is_set else f"?why={why}", is_set))
    return reasons


def again(items: Sequence[DownloadItem], now: datetime) -> int | None:
    """Milliseconds after which one may be another; None: none of them waits."""
    if any(item.state == "next" for item in items):
        return 1000
    due = [item.until - now if item.until else _GLANCE for item in items if item.state != "placed"]
    return max(1000, round(min(_GLANCE, *due).total_seconds() * 1000)) if due else None
