"""A downloader's word that it is working on an item, until it expires."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from trailarrd.store.tables import MediaTable


def claim(db: sa.Connection, media_id: int, owner: str, *, until: datetime, now: datetime) -> bool:
    """Take or prolong the claim, unless another owner's still holds; whether `owner` has it now."""
    free = sa.or_(
        MediaTable.claimed_by.is_(None),
        MediaTable.claimed_by == owner,
        MediaTable.claimed_until <= now,
    )
    statement = (
        sa.update(MediaTable)
        .where(MediaTable.id == media_id, MediaTable.removed_at.is_(None), free)
        .values(claimed_by=owner, claimed_until=until)
    )
    return db.execute(statement).rowcount == 1


def release(db: sa.Connection, media_id: int, owner: str) -> bool:
    """Give the claim back; False if it was not `owner`'s."""
    statement = (
        sa.update(MediaTable)
        .where(MediaTable.id == media_id, MediaTable.claimed_by == owner)
        .values(claimed_by=None, claimed_until=None)
    )
    return db.execute(statement).rowcount == 1
