"""Items as users and programs look at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from trailarrd.domain.media import MAX_ID, Media, MediaKind
from trailarrd.domain.monitoring import (
    MediaStatus,
    MonitorReason,
    TrailerState,
    status_of,
)
from trailarrd.domain.paths import LocalPath, RemotePath
from trailarrd.domain.want import condition_of
from trailarrd.store.tables import ConnectionTable, MediaTable, UtcDateTime

_MATCHES: Final = 50
_DIGITS_OF_YEAR: Final = 4

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


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFilter:
    """Which items; what is None does not matter."""

    connection: str | None = None
    kind: str | None = None
    trailer: TrailerState | None = None
    monitored: bool | None = None
    status: MediaStatus | None = None
    """`monitored` is what wants a trailer: nobody is downloading one for it yet."""
    ids: Sequence[int] | None = None
    held: bool | None = None
    vanishing: bool | None = None
    reason: MonitorReason | None = None
    text: str | None = None
    """Words that are all in the title, or are the year or an external id such as `tt0133093`."""


EVERYTHING: Final = MediaFilter()


class MediaOrder(StrEnum):
    """What a list goes by; a minus turns it round."""

    ID = "id"
    TITLE = "title"
    FIRST_SEEN = "-first_seen"
    LAST_CHANGED = "-last_changed"

    @property
    def is_backwards(self) -> bool:
        return self.value.startswith("-")


_KEYS: Final[dict[MediaOrder, sa.ColumnElement[Any]]] = {
    MediaOrder.ID: sa.type_coerce(MediaTable.id, sa.BigInteger()),
    MediaOrder.TITLE: sa.func.lower(MediaTable.title, type_=sa.Text),
    MediaOrder.FIRST_SEEN: sa.type_coerce(MediaTable.first_seen, UtcDateTime()),
    MediaOrder.LAST_CHANGED: sa.type_coerce(MediaTable.last_changed, UtcDateTime()),
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

    None if there is no item with that id, unless ids are what they go by.
    """
    key, number = _KEYS[order], MediaTable.id
    in_order = [one.desc() if order.is_backwards else one.asc() for one in (key, number)]
    ids = sa.select(number).where(*_conditions(which, now))
    if which.connection is not None:  # else it would have to look at each item that is skipped
        ids = ids.join(ConnectionTable)
    if after:
        ids = ids.where(_beyond(order, after))
    # What is skipped is only looked at in an index, if one goes by that order.
    ids = ids.order_by(*in_order).limit(limit).offset(skip)
    return _rows(db, _select().where(number.in_(ids)).order_by(*in_order))


def _beyond(order: MediaOrder, after: int) -> sa.ColumnElement[bool]:
    """By what the last item showed and not by how many there were: items come and go meanwhile."""
    key, number = _KEYS[order], MediaTable.id
    if order is MediaOrder.ID:
        return number > after
    last = sa.select(key).where(number == after).scalar_subquery()
    if order.is_backwards:
        return (key <= last) & ((key < last) | (number < after))
    return (key >= last) & ((key > last) | (number > after))


def count(db: sa.Connection, which: MediaFilter = EVERYTHING, *, now: datetime) -> int:
    """How many items fit."""
    chosen = sa.select(sa.func.count()).select_from(MediaTable).join(ConnectionTable)
    return db.scalar(chosen.where(*_conditions(which, now))) or 0


def page(db: sa.Connection, which: MediaFilter, now: datetime, *, after: int = 0) -> list[MediaRow]:
    """The next living items by id."""
    statement = _select().where(MediaTable.id > after, *_conditions(which, now)).limit(PAGE)
    return _rows(db, statement.order_by(MediaTable.id))


def some(db: sa.Connection, which: MediaFilter, now: datetime, ids: Sequence[int]) -> list[MediaRow]:
    """Those of a chunk of ids that fit, by id."""
    statement = _select().where(MediaTable.id.in_(ids), *_conditions(which, now))
    return _rows(db, statement.order_by(MediaTable.id))


def matching(db: sa.Connection, words: str) -> list[MediaRow]:
    """At most 50 items: by id, else by a path of or in their folder, else by title, else by part of it.

    Removed ones come last.
    """
    words = words.rstrip("/")
    media, text = MediaTable, sa.literal(words)
    below = [
        sa.func.substr(text, 1, sa.func.length(column) + 1) == column + sa.literal(sep)
        for column, sep in ((media.local_path, "/"), (media.remote_path, "/"), (media.remote_path, "\\"))
    ]
    title, wanted = sa.func.lower(media.title), sa.func.lower(text)
    ways: list[sa.ColumnElement[bool]] = [
        sa.or_(media.local_path == words, media.remote_path == words, *below),
        title == wanted,
        media.title.icontains(words, autoescape=True),
    ]
    if words.isdecimal() and int(words) <= MAX_ID:
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


def _conditions(which: MediaFilter, now: datetime) -> Sequence[sa.ColumnExpressionArgument[bool]]:
    media = MediaTable
    conditions: list[sa.ColumnExpressionArgument[bool]] = [media.removed_at.is_(None)]
    wanted = (
        (ConnectionTable.name, which.connection),
        (media.kind, which.kind),
        (media.trailer, which.trailer),
        (media.monitored, which.monitored),
        (media.monitor_reason, which.reason),
    )
    conditions += [column == value for column, value in wanted if value is not None]
    if which.held is not None:
        conditions.append(media.held_at.is_not(None) if which.held else media.held_at.is_(None))
    if which.vanishing is not None:
        conditions.append((media.vanishing_since.is_not(None)) == which.vanishing)
    if which.text is not None:
        conditions += [_matches(word) for word in which.text.split()]
    if which.status is not None:
        conditions += _has_status(which.status, now)
    return conditions


def _matches(word: str) -> sa.ColumnElement[bool]:
    media = MediaTable
    found = media.title.icontains(word, autoescape=True)
    # As the text that it is stored as; how that is searched is the same on every engine.
    found |= sa.cast(media.external_ids, sa.Text).icontains(f':"{word}"', autoescape=True)
    if word.isascii() and word.isdecimal() and len(word) == _DIGITS_OF_YEAR:
        found |= media.year == int(word)
    return found


def _has_status(status: MediaStatus, now: datetime) -> Sequence[sa.ColumnExpressionArgument[bool]]:
    """`domain.monitoring.status_of`, said in SQL."""
    media = MediaTable
    claimed = sa.func.coalesce(media.claimed_until > now, sa.false())
    present = media.trailer == TrailerState.PRESENT
    match status:
        case MediaStatus.DOWNLOADING:
            return [claimed]
        case MediaStatus.DOWNLOADED:
            return [~claimed, present]
        case MediaStatus.MONITORED:
            return [~claimed, ~present, media.monitored]
        case MediaStatus.MISSING:
            return [~claimed, ~present, ~media.monitored]
