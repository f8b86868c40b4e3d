"""What happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import msgspec

from trailarrd.domain.history import HistoryEvent
from trailarrd.web.api.page import Cursor
from trailarrd.web.pages.site import Page
from trailarrd.web.problem import ProblemError

if TYPE_CHECKING:
    from aiohttp import web

    from trailarrd.web.services import Services

PAGE: Final = 100
"""Events on a page."""


class Query(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the form says; what is left out does not matter."""

    connection: str | None = None
    event: HistoryEvent | None = None
    before: Cursor | None = None


async def gather(services: Services, request: web.Request) -> Page:
    """What the page shows."""
    query, store = _query(request), services.store
    events = await store.history(
        limit=PAGE + 1, connection=query.connection, event=query.event, before=query.before
    )
    shown = events[:PAGE]
    older = {**msgspec.to_builtins(query), "before": shown[-1].id} if len(events) > PAGE else None
    content = {
        "title": "History",
        "tab": "history",
        "query": query,
        "events": shown,
        "older": urlencode(older) if older else None,
        "connections": [row.name for row in await store.connections()],
        "options": HistoryEvent,
    }
    return Page("history.html", content)


def _query(request: web.Request) -> Query:
    given: dict[str, Any] = {name: text for name, text in request.query.items() if text}
    try:
        return msgspec.convert(given, Query, strict=False)
    except msgspec.ValidationError as error:
        raise ProblemError(422, f"the address of this page: {error}") from None
