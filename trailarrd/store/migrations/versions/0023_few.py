"""What few rows are is found by itself: removed and claimed items, refreshes that run or were whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """An index that has nothing but them for each."""
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
