"""Items as users and programs look at them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa

from trailarrd.domain.media import MAX_ID, Media, MediaKind
from trailarrd.domain.monitoring import MediaStatus, MonitorReason, TrailerState, condition_of, status_of
from trailarrd.domain.paths import LocalPath, RemotePath
from trailarrd.domain.search import fold
from trailarrd.store.conditions import (
    ADDED,
    YEAR,
    are_few,
    conditions_by_index,
    conditions_of,
    conditions_of_count,
    is_searched_alone,
)
from trailarrd.store.filter import EVERYTHING, MediaFilter, MediaOrder
from trailarrd.store.tables import ConnectionTable, MediaTable, UtcDateTime

_MATCHES: Final = 50
_NEAR: Final = 2000
"""Items among which it is tried to find those that fit, before all of them are looked for."""
_FEW: Final = 4
"""Times as many as are wanted, if that is more."""

PAGE: Final = 1000
"""Items per page; each page is a transaction of its own, so none is open while others work."""


class MediaRow(Media, frozen=True, kw_only=True, gc=False):
    """One item with everything that is known of it: its Media, whatever that consists of, and the rest."""

    id: int
    connection: str
    provider: str
    kind: MediaKind
    local_path: LocalPath | None
    trailer: TrailerState
    trailer_file: str | None
    """Relative to the item's folder."""
    intent: bool | None
    monitored: bool
    monitor_reason: MonitorReason
    first_seen: datetime
    last_changed: datetime
    intent_at: datetime | None
    claimed_by: str | None
    claimed_until: datetime | None
    held_at: datetime | None
    """Since when its removal waits for the user's choice."""
    intent_by: str | None
    """Who said yes or no."""
    first_refresh: int
    removed_at: datetime | None
    """Since when it is marked as removed; listings leave such items out."""
    contradicted: bool
    """Its server says that it has the item's own file, and its folder did not show it."""
    moved_at: datetime | None
    vanishing_since: datetime | None
    """Since when its trailer is held to be there, though it is not seen any more."""
    misnamed: bool
    """It vanishes for its name alone: the file that counted lies there still."""
    signature: bytes | None
    """How its folder was when it was last listed."""
    verdict: str | None
    """Why it is not wanted at all."""

    def __post_init__(self) -> None:
        """Nothing: what is stored was checked."""

    @property
    def remote_path(self) -> RemotePath:
        return self.path

    @property
    def condition(self) -> str | None:
        """The condition of `want:` that decides about it, if one does."""
        return condition_of(self.verdict, self.monitor_reason)

    def status(self, now: datetime) -> MediaStatus:
        """One word for it."""
        return status_of(
            trailer=self.trailer,
            monitored=self.monitored,
            claimed_until=self.claimed_until,
            now=now,
        )


_KEYS: Final[dict[str, sa.ColumnElement[Any]]] = {
    "id": sa.type_coerce(MediaTable.id, sa.BigInteger()),
    "title": sa.type_coerce(MediaTable.titles_folded, sa.Text()),
    "year": YEAR,
    "added": ADDED,
    "last_changed": sa.type_coerce(MediaTable.last_changed, UtcDateTime()),
    "first_seen": sa.type_coerce(MediaTable.id, sa.BigInteger()),  # ids count up as items are met
}


def selection(
    db: sa.Connection,
    which: MediaFilter,
    *,
    order: MediaOrder,
    limit: int,
    after: int = 0,
    skip: int = 0,
    now: datetime,
) -> list[MediaRow]:
    """So many of the items that fit in that order, after the one with that id, but for the first `skip`.

    Nothing if there is no item with that id, unless ids are what they go by.
    """
    key, number = _KEYS[order.key], MediaTable.id
    in_order = [one.desc() if order.is_backwards else one.asc() for one in (key, number)]
    beyond = [_beyond(order, after)] if after else []

    def shown(*conditions: sa.ColumnElement[bool]) -> list[MediaRow]:
        # What is skipped is only looked at in an index, if one goes by that order.
        ids = sa.select(number).where(*conditions).order_by(*in_order).limit(limit).offset(skip)
        return _rows(db, _select().where(number.in_(ids)).order_by(*in_order))

    if which == EVERYTHING or (order.key == "title" and is_searched_alone(which)):
        return shown(*conditions_of(which, now), *beyond)
    near = max(_NEAR, _FEW * limit)
    if skip + limit <= near and not are_few(which):
        # What many items have is found among the next ones: looking for all of them would read more.
        next_ones = sa.select(number).where(*conditions_of(EVERYTHING, now), *beyond)
        next_ones = next_ones.order_by(*in_order).limit(near)
        rows = shown(number.in_(next_ones), *conditions_of(which, now))
        if len(rows) == limit:
            return rows
    return shown(*conditions_by_index(which, now), *beyond)


