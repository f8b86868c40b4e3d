"""What an item is compared by, without a word of text: its identity, its trailer, its folder."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from trailarrd.domain.keys import identity_hash

revision = "0003"
down_revision = "0002"

_AT_ONCE = 1000


def upgrade() -> None:
    """Turn identities into marks; the rest comes with the next refresh, which looks at every folder."""
    op.add_column("media", sa.Column("identity_mark", sa.BigInteger(), nullable=True))
    op.add_column("media", sa.Column("trailer_mark", sa.BigInteger(), nullable=True))
    op.add_column("media", sa.Column("signature", sa.LargeBinary(), nullable=True))
    _mark_identities(op.get_bind())
    op.drop_column("media", "identity")


def _mark_identities(db: sa.Connection) -> None:
    media = sa.table("media", sa.column("id"), sa.column("identity"), sa.column("identity_mark"))
    marked = (
        sa.update(media).where(media.c.id == sa.bindparam("item")).values(identity_mark=sa.bindparam("mark"))
    )
    last = 0
    while rows := db.execute(
        sa.select(media.c.id, media.c.identity)
        .where(media.c.id > last, media.c.identity.is_not(None))
        .order_by(media.c.id)
        .limit(_AT_ONCE)
    ).all():
        db.execute(marked, [{"item": number, "mark": identity_hash(identity)} for number, identity in rows])
        last = rows[-1][0]
