"""What happened to items."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from trailarrd.documents import Document, to_second
from trailarrd.domain.history import HistoryEvent

if TYPE_CHECKING:
    from trailarrd.store.history import HistoryRow


class Event(Document, frozen=True, kw_only=True):
    """What happened to one item."""

    number: int
    """Counts up; the list's cursor."""
    at: datetime
    connection: str
    id: int
    """The item's."""
    arr_id: int
    title: str
    event: HistoryEvent
    detail: dict[str, Any]
    refresh: int | None

    api_only = ("number",)

    @classmethod
    def of(cls, row: HistoryRow) -> Event:
        return cls(
            number=row.id,
            at=to_second(row.at),
            connection=row.connection,
            id=row.media_id,
            arr_id=row.arr_id,
            title=row.title,
            event=row.event,
            detail=dict(row.detail),
            refresh=row.refresh_id,
        )
