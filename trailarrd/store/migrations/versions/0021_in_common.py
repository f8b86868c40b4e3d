"""What many items have in common is all in one index."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"

_COUNTED = (
    *("connection_id", "trailer", "monitored", "claimed_until", "held_at", "contradicted"),
    *("vanishing_since", "misnamed", "removed_at"),
)


def upgrade() -> None:
    """Make it anew, with two columns more."""
    op.drop_index("ix_media_counted", "media")
    op.create_index("ix_media_counted", "media", [*_COUNTED, "monitor_reason", "kind"])
    op.execute("ANALYZE media")
