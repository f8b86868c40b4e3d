"""`/quarantine`: records that could not be read."""

from __future__ import annotations

from datetime import datetime

import msgspec

from trailarrd.web.api.moments import to_second
from trailarrd.web.api.page import Text
from trailarrd.web.route import get
from trailarrd.web.services import Services


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One record that a connection's last applied refresh could not use."""

    connection: str
    position: int
    arr_id: str | None
    reason: str
    at: datetime


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """Every such record."""

    items: list[Record]


class QuarantineQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which connection; of all if that is left out."""

    connection: Text | None = None


@get("/quarantine")
async def quarantine(services: Services, *, query: QuarantineQuery) -> Records:
    """Records that could not be read at the last refresh, and why."""
    rows = await services.store.quarantine(query.connection)
    return Records(
        items=[
            Record(
                connection=row.connection,
                position=row.position,
                arr_id=row.arr_id,
                reason=row.reason,
                at=to_second(row.at),
            )
            for row in rows
        ]
    )


ROUTES = (quarantine,)
