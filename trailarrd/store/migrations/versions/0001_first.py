"""Connections, their refreshes, their media, and what happened to it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    _create_connections()
    _create_refreshes()
    _create_media()
    _create_history()


def _id(table: str) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", number, nullable=False), sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _time(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _word(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(32), nullable=nullable)


def _create_connections() -> None:
    op.create_table(
        "connections",
        *_id("connections"),
        _text("name"),
        _text("provider"),
        _text("kind"),
        sa.Column("active", sa.Boolean(), nullable=False),
        _word("mode", nullable=True),
        sa.Column("baseline", sa.BigInteger(), nullable=True),
        _time("last_started"),
        _time("last_finished"),
        _time("last_success"),
        _word("last_outcome", nullable=True),
        _word("last_error_kind", nullable=True),
        _text("last_error", nullable=True),
        sa.UniqueConstraint("name", name="uq_connections_name"),
        sqlite_autoincrement=True,
    )


def _create_refreshes() -> None:
    counts = (
        "fetched",
        "added",
        "updated",
        "unchanged",
        "removed",
        "restored",
        "held",
        "quarantined",
        "trailers_present",
        "trailers_absent",
        "trailers_unknown",
        "monitored",
    )
    op.create_table(
        "refreshes",
        *_id("refreshes"),
        _connection_id("refreshes"),
        _time("started_at", nullable=False),
        _time("finished_at"),
        _word("outcome", nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in counts),
        _word("error_kind", nullable=True),
        _text("error_message", nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_refreshes_connection_id", "refreshes", ["connection_id"])


def _connection_id(table: str) -> sa.Column[int]:
    key = sa.ForeignKey("connections.id", name=f"fk_{table}_connection_id_connections")
    return sa.Column("connection_id", sa.BigInteger(), key, nullable=False)


def _create_media() -> None:
    op.create_table(
        "media",
        *_id("media"),
        _connection_id("media"),
        sa.Column("arr_id", sa.BigInteger(), nullable=False),
        _text("kind"),
        _text("title"),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("external_ids", sa.JSON(), nullable=False),
        _text("remote_path"),
        _text("local_path", nullable=True),
        _text("main_file", nullable=True),
        _text("youtube_trailer_id", nullable=True),
        sa.Column("monitored_remotely", sa.Boolean(), nullable=False),
        _word("trailer"),
        _text("trailer_file", nullable=True),
        sa.Column("intent", sa.Boolean(), nullable=True),
        _time("intent_at"),
        sa.Column("monitored", sa.Boolean(), nullable=False),
        _word("monitor_reason"),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("first_refresh", sa.BigInteger(), nullable=False),
        _time("first_seen", nullable=False),
        _time("last_changed", nullable=False),
        _time("removed_at"),
        _text("claimed_by", nullable=True),
        _time("claimed_until"),
        sqlite_autoincrement=True,
    )
    living = sa.text("removed_at IS NULL")
    op.create_index(
        "uq_media_living",
        "media",
        ["connection_id", "arr_id"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )
    op.create_index("ix_media_connection_id_arr_id", "media", ["connection_id", "arr_id"])


def _create_history() -> None:
    op.create_table(
        "history",
        *_id("history"),
        _time("at", nullable=False),
        _text("connection"),
        sa.Column("media_id", sa.BigInteger(), nullable=False),
        sa.Column("arr_id", sa.BigInteger(), nullable=False),
        _text("title"),
        _word("event"),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("refresh_id", sa.BigInteger(), nullable=True),
    )
    op.create_index("ix_history_media_id", "history", ["media_id"])
