"""A trailer that is to be taken away is asked for of whoever sees it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Add a column, which stays empty where the database is a file."""
    op.add_column("requests", sa.Column("delete_of", sa.BigInteger()))
