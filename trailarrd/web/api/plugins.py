"""`/plugins`."""

from __future__ import annotations

import msgspec

from trailarrd.discovery import PluginStatus
from trailarrd.web.route import get
from trailarrd.web.services import Services


class Plugin(msgspec.Struct, frozen=True, kw_only=True):
    """One installed plugin, and what became of it."""

    name: str
    distribution: str
    version: str
    status: PluginStatus
    reason: str | None
    providers: list[str]


class Plugins(msgspec.Struct, frozen=True, kw_only=True):
    """Every installed plugin."""

    items: list[Plugin]


@get("/plugins")
async def plugins(services: Services) -> Plugins:
    """Installed plugins, what they provide, and why one was not loaded."""
    return Plugins(
        items=[
            Plugin(
                name=record.name,
                distribution=record.distribution,
                version=record.version,
                status=record.status,
                reason=record.reason,
                providers=[provider.name for provider in record.providers],
            )
            for record in services.plugins
        ]
    )


ROUTES = (plugins,)
