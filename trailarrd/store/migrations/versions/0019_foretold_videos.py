"""Videos that were named for items that no refresh has met yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """A choice may be a video alone."""
    with op.batch_alter_table("foretold") as table:
        table.add_column(sa.Column("url", sa.Text(), nullable=True))
        table.alter_column("intent", existing_type=sa.Boolean(), nullable=True)
