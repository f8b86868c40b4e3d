"""The providers that come with trailarrd, found once a process, and a downloader to play with."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from trailarrd.discovery.plugins import discover, providers_by_name
from trailarrd.discovery.record import Offer, PluginRecord, PluginStatus
from trailarrd.testing.toy import TOY

if TYPE_CHECKING:
    from trailarrd.plugin import Provider

TOY_PLUGIN: Final = PluginRecord(
    name="toy",
    distribution="fake-toy",
    version="1.0",
    status=PluginStatus.LOADED,
    offers=(Offer("downloader", TOY),),
)
"""The downloader of `trailarrd.testing`, as if it were installed."""


def shipped_plugins() -> list[PluginRecord]:
    """What became of each."""
    return list(_found())


def shipped_providers() -> dict[str, Provider[Any]]:
    """What they offer, by name."""
    return providers_by_name(_found())


@cache
def _found() -> tuple[PluginRecord, ...]:
    return tuple(record for record in discover() if record.providers)
