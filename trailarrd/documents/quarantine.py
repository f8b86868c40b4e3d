"""Records that could not be read."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from trailarrd.documents import Document, to_second

if TYPE_CHECKING:
    from trailarrd.store.quarantine import QuarantineRow


class Record(Document, frozen=True, kw_only=True):
    """One record that a connection's last applied refresh could not use."""

    connection: str
    position: int
    arr_id: str | None
    reason: str
    at: datetime

    @classmethod
    def of(cls, row: QuarantineRow) -> Record:
        return cls(
            connection=row.connection,
            position=row.position,
            arr_id=row.arr_id,
            reason=row.reason,
            at=to_second(row.at),
        )
