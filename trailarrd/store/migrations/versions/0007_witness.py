"""The item's own file is the witness; trailers that vanish are held; root folders that were caught lying."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add columns; whether a server has the items' files comes with the next refresh, which tells nobody."""
    op.add_column("media", sa.Column("has_file", sa.Boolean(), nullable=True))
    op.add_column("media", sa.Column("contradicted", sa.Boolean(), nullable=False, server_default="0"))
    op.add_column("media", sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("media", sa.Column("vanishing_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("media", sa.Column("misnamed", sa.Boolean(), nullable=False, server_default="0"))
    moved = sa.text("moved_at IS NOT NULL")
    op.create_index("ix_media_moved_at", "media", ["moved_at"], sqlite_where=moved, postgresql_where=moved)
    for name in ("contradicted", "vanishing"):
        op.add_column("refreshes", sa.Column(name, sa.Integer(), nullable=True))
    for name in ("with_file", "contradicted"):
        op.add_column("roots", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    for name in ("fits_remote", "fits_local"):
        op.add_column("roots", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("roots", sa.Column("caught_lying", sa.DateTime(timezone=True), nullable=True))
