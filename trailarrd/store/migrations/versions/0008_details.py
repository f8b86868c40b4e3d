"""Facts of items: what is known of them besides what decides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column; the facts come with the next refresh, which tells nobody."""
    op.add_column("media", sa.Column("details", sa.JSON(), nullable=False, server_default="{}"))
