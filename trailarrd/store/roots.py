"""A connection's root folders as they were last found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.roots import Remembered, RootObservation, RootState
from trailarrd.store.connections import find
from trailarrd.store.tables import ConnectionTable, MediaTable, RootTable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trailarrd.store.refreshes import RefreshStart


_UNDOUBTED: Final = (RootState.OK.value, RootState.QUIET.value)


def replace(db: sa.Connection, start: RefreshStart, seen: Sequence[RootObservation], at: datetime) -> None:
    """Keep these instead of those of the refresh before; one that was caught lying stays so."""
    since = caught(db)
    db.execute(sa.delete(RootTable).where(RootTable.connection_id == start.connection_id))
    rows = [
        {
            "connection_id": start.connection_id,
            "path": root.path,
            "state": root.state.value,
            "mark": root.directory_hash,
            "caught_lying": since.get(root.path, at) if root.caught_lying else None,
            "checked_at": at,
        }
        for root in seen
    ]
    if rows:
        db.execute(sa.insert(RootTable), rows)


def note_caught(
    db: sa.Connection, start: RefreshStart, seen: Sequence[RootObservation], at: datetime
) -> None:
    """Keep of a look at some items alone which roots were caught lying."""
    table, paths = RootTable, [root.path for root in seen if root.caught_lying]
    new = (table.connection_id == start.connection_id) & table.path.in_(paths) & table.caught_lying.is_(None)
    if paths:
        db.execute(sa.update(table).where(new).values(caught_lying=at))


def caught(db: sa.Connection) -> dict[LocalPath, datetime]:
    """Since when folder times are known to lie, by root; for every connection, as the disk is the same."""
    statement = sa.select(RootTable.path, RootTable.caught_lying).order_by(RootTable.caught_lying.desc())
    return {LocalPath(path): at for path, at in db.execute(statement) if at is not None}


def remembered(db: sa.Connection, connection_id: int) -> tuple[dict[LocalPath, int], frozenset[LocalPath]]:
    """Which directory each root was, where that is known, and those that were not trusted last."""
    table = RootTable
    statement = sa.select(table.path, table.mark, table.state).where(table.connection_id == connection_id)
    rows = [(LocalPath(path), mark, state) for path, mark, state in db.execute(statement)]
    return (
        {path: mark for path, mark, _ in rows if mark is not None},
        frozenset(path for path, _, state in rows if state not in _UNDOUBTED),
    )


def folders(db: sa.Connection, connection_id: int) -> list[Remembered]:
    """The folders of living items that were looked at and trusted once.

    Not of those whose removal is held: their folders may be gone with them.
    """
    media = MediaTable
    statement = (
        sa.select(media.local_path, media.trailer)
        .where(media.connection_id == connection_id, media.trailer != TrailerState.UNKNOWN)
        .where(media.removed_at.is_(None), media.held_at.is_(None))
        .order_by(media.id)
    )
    return [
        Remembered(LocalPath(path), trailer is TrailerState.PRESENT)
        for path, trailer in db.execute(statement)
        if path is not None
    ]


def trust(db: sa.Connection, connection: str) -> int:
    """Compare those that are another directory with nothing at the next refresh; how many they are."""
    table = RootTable
    strange = (table.connection_id == find(db, connection).id) & (table.state == RootState.OTHER_DEVICE.value)
    return db.execute(sa.update(table).where(strange).values(mark=None)).rowcount


def listing(db: sa.Connection) -> dict[str, list[RootObservation]]:
    """Every root folder by its connection's name."""
    table = RootTable
    statement = (
        sa.select(ConnectionTable.name, table.path, table.state, table.mark, table.caught_lying)
        .join(ConnectionTable, ConnectionTable.id == table.connection_id)
        .order_by(ConnectionTable.name, table.path)
    )
    found: dict[str, list[RootObservation]] = {}
    for name, path, state, mark, lying in db.execute(statement):
        observation = RootObservation(
            path=LocalPath(path),
            state=RootState(state),
            directory_hash=mark,
            caught_lying=lying is not None,
        )
        found.setdefault(name, []).append(observation)
    return found
