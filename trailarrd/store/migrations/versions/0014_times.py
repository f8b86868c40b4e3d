"""One form of times in each column, and partial indexes on every engine."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_ZONE = "+00:00"
_SECONDS = len("2026-01-01 12:00:00")


def upgrade() -> None:
    """Write times that a refresh stored with their zone as all others are: SQLite compares them as texts."""
    if op.get_bind().dialect.name != "sqlite":
        return  # PostgreSQL has times
    for name in ("first_seen", "last_changed", "moved_at"):
        time = sa.column(name, sa.Text)
        media = sa.table("media", time)
        bare = sa.func.substr(time, 1, sa.func.length(time) - len(_ZONE))
        whole = sa.case((sa.func.length(bare) == _SECONDS, bare + ".000000"), else_=bare)
        op.execute(sa.update(media).where(time.endswith(_ZONE)).values({name: whole}))
