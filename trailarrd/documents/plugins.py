"""Installed plugins."""

from typing import Self

import msgspec

from trailarrd.discovery.record import PluginRecord, PluginStatus
from trailarrd.documents import Document


class Plugin(Document, frozen=True, kw_only=True):
    """One installed plugin, and what became of it."""

    name: str
    distribution: str
    version: str
    status: PluginStatus
    reason: str | None
    providers: list[str]

    @classmethod
    def of(cls, record: PluginRecord) -> Self:
        return cls.like(record, providers=[provider.name for provider in record.providers])

    def printed(self) -> object:
        """With the reason last: the command line has always had it there, and the API never."""
        told = msgspec.structs.asdict(self)
        told["reason"] = told.pop("reason")
        return told
