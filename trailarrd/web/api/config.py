"""`/config`: the settings that count, each with where it comes from."""

from __future__ import annotations

from trailarrd.documents import Document
from trailarrd.documents.config import Setting, settings_of
from trailarrd.web.route import get
from trailarrd.web.services import Services


class Configuration(Document, frozen=True, kw_only=True):
    """Every setting that the daemon goes by now."""

    items: list[Setting]


@get("/config")
async def config(services: Services) -> Configuration:
    """What the daemon goes by now, secrets masked."""
    return Configuration(items=settings_of(services.settings()))


ROUTES = (config,)
