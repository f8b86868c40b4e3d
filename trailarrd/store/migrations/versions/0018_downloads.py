"""What is remembered of downloads: of items, of addresses, of files that were placed, of sites."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add four tables; who downloads nothing has no row in them."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    moment = sa.DateTime(timezone=True)

    def item(name: str) -> sa.Column[int]:
        there = sa.ForeignKey("media.id", name=f"fk_{name}_media_id_media", ondelete="CASCADE")
        return sa.Column("media_id", sa.BigInteger(), there, nullable=False, autoincrement=False)

    op.create_table(
        "downloads",
        item("downloads"),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", moment),
        sa.Column("failure", sa.Text()),
        sa.Column("told", sa.Text()),
        sa.Column("tried_at", moment),
        sa.Column("asked_at", moment),
        sa.Column("asked_by", sa.Text()),
        sa.Column("asked_now", sa.Boolean(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("public_only", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("media_id", name="pk_downloads"),
    )
    op.create_index("ix_downloads_asked_at", "downloads", ["asked_at"])
    op.create_table(
        "refusals",
        sa.Column("id", number, nullable=False),
        item("refusals"),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text()),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refusals"),
        sa.UniqueConstraint("media_id", "url", name="uq_refusals_media_id_url"),
    )
    op.create_index("ix_refusals_media_id", "refusals", ["media_id"])
    op.create_table(
        "placed",
        sa.Column("id", number, nullable=False),
        item("placed"),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("downloader", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_placed"),
    )
    op.create_index("ix_placed_media_id", "placed", ["media_id"])
    op.create_table(
        "sites",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("walls", sa.Integer(), nullable=False),
        sa.Column("troubles", sa.Integer(), nullable=False),
        sa.Column("blocked_until", moment),
        sa.Column("told", sa.Text()),
        sa.Column("next_at", moment),
        sa.Column("day", sa.Date()),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_sites"),
    )
