"""Removed items are few, and found by themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """So that all others are counted as the rows that there are without them."""
    removed = sa.text("removed_at IS NOT NULL")
    op.create_index(
        "ix_media_removed_at", "media", ["removed_at"], sqlite_where=removed, postgresql_where=removed
    )
