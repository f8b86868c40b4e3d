"""The providers that come with trailarrd, found once a process; who installs another finds it himself."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from trailarrd.discovery.plugins import discover, providers_by_name

if TYPE_CHECKING:
    from trailarrd.discovery.record import PluginRecord
    from trailarrd.plugin import Provider


def shipped_plugins() -> list[PluginRecord]:
    """What became of each."""
    return list(_found())


def shipped_providers() -> dict[str, Provider[Any]]:
    """What they offer, by name."""
    return providers_by_name(_found())


@cache
def _found() -> tuple[PluginRecord, ...]:
    return tuple(record for record in discover() if record.providers)
