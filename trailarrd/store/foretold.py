"""A user's choices for items that no refresh has met yet: kept until one does, then given to the item."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from trailarrd.domain.download import OwnAddress
from trailarrd.store import downloads, intents
from trailarrd.store.tables import ForetoldTable, MediaTable, chunks

_KEPT: Final = sa.select(ForetoldTable.__table__).where(ForetoldTable.connection == sa.bindparam("named"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ForetoldChoice:
    """One choice, and what its item is known by: its number on the server and at least one id elsewhere."""

    connection: str
    arr_id: int
    external_ids: Mapping[str, str]
    title: str
    intent: bool | None
    """Whether a trailer is wanted; None: nothing is said of that."""
    url: str | None
    """Where the video is that shall be its trailer; None: nothing is said of that."""
    by: str
    """Who has chosen, for people."""


def foretell(db: sa.Connection, choices: Sequence[ForetoldChoice]) -> None:
    """Keep them; one for the same item that was kept before goes."""
    for one in choices:
        same = (ForetoldTable.connection == one.connection) & (ForetoldTable.arr_id == one.arr_id)
        db.execute(sa.delete(ForetoldTable).where(same))
        row = {name: getattr(one, name) for name in ("connection", "arr_id", "title", "intent", "url", "by")}
        db.execute(sa.insert(ForetoldTable).values(**row, external_ids=dict(one.external_ids)))


def foretold(db: sa.Connection) -> int:
    """How many wait for their items."""
    return db.execute(sa.select(sa.func.count()).select_from(ForetoldTable)).scalar_one()


def fulfil(db: sa.Connection, connection: str, connection_id: int, at: datetime) -> int:
    """Give each item that is met its choice; by how many fewer items are monitored for it."""
    kept = db.execute(_KEPT, {"named": connection}).mappings()
    rows = {row["arr_id"]: row for row in kept}
    if not rows:
        return 0
    met = _met(db, connection_id, rows)
    by_wish: defaultdict[tuple[bool, str], list[int]] = defaultdict(list)
    for media_id, row in met.items():
        if row["intent"] is not None:
            by_wish[row["intent"], row["by"]].append(media_id)
        if row["url"]:
            downloads.choose(db, media_id, OwnAddress(url=row["url"], public_only=True), at)
    before = _monitored(db, met)
    for (intent, by), ids in by_wish.items():
        intents.set_intent(db, ids, intent=intent, at=at, by=by)
    for chunk in chunks(row["id"] for row in met.values()):
        db.execute(sa.delete(ForetoldTable).where(ForetoldTable.id.in_(chunk)))
    return before - _monitored(db, met)


def _met(db: sa.Connection, connection_id: int, kept: Mapping[int, Any]) -> dict[int, Any]:
    """The kept choice for each living item that is the one that was meant: numbers are dealt out anew."""
    met = {}
    for chunk in chunks(kept):
        statement = sa.select(MediaTable.id, MediaTable.arr_id, MediaTable.external_ids).where(
            MediaTable.connection_id == connection_id,
            MediaTable.arr_id.in_(chunk),
            MediaTable.removed_at.is_(None),
        )
        for media_id, arr_id, external_ids in db.execute(statement):
            if kept[arr_id]["external_ids"].items() & external_ids.items():
                met[media_id] = kept[arr_id]
    return met


def _monitored(db: sa.Connection, ids: Mapping[int, Any]) -> int:
    return sum(
        db.execute(
            sa.select(sa.func.count()).where(MediaTable.id.in_(chunk), MediaTable.monitored)
        ).scalar_one()
        for chunk in chunks(ids)
    )
