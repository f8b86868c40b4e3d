"""What happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import msgspec

from trailarrd.domain.history import HistoryEvent
from trailarrd.web.api.page import Cursor
from trailarrd.web.pages.site import Page, query_of

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
    query, store = query_of(request, Query), services.store
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
