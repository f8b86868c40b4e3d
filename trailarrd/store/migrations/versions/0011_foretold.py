"""Choices for items that no refresh has met yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the table; nobody has foretold anything."""
    op.create_table(
        "foretold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("arr_id", sa.BigInteger(), nullable=False),
        sa.Column("external_ids", sa.JSON(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("intent", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_foretold"),
        sa.UniqueConstraint("connection", "arr_id", name="uq_foretold_connection_arr_id"),
    )
