"""One item: everything that is known of it, and why it is monitored or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from trailarrd.web.api.media import find, told_of
from trailarrd.web.api.page import LARGEST_ID
from trailarrd.web.pages.site import Page
from trailarrd.web.problem import ProblemError

if TYPE_CHECKING:
    from aiohttp import web

    from trailarrd.web.services import Services


class Row(NamedTuple):
    """A row of the table by which it is decided whether an item is monitored."""

    number: int
    fits: str
    """For which items."""
    monitored: str


TABLE: Final = (
    Row(1, "There is a trailer", "no"),
    Row(2, "Your choice is yes", "yes"),
    Row(3, "Your choice is no", "no"),
    Row(4, "Its folder was never seen", "no"),
    Row(5, "The mode is none", "no"),
    Row(6, "The mode is missing", "yes"),
    Row(7, "The mode is sync", "as the server monitors it"),
    Row(8, "The mode is new", "if it came after the baseline"),
)
"""As docs/monitoring.md has it; the first row that fits wins."""


async def gather(services: Services, request: web.Request) -> Page:
    row = await find(services, _id(request))
    told = await told_of(services, row)
    content = {
        "title": row.title,
        "tab": "media",
        "item": told.item,
        "row": row,
        "told": told,
        "table": TABLE,
    }
    return Page("item.html", content)


def _id(request: web.Request) -> int:
    text = request.match_info["media_id"][:20]
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= LARGEST_ID):
        raise ProblemError(404, f"no item has the id {text}")
    return int(text)
