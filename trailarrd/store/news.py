"""What is new in the database since it was last asked, whoever wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import sqlalchemy as sa

from trailarrd.domain.announcement import Standing
from trailarrd.store.history import rows_after
from trailarrd.store.tables import ConnectionTable, HistoryTable, RefreshTable

if TYPE_CHECKING:
    from trailarrd.store.history import HistoryRow

PAGE: Final = 500


class News(NamedTuple):
    """Events in their order, and how each connection stands."""

    events: list[HistoryRow]
    """At most a page."""
    standings: dict[str, Standing]


def since(db: sa.Connection, history_id: int) -> News:
    """What happened after that event, a page of it, and how each connection stands."""
    return News(rows_after(db, history_id, limit=PAGE), standings(db))


def latest_event(db: sa.Connection) -> int:
    """The newest event's id, 0 if nothing has ever happened."""
    return db.scalar(sa.select(sa.func.max(HistoryTable.id))) or 0


def standings(db: sa.Connection) -> dict[str, Standing]:
    """How the last whole refresh of each active connection ended, of those that had one."""
    ended = (
        sa.select(sa.func.max(RefreshTable.id))
        .where(
            RefreshTable.connection_id == ConnectionTable.id,
            RefreshTable.finished_at.is_not(None),
            RefreshTable.items.is_(None),
        )
        .correlate(ConnectionTable)
        .scalar_subquery()
    )
    statement = (
        sa.select(
            ConnectionTable.name,
            RefreshTable.id,
            RefreshTable.finished_at,
            RefreshTable.outcome,
            RefreshTable.error_message,
        )
        .join(RefreshTable, RefreshTable.id == ended)
        .where(ConnectionTable.active)
    )
    return {
        name: Standing(refresh=number, at=at, outcome=outcome, error=error)
        for name, number, at, outcome, error in db.execute(statement)
        if at is not None and outcome is not None
    }
