"""`/quarantine`: records that could not be read."""

from __future__ import annotations

import msgspec

from trailarrd.documents import Document
from trailarrd.documents.quarantine import Record
from trailarrd.web.api.page import Text
from trailarrd.web.route import get
from trailarrd.web.services import Services


class Records(Document, frozen=True, kw_only=True):
    """Every such record."""

    items: list[Record]


class QuarantineQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which connection; of all if that is left out."""

    connection: Text | None = None


@get("/quarantine")
async def quarantine(services: Services, *, query: QuarantineQuery) -> Records:
    """Records that could not be read at the last refresh, and why."""
    return Records(items=[Record.of(row) for row in await services.store.quarantine(query.connection)])


ROUTES = (quarantine,)