def _beyond(order: MediaOrder, after: int) -> sa.ColumnElement[bool]:
    """By what the last item showed and not by how many there were: items come and go meanwhile."""
    key, number = _KEYS[order.key], MediaTable.id
    if key.compare(_KEYS["id"]):
        return number < after if order.is_backwards else number > after
    last = sa.select(key).where(number == after).scalar_subquery()
    if order.is_backwards:
        return (key <= last) & ((key < last) | (number < after))
    return (key >= last) & ((key > last) | (number > after))


def count(db: sa.Connection, which: MediaFilter = EVERYTHING, *, now: datetime) -> int:
    """How many items fit."""
    chosen = sa.select(sa.func.count()).select_from(MediaTable)
    if which == EVERYTHING:  # SQLite knows how many rows there are without reading them, and few are removed
        removed = chosen.where(MediaTable.removed_at.is_not(None))
        return db.scalar(sa.select(chosen.scalar_subquery() - removed.scalar_subquery())) or 0
    return db.scalar(chosen.where(*conditions_of_count(which, now))) or 0


class Found(NamedTuple):
    total: int
    rows: list[MediaRow]


def found(
    db: sa.Connection,
    which: MediaFilter,
    *,
    order: MediaOrder,
    limit: int,
    after: int = 0,
    skip: int = 0,
    now: datetime,
) -> Found:
    """How many fit, and a page of them; one that is not full mostly tells both, without a second search."""
    rows = selection(db, which, order=order, limit=limit, after=after, skip=skip, now=now)
    is_last = not after and len(rows) < limit and (rows or not skip)
    return Found(skip + len(rows) if is_last else count(db, which, now=now), rows)


def page(db: sa.Connection, which: MediaFilter, now: datetime, *, after: int = 0) -> list[MediaRow]:
    """The next living items by id."""
    return selection(db, which, order=MediaOrder.ID, limit=PAGE, after=after, now=now)


def some(db: sa.Connection, which: MediaFilter, now: datetime, ids: Sequence[int]) -> list[MediaRow]:
    """Those of a chunk of ids that fit, by id."""
    statement = _select().where(MediaTable.id.in_(ids), *conditions_of(which, now))
    return _rows(db, statement.order_by(MediaTable.id))


def matching(db: sa.Connection, words: str, *, by_title: bool = False) -> list[MediaRow]:
    """At most 50 items: by id, else by a path of or in their folder, else by title, else by part of it.

    `by_title`: digits alone are no id, but a film called 1917. Removed ones come last.
    """
    words = words.rstrip("/")
    media, text, folded = MediaTable, sa.literal(words), fold(words)
    below = [
        sa.func.substr(text, 1, sa.func.length(column) + 1) == column + sa.literal(sep)
        for column, sep in ((media.local_path, "/"), (media.remote_path, "/"), (media.remote_path, "\\"))
    ]
    line = sa.literal("\n") + media.titles_folded + sa.literal("\n")
    ways: list[sa.ColumnElement[bool]] = [
        sa.or_(media.local_path == words, media.remote_path == words, *below),
        line.contains(f"\n{folded}\n", autoescape=True),
        media.titles_folded.contains(folded, autoescape=True),
    ]
    if not by_title and words.isdecimal() and int(words) <= MAX_ID:
        ways.insert(0, media.id == int(words))
    for way in ways:
        order = (media.removed_at.is_not(None), media.id)
        if found := _rows(db, _select().where(way).order_by(*order).limit(_MATCHES)):
            return found
    return []


_COLUMNS: Final = {
    **{column.key: column for column in MediaTable.__table__.columns},
    "path": MediaTable.remote_path,
    "connection": ConnectionTable.name,
    "provider": ConnectionTable.provider,
}


def _select() -> sa.Select[Any]:
    columns = [_COLUMNS[name] for name in MediaRow.__struct_fields__]
    return sa.select(*columns).join_from(MediaTable, ConnectionTable)


def _rows(db: sa.Connection, statement: sa.Select[Any]) -> list[MediaRow]:
    return [msgspec.convert(tuple(row), MediaRow) for row in db.execute(statement)]
