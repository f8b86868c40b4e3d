"""Refreshes as users and programs look at them: when each began, how it ended, what it did."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import sqlalchemy as sa

from trailarrd.store.tables import ConnectionTable, RefreshTable

if TYPE_CHECKING:
    from datetime import datetime

    from trailarrd.domain.report import ErrorKind, Outcome


@dataclass(frozen=True, slots=True)
class RefreshRow:
    """One refresh; counts are None before its end and if it failed."""

    id: int
    connection: str
    started_at: datetime
    finished_at: datetime | None
    outcome: Outcome | None
    """None while it is on, or if its process died."""
    fetched: int | None
    added: int | None
    updated: int | None
    unchanged: int | None
    removed: int | None
    restored: int | None
    held: int | None
    quarantined: int | None
    trailers_present: int | None
    trailers_absent: int | None
    trailers_unknown: int | None
    monitored: int | None
    error_kind: ErrorKind | None
    error_message: str | None


def latest(
    db: sa.Connection,
    *,
    limit: int,
    connection: str | None = None,
    outcome: Outcome | None = None,
    before: int | None = None,
) -> list[RefreshRow]:
    """The newest refreshes first, those before the one of that number."""
    columns = [
        ConnectionTable.name if field.name == "connection" else getattr(RefreshTable, field.name)
        for field in fields(RefreshRow)
    ]
    statement = sa.select(*columns).join_from(RefreshTable, ConnectionTable)
    if connection is not None:
        statement = statement.where(ConnectionTable.name == connection)
    if outcome is not None:
        statement = statement.where(RefreshTable.outcome == outcome)
    if before is not None:
        statement = statement.where(RefreshTable.id < before)
    rows = db.execute(statement.order_by(RefreshTable.id.desc()).limit(limit))
    return [RefreshRow(*row) for row in rows]
