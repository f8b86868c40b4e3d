"""Which items are wanted at all, and whether a server ever had a file of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add columns; a file that is known already is no first one."""
    op.add_column("media", sa.Column("verdict", sa.Text(), nullable=True))
    op.add_column("media", sa.Column("had_file", sa.Boolean(), nullable=True))
    op.add_column("connections", sa.Column("unwanted", sa.Integer(), nullable=True))
    op.execute("UPDATE media SET had_file = has_file")
