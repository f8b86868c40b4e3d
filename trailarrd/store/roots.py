"""A connection's root folders as they were last found."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath, PathMapping, RemotePath
from trailarrd.domain.roots import Remembered, RootHistory, RootObservation, RootState
from trailarrd.store.connections import find
from trailarrd.store.tables import ConnectionTable, MediaTable, RootTable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trailarrd.store.database import Database
    from trailarrd.store.refreshes import RefreshStart


_OBSERVED: Final = (
    *(RootTable.path, RootTable.state, RootTable.mark),
    *(RootTable.with_file, RootTable.contradicted, RootTable.fits_remote, RootTable.fits_local),
    RootTable.caught_lying,
)


_REMEMBERED: Final = sa.select(RootTable.connection_id, *_OBSERVED).where(
    (RootTable.connection_id == sa.bindparam("connection")) | RootTable.caught_lying.is_not(None)
)
_CAUGHT: Final = sa.select(RootTable.path, RootTable.caught_lying).order_by(RootTable.caught_lying.desc())


def _observation(row: Sequence[Any]) -> RootObservation:
    path, state, mark, with_file, contradicted, remote, local, lying = row
    return RootObservation(
        path=LocalPath(path),
        state=RootState(state),
        directory_hash=mark,
        with_file=with_file,
        contradicted=contradicted,
        fits=PathMapping(RemotePath(remote), LocalPath(local)) if remote and local else None,
        caught_lying=lying is not None,
    )


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
            "with_file": root.with_file,
            "contradicted": root.contradicted,
            "fits_remote": root.fits and root.fits.remote,
            "fits_local": root.fits and root.fits.local,
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
    table = RootTable
    if paths := [root.path for root in seen if root.caught_lying]:
        new = (table.connection_id == start.connection_id) & table.path.in_(paths)
        db.execute(sa.update(table).where(new, table.caught_lying.is_(None)).values(caught_lying=at))


def caught(db: sa.Connection) -> dict[LocalPath, datetime]:
    """Since when folder times are known to lie, by root; for every connection, as the disk is the same."""
    return {LocalPath(path): at for path, at in db.execute(_CAUGHT) if at is not None}


async def recalled(database: Database, connection_id: int) -> RootHistory:
    """What earlier refreshes made of a connection's roots."""
    known, caught_lying = await database.read(_remembered, connection_id)
    return RootHistory(
        {root.path: root.directory_hash for root in known if root.directory_hash is not None},
        partial(database.read, folders, connection_id),
        frozenset(root.path for root in known if not undoubted(root)),
        caught_lying,
        {root.path: root for root in known},
        frozenset(root.path for root in known if root.is_elsewhere),
    )


def _remembered(db: sa.Connection, connection_id: int) -> tuple[list[RootObservation], frozenset[LocalPath]]:
    """Each as the refresh before found it, and those that are `caught`."""
    rows = db.execute(_REMEMBERED, {"connection": connection_id})
    found = [(owner, _observation(row)) for owner, *row in rows]
    caught_lying = frozenset(root.path for _, root in found if root.caught_lying)
    return [root for owner, root in found if owner == connection_id], caught_lying


def undoubted(root: RootObservation) -> bool:
    """Whether it was trusted, or would have been if anybody had looked."""
    return root.state in (RootState.OK, RootState.QUIET)


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
        sa.select(ConnectionTable.name, *_OBSERVED)
        .join(ConnectionTable, ConnectionTable.id == table.connection_id)
        .order_by(ConnectionTable.name, table.path)
    )
    found: dict[str, list[RootObservation]] = {}
    for name, *row in db.execute(statement):
        found.setdefault(name, []).append(_observation(row))
    return found
