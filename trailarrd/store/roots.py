"""A connection's root folders as they were last found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from trailarrd.domain.paths import LocalPath
from trailarrd.domain.roots import RootSight, RootState
from trailarrd.store.tables import ConnectionTable, RootTable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trailarrd.store.refreshes import RefreshStart


def replace(db: sa.Connection, start: RefreshStart, seen: Sequence[RootSight], at: datetime) -> None:
    """Keep these instead of those of the refresh before.

    The file system is the one on which a root was last believed, so that one that comes up unmounted
    is still known to be another.
    """
    db.execute(sa.delete(RootTable).where(RootTable.connection_id == start.connection_id))
    rows = [
        {
            "connection_id": start.connection_id,
            "path": root.path,
            "state": root.state.value,
            "device": root.device,
            "checked_at": at,
        }
        for root in seen
    ]
    if rows:
        db.execute(sa.insert(RootTable), rows)


def devices(db: sa.Connection, connection_id: int) -> dict[LocalPath, int]:
    """On which file system each root was when it was last believed."""
    table = RootTable
    statement = sa.select(table.path, table.device).where(
        table.connection_id == connection_id, table.device.is_not(None)
    )
    return {LocalPath(path): device for path, device in db.execute(statement) if device is not None}


def listing(db: sa.Connection) -> dict[str, list[RootSight]]:
    """Every root folder by its connection's name."""
    table = RootTable
    statement = (
        sa.select(ConnectionTable.name, table.path, table.state, table.device)
        .join(ConnectionTable, ConnectionTable.id == table.connection_id)
        .order_by(ConnectionTable.name, table.path)
    )
    found: dict[str, list[RootSight]] = {}
    for name, path, state, device in db.execute(statement):
        sight = RootSight(path=LocalPath(path), state=RootState(state), device=device)
        found.setdefault(name, []).append(sight)
    return found
