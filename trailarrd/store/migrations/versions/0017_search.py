"""What items are found and put in order by."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from trailarrd.domain.details import NO_DETAILS
from trailarrd.domain.search import keys_of, titles_of

revision = "0017"
down_revision = "0016"

_ROWS: Final = 500
_IN_ORDER: Final = {
    "ix_media_years": ["coalesce(year, 0)", "id"],
    "ix_media_added": ["coalesce(added, 0)", "id"],
}
_INDEXES: Final = {
    "sqlite": {**_IN_ORDER, "ix_media_titles": ["titles_folded", "id", "keys_folded", "connection_id"]},
    "postgresql": {**_IN_ORDER, "ix_media_in_order": ["titles_folded", "id"]},
}


def upgrade() -> None:
    """Fold titles and ids; facts follow with the next refresh."""
    bytewise = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.add_column("media", sa.Column("titles_folded", bytewise, nullable=True))
    op.add_column("media", sa.Column("keys_folded", bytewise, nullable=True))
    op.add_column("media", sa.Column("added", sa.BigInteger(), nullable=True))
    _fold()
    op.drop_index("ix_media_title", "media")
    op.drop_index("ix_media_first_seen_id", "media")
    where = sa.text("removed_at IS NULL")
    for name, columns in _INDEXES[op.get_bind().dialect.name].items():
        by = [sa.text(one) for one in columns]
        op.create_index(name, "media", by, sqlite_where=where, postgresql_where=where)
    op.execute("ANALYZE media")


def _fold() -> None:
    db = op.get_bind()
    names = ("id", "title", "year", "has_file", "titles_folded", "keys_folded")
    media = sa.table("media", *map(sa.column, names), sa.column("external_ids", sa.JSON))
    told = media.c.id, media.c.title, media.c.year, media.c.external_ids, media.c.has_file
    some = sa.select(*told).where(media.c.id > sa.bindparam("after")).order_by(media.c.id).limit(_ROWS)
    write = sa.update(media).where(media.c.id == sa.bindparam("this"))
    write = write.values(titles_folded=sa.bindparam("titles"), keys_folded=sa.bindparam("keys"))
    after = 0
    while rows := [_folded(*row) for row in db.execute(some, {"after": after})]:
        db.execute(write, rows)
        after = rows[-1]["this"]


def _folded(number: int, title: str, year: int | None, ids: dict[str, str], has_file: int | None) -> Any:
    keys = keys_of(year, ids, NO_DETAILS, has_file=None if has_file is None else bool(has_file))
    return {"this": number, "titles": titles_of(title, NO_DETAILS), "keys": keys}
