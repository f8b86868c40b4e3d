"""Indexes of what few rows are: removed and claimed items, refreshes that run, refreshes of all items."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Each has nothing but them."""
    for name in ("removed_at", "claimed_until"):
        some = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"ix_media_{name}", "media", [name], sqlite_where=some, postgresql_where=some)
    for kind, columns, which in (
        ("open", ["connection_id"], "finished_at IS NULL"),
        ("whole", ["connection_id", "id"], "items IS NULL"),
    ):
        some = sa.text(which)
        op.create_index(
            f"ix_refreshes_{kind}", "refreshes", columns, sqlite_where=some, postgresql_where=some
        )
