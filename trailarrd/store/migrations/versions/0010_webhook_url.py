"""Where a server was told to post its events, so that it can be compared with where it does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the column; of a webhook that is there already nobody knows."""
    op.add_column("webhooks", sa.Column("url", sa.Text(), nullable=True))
