"""The API below `/api/v1`: one module per noun, and a description of all of it."""

from typing import Final

from aiohttp import web

from trailarrd.web import security
from trailarrd.web.api import (
    claims,
    connections,
    downloaders,
    downloads,
    events,
    history,
    keys,
    media,
    refreshes,
    summary,
    system,
)
from trailarrd.web.authentication import Access
from trailarrd.web.openapi import document_handler
from trailarrd.web.route import Route

ROOT: Final = "/api/v1"

ROUTES: Final = tuple(
    one
    for module in (
        summary,
        connections,
        media,
        claims,
        downloads,
        downloaders,
        history,
        refreshes,
        keys,
        system,
    )
    for one in vars(module).values()
    if isinstance(one, Route)
)
"""Every route of these modules, in the order in which they stand there."""


def add_to(application: web.Application, base_path: str) -> None:
    for route in ROUTES:
        security.add_route(
            application, route.method, f"{base_path}{ROOT}{route.path}", route.answer, route.access
        )
    streams = events.Streams()
    application.on_shutdown.append(streams.close)
    security.add_route(application, "GET", f"{base_path}{ROOT}/events", streams.answer, Access.READ)
    further = {"/events": {"get": events.OPERATION}}
    handler = document_handler(ROUTES, f"{base_path}{ROOT}", further)
    security.add_route(application, "GET", f"{base_path}{ROOT}/openapi.json", handler, Access.EVERYBODY)
