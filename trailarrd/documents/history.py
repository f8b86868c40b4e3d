"""What happened to items."""

from datetime import datetime
from typing import Any, Self

from trailarrd.documents import Document
from trailarrd.domain.history import HistoryEvent
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
    def of(cls, row: HistoryRow) -> Self:
        return cls.like(row, number=row.id, id=row.media_id, detail=dict(row.detail), refresh=row.refresh_id)
