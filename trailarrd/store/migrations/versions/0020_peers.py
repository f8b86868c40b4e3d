"""What several daemons of one database tell each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add a column and two tables, which stay empty where the database is a file."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    moment = sa.DateTime(timezone=True)
    op.add_column("leases", sa.Column("since", moment))
    op.create_table(
        "hints",
        sa.Column("id", number, nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("hint", sa.JSON(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hints"),
    )
    op.create_table(
        "requests",
        sa.Column("id", number, nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("arr_ids", sa.JSON()),
        sa.Column("at", moment, nullable=False),
        sa.Column("answer", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
    )
