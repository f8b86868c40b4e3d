"""What few items are, removed or claimed, is found by itself."""

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
