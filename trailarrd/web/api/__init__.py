"""The API below `/api/v1`: one module per noun, and a description of all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trailarrd.web import security
from trailarrd.web.api import (
    checks,
    config,
    connections,
    events,
    explain,
    history,
    media,
    plugins,
    quarantine,
    refreshes,
    version,
)
from trailarrd.web.authentication import Access
from trailarrd.web.openapi import document_handler

if TYPE_CHECKING:
    from aiohttp import web

ROOT: Final = "/api/v1"

ROUTES: Final = (
    *connections.ROUTES,
    *media.ROUTES,
    *explain.ROUTES,
    *history.ROUTES,
    *refreshes.ROUTES,
    *quarantine.ROUTES,
    *plugins.ROUTES,
    *checks.ROUTES,
    *config.ROUTES,
    *version.ROUTES,
)


def add_to(application: web.Application, base_path: str) -> None:
    """Register every route."""
    for route in ROUTES:
        security.add_route(
            application, route.method, f"{base_path}{ROOT}{route.path}", route.answer, route.access
        )
    streams = events.Streams()
    application.on_shutdown.append(streams.close)
    security.add_route(application, "GET", f"{base_path}{ROOT}/events", streams.answer, Access.READ)
    further = {"/events": {"get": events.OPERATION}}
    handler = document_handler(ROUTES, f"{base_path}{ROOT}", further)
    security.add_route(application, "GET", f"{base_path}{ROOT}/openapi.json", handler, Access.ANYONE)
