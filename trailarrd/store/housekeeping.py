"""What is old enough goes for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from trailarrd.store.tables import HistoryTable, MediaTable, RefreshTable

if TYPE_CHECKING:
    from datetime import datetime


class Purged(NamedTuple):
    """How much went."""

    items: int
    events: int


def purge(
    db: sa.Connection, *, removed_before: datetime, history_before: datetime, now: datetime | None = None
) -> Purged:
    """Erase items that were removed, and history that was written, before these moments.

    A refresh's row goes with the history of its time, but the newest of each connection stays.
    """
    items = db.execute(sa.delete(MediaTable).where(MediaTable.removed_at < removed_before)).rowcount
    events = db.execute(sa.delete(HistoryTable).where(_is_old(history_before, now))).rowcount
    newest = sa.select(sa.func.max(RefreshTable.id)).group_by(RefreshTable.connection_id)
    old = (RefreshTable.started_at < history_before) & RefreshTable.id.not_in(newest)
    db.execute(sa.delete(RefreshTable).where(old))
    return Purged(items, events)


def _is_old(before: datetime, now: datetime | None) -> sa.ColumnElement[bool]:
    """An event from before then, unless it came after a refresh that was later: a clock was set back.

    Refreshes from the future tell of a clock that was ahead, and prove nothing.
    """
    recent = sa.select(sa.func.min(RefreshTable.id)).where(RefreshTable.started_at >= before)
    if now is not None:
        recent = recent.where(RefreshTable.started_at <= now)
    came_earlier = HistoryTable.refresh_id < recent.scalar_subquery()
    return sa.and_(HistoryTable.at < before, sa.func.coalesce(came_earlier, sa.true()))
