"""Indexes for what lists go by, for what is counted, and for the items that a server tells of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_COUNTED = (
    *("connection_id", "trailer", "monitored", "claimed_until", "held_at", "contradicted"),
    *("vanishing_since", "misnamed", "removed_at"),
)


def upgrade() -> None:
    """Make them, and tell the planner how many rows there are: see `trailarrd.store.plans`."""
    op.create_index("ix_media_counted", "media", list(_COUNTED))
    for column in ("identity_mark", "folder"):
        op.create_index(f"ix_media_{column}", "media", [column])
    for column in ("first_seen", "last_changed"):
        where = sa.text("removed_at IS NULL")
        name, by = f"ix_media_{column}_id", [column, "id"]
        op.create_index(name, "media", by, sqlite_where=where, postgresql_where=where)
    op.execute("ANALYZE media")
