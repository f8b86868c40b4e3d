"""An index for the order of titles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make it; a later step that rebuilds the table must make it anew, as SQLAlchemy cannot see it."""
    where = sa.text("removed_at IS NULL")
    title = sa.text("lower(title)")
    op.create_index("ix_media_title", "media", [title, "id"], sqlite_where=where, postgresql_where=where)
    op.execute("ANALYZE media")
