"""What downloaders say that they are working on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from trailarrd.documents import Document, to_second

if TYPE_CHECKING:
    from trailarrd.domain.claim import ClaimProgress
    from trailarrd.store.listing import MediaRow


class Claim(Document, frozen=True, kw_only=True):
    """A downloader's word that it is working on an item, until it expires."""

    id: int
    connection: str
    title: str
    owner: str
    until: datetime
    percent: float | None
    words: str | None

    @classmethod
    def of(cls, row: MediaRow, progress: ClaimProgress | None) -> Self:
        """`row` is of an item that is claimed; `progress` counts if it is of the same owner."""
        told = progress if progress and progress.owner == row.claimed_by else None
        return cls.like(
            row,
            owner=row.claimed_by,
            until=to_second(row.claimed_until),
            percent=told and told.percent,
            words=told and told.words,
        )


class Claims(Document, frozen=True, kw_only=True):
    """Every claim that holds now."""

    items: list[Claim]
