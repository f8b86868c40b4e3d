"""Installed plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trailarrd.discovery.record import PluginStatus
from trailarrd.documents import Document

if TYPE_CHECKING:
    from trailarrd.discovery.record import PluginRecord


class Plugin(Document, frozen=True, kw_only=True):
    """One installed plugin, and what became of it."""

    name: str
    distribution: str
    version: str
    status: PluginStatus
    reason: str | None
    providers: list[str]

    @classmethod
    def of(cls, record: PluginRecord) -> Plugin:
        return cls(
            name=record.name,
            distribution=record.distribution,
            version=record.version,
            status=record.status,
            reason=record.reason,
            providers=[provider.name for provider in record.providers],
        )

    def printed(self) -> dict[str, Any]:
        """With the reason last: the command line has always had it there, and the API never."""
        told = super().printed()
        told["reason"] = told.pop("reason")
        return told
