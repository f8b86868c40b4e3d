"""Items that are removed: some wait for the user's choice before, and all go for good one day."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.known import Known
from trailarrd.store import history, quarantine
from trailarrd.store.connections import find
from trailarrd.store.media import removal_time
from trailarrd.store.refreshes import RefreshStart
from trailarrd.store.tables import HistoryTable, MediaTable, RefreshTable, chunks

_LIVING = MediaTable.removed_at.is_(None)


def hold(db: sa.Connection, start: RefreshStart, held: Iterable[Known], at: datetime) -> None:
    for chunk in chunks(known.id for known in held if not known.held):
        fresh = MediaTable.id.in_(chunk) & _LIVING & MediaTable.held_at.is_(None)
        history.record_set(db, start.connection, HistoryEvent.HELD, fresh, at, refresh_id=start.number)
        db.execute(sa.update(MediaTable).where(fresh).values(held_at=at))


def release(db: sa.Connection, start: RefreshStart, released: Iterable[Known], at: datetime) -> int:
    """Items that the server lists again are held no longer; how many of them come back from removal.

    Their removal may have been approved while the server was being asked: what it lists stays.
    """
    restored = 0
    for chunk in chunks(known.id for known in released):
        these = MediaTable.id.in_(chunk)
        gone = these & MediaTable.removed_at.is_not(None)
        restored += history.record_set(
            db, start.connection, HistoryEvent.RESTORED, gone, at, refresh_id=start.number
        )
        db.execute(sa.update(MediaTable).where(gone).values(removed_at=None, last_changed=at))
        db.execute(sa.update(MediaTable).where(these).values(held_at=None))
    return restored


def approve(db: sa.Connection, connection: str, at: datetime) -> int:
    """Remove exactly what is held now; how many items that was."""
    held = _held(find(db, connection).id)
    history.record_set(db, connection, HistoryEvent.REMOVED, held, at, detail={"approved": True})
    return db.execute(
        sa.update(MediaTable).where(held).values(removed_at=removal_time(db, at), held_at=None)
    ).rowcount


def discard(db: sa.Connection, connection: str) -> int:
    """Hold nothing any more and keep everything; how many items that was.

    The next refresh decides anew. An item whose arr id another one has by now stays held: the two
    could not both be listed.
    """
    held = _held(find(db, connection).id) & ~_has_twin()
    return db.execute(sa.update(MediaTable).where(held).values(held_at=None)).rowcount


class RemovalDoubt(NamedTuple):
    """What must not be, or not be too much, for a single removal to be believed."""

    removed: int
    """Items that were removed singly since then."""
    known: int
    """Items that were known then."""
    all_identified: bool
    """Whether no record is quarantined that could be any item."""


def removal_doubt(db: sa.Connection, start: RefreshStart, since: datetime) -> RemovalDoubt:
    """What speaks against removing items of the connection singly, by what happened after that moment."""
    media, refresh = MediaTable, RefreshTable
    single = (refresh.connection_id == start.connection_id) & refresh.items.is_not(None)
    removed = sa.select(sa.func.coalesce(sa.func.sum(refresh.removed), 0))
    were_there = (media.first_seen <= since) & (_LIVING | (media.removed_at > since))
    known = sa.select(sa.func.count()).where(media.connection_id == start.connection_id, were_there)
    return RemovalDoubt(
        removed=db.scalar(removed.where(single, refresh.started_at >= since)) or 0,
        known=db.scalar(known) or 0,
        all_identified=quarantine.all_identified(db, start.connection_id),
    )


class Purged(NamedTuple):
    """How much went for good."""

    items: int
    events: int


def purge(
    db: sa.Connection,
    *,
    removed_before: datetime,
    history_before: datetime,
    now: datetime | None = None,
    portion: timedelta | None = None,
) -> Purged:
    """Erase items that were removed, and history that was written, before these moments.

    With a `portion` no more than what is at most so much younger than the oldest. A refresh's row goes with
    the history of its time, but the newest of each connection stays.
    """
    gone = MediaTable.removed_at < removed_before
    told = _is_old(history_before, now)
    if portion is not None:
        gone = sa.and_(gone, _is_of_the_oldest(db, MediaTable.removed_at, gone, portion))
        told = sa.and_(told, _is_of_the_oldest(db, HistoryTable.at, told, portion))
    items = db.execute(sa.delete(MediaTable).where(gone)).rowcount
    events = db.execute(sa.delete(HistoryTable).where(told)).rowcount
    newest = sa.select(sa.func.max(RefreshTable.id)).group_by(RefreshTable.connection_id)
    old = sa.and_(RefreshTable.started_at < history_before, RefreshTable.id.not_in(newest))
    if portion is not None:
        old = sa.and_(old, _is_of_the_oldest(db, RefreshTable.started_at, old, portion))
    db.execute(sa.delete(RefreshTable).where(old))
    return Purged(items, events)


def _is_of_the_oldest(
    db: sa.Connection, column: Any, which: sa.ColumnElement[bool], portion: timedelta
) -> sa.ColumnElement[bool]:
    """What is at most so much younger than the oldest of `which`."""
    first: datetime | None = db.scalar(sa.select(sa.func.min(column)).where(which))
    return column <= first + portion if first else sa.false()


def _is_old(before: datetime, now: datetime | None) -> sa.ColumnElement[bool]:
    """An event from before then, unless it came after a refresh that was later: a clock was set back.

    Refreshes from the future tell of a clock that was ahead, and prove nothing.
    """
    recent = sa.select(sa.func.min(RefreshTable.id)).where(RefreshTable.started_at >= before)
    if now is not None:
        recent = recent.where(RefreshTable.started_at <= now)
    came_earlier = HistoryTable.refresh_id < recent.scalar_subquery()
    return sa.and_(HistoryTable.at < before, sa.func.coalesce(came_earlier, sa.true()))


def _held(connection_id: int) -> sa.ColumnElement[bool]:
    return (MediaTable.connection_id == connection_id) & _LIVING & MediaTable.held_at.is_not(None)


def _has_twin() -> sa.ColumnElement[bool]:
    other = aliased(MediaTable)
    return sa.exists().where(
        other.connection_id == MediaTable.connection_id,
        other.arr_id == MediaTable.arr_id,
        other.id != MediaTable.id,
        other.removed_at.is_(None),
    )
