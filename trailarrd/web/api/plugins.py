"""`/plugins`."""

from __future__ import annotations

from trailarrd.documents import Document
from trailarrd.documents.plugins import Plugin
from trailarrd.web.route import get
from trailarrd.web.services import Services


class Plugins(Document, frozen=True, kw_only=True):
    """Every installed plugin."""

    items: list[Plugin]


@get("/plugins")
async def plugins(services: Services) -> Plugins:
    """Installed plugins, what they provide, and why one was not loaded."""
    return Plugins(items=[Plugin.of(record) for record in services.plugins])


ROUTES = (plugins,)
