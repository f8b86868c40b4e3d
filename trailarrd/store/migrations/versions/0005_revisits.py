"""Refreshes of some items only, because a server told of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """A refresh may be about some items; those there are were about the whole library."""
    op.add_column("refreshes", sa.Column("items", sa.Integer(), nullable=True))
