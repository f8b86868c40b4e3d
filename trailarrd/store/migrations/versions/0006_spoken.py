"""Who said yes or no to an item."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add a column beside the one that says when; of words said before nobody knows."""
    op.add_column("media", sa.Column("intent_by", sa.Text(), nullable=True))
