"""Which token a connection's server posts its events with: by its hash, one for each connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from trailarrd.store.tables import WebhookTable

if TYPE_CHECKING:
    from datetime import datetime


def digests(db: sa.Connection) -> dict[str, str]:
    """With which token each connection's server posts its events, by its hash."""
    rows = db.execute(sa.select(WebhookTable.connection, WebhookTable.digest))
    return {row.connection: row.digest for row in rows}


def put(db: sa.Connection, connection: str, digest: str, at: datetime) -> None:
    """Take a connection's events with this token, and with no earlier one any more."""
    remove(db, connection)
    db.execute(sa.insert(WebhookTable), {"connection": connection, "digest": digest, "created_at": at})


def remove(db: sa.Connection, connection: str) -> bool:
    """Take no events of a connection any more; whether there was a token."""
    statement = sa.delete(WebhookTable).where(WebhookTable.connection == connection)
    return db.execute(statement).rowcount > 0
