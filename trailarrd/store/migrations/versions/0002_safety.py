"""Held removals, identity beyond the arr id, quarantine, root folders, failures in a row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_LISTED = sa.text("removed_at IS NULL AND held_at IS NULL")


def upgrade() -> None:
    """Add what safety needs to know; rows get their identity at the next refresh."""
    _extend_connections()
    _extend_media()
    _create_quarantine()
    _create_roots()


def _extend_connections() -> None:
    op.add_column("connections", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("connections", sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True))


def _extend_media() -> None:
    op.add_column("media", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("media", sa.Column("identity", sa.Text(), nullable=True))
    op.add_column("media", sa.Column("folder", sa.BigInteger(), nullable=True))
    op.drop_index("uq_media_living", "media")
    op.create_index(
        "uq_media_living",
        "media",
        ["connection_id", "arr_id"],
        unique=True,
        sqlite_where=_LISTED,
        postgresql_where=_LISTED,
    )


def _of_connection(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=f"fk_{table}_connection_id_connections"
        ),
    ]


def _create_quarantine() -> None:
    op.create_table(
        "quarantine",
        *_of_connection("quarantine"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("arr_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    op.create_index("ix_quarantine_connection_id", "quarantine", ["connection_id"])


def _create_roots() -> None:
    op.create_table(
        "roots",
        *_of_connection("roots"),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_roots_connection_id", "roots", ["connection_id"])
