"""One item: everything that is known of it, and why it is monitored or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from trailarrd.domain.monitoring import MonitorReason
from trailarrd.web.api.media import find, item_of
from trailarrd.web.api.page import LARGEST_ID
from trailarrd.web.pages.site import Page
from trailarrd.web.problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp import web

    from trailarrd.store import MediaRow
    from trailarrd.web.services import Services

_NEWEST: Final = 30
"""Events that are shown."""

_MODES: Final = {
    MonitorReason.MODE_NONE: "The connection's mode is none: nothing, unless you say so.",
    MonitorReason.MODE_MISSING: "The connection's mode is missing: every item without a trailer.",
    MonitorReason.MODE_SYNC: "The connection's mode is sync: as the server monitors it.",
    MonitorReason.MODE_NEW: "The connection's mode is new: what came after the baseline.",
}


class Rule(NamedTuple):
    """A row of the truth table, asked for one item."""

    question: str
    answer: str
    decides: bool
    is_asked: bool = True
    """Whether no row before it has decided."""


async def gather(services: Services, request: web.Request) -> Page:
    """What the page shows."""
    row = await find(services, _id(request))
    now = services.clock()
    content = {
        "title": row.title,
        "tab": "media",
        "item": item_of(row, now),
        "row": row,
        "rules": list(rules(row)),
        "events": await services.store.history(limit=_NEWEST, media_id=row.id),
    }
    return Page("item.html", content)


def rules(row: MediaRow) -> Iterator[Rule]:
    """The truth table as it was asked for this item; the first row that fits decides."""
    because = row.monitor_reason
    order = (MonitorReason.TRAILER_PRESENT, MonitorReason.USER, MonitorReason.UNDECIDED)
    place = order.index(because) if because in order else len(order)
    answers = (
        ("Is there a trailer on disk?", {"present": "yes", "absent": "no"}.get(row.trailer, "not known")),
        ("Have you said whether you want one?", {True: "yes, I want one", False: "no, none", None: "no"}[row.intent]),
        ("Could the disk not be seen yet?", "it could not" if place == 2 else "it could"),  # noqa: PLR2004
        (_mode_question(row), "yes" if row.monitored else "no"),
    )
    for number, (question, answer) in enumerate(answers):
        yield Rule(question, answer, decides=number == place, is_asked=number <= place)


def _mode_question(row: MediaRow) -> str:
    return _MODES.get(row.monitor_reason, "What does the connection's mode say?")


def _id(request: web.Request) -> int:
    text = request.match_info["media_id"]
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:20]) <= LARGEST_ID):
        raise ProblemError(404, f"no item has the id {text[:20]}")
    return int(text)
