"""Items as a refresh reads and writes them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from trailarrd.domain.keys import ItemKeys
from trailarrd.domain.known import SECOND_LOOK, Known, KnownItems, Vanishing
from trailarrd.domain.media import Media
from trailarrd.store.entries import (
    ENTRY_COLUMNS,
    QUIET_COLUMNS,
    QUIET_TRUTHS,
    TRUTHS,
    Row,
    from_row,
    moved_to,
    quiet,
)
from trailarrd.store.portable import Many, driver_value, of_many, with_truths
from trailarrd.store.prepared import Prepared, bare, value
from trailarrd.store.refreshes import RefreshStart
from trailarrd.store.tables import ConnectionTable, MediaTable, RefreshTable, chunks

_ROWS_AT_ONCE: Final = 1000
"""Rows read or added between two breaths of the event loop."""


class Stored(NamedTuple):
    row: Row
    intent: bool | None
    removed: bool


def known(db: sa.Connection, start: RefreshStart) -> KnownItems:
    """All that planning needs of a connection's items, removed ones too: one statement, and no text."""
    long_ago = start.began - SECOND_LOOK if start.only is None else None
    return _known(db, MediaTable.connection_id == start.connection_id, long_ago)


def known_like(db: sa.Connection, start: RefreshStart, keys: Sequence[ItemKeys]) -> KnownItems:
    """The same of those that share an arr id, an identity or a folder with one of these; at most a chunk."""
    media = MediaTable
    ways = (
        (media.connection_id == start.connection_id) & media.arr_id.in_({one.arr_id for one in keys}),
        media.identity_mark.in_({one.identity for one in keys} - {0}),
        media.folder.in_({one.folder for one in keys}),
    )
    # One by one, as each has an index of its own, which a planner without statistics would not take.
    alike = sa.union(*(sa.select(media.id).where(way) for way in ways))
    return _known(db, media.id.in_(alike) & (media.connection_id == start.connection_id))


def living(db: sa.Connection, start: RefreshStart, arr_ids: Collection[int]) -> list[Known]:
    """The living items with one of these arr ids, held ones too."""
    media, found = MediaTable, list[Known]()
    for chunk in chunks(sorted(arr_ids)):
        which = (media.connection_id == start.connection_id) & media.removed_at.is_(None)
        found += _known(db, which & media.arr_id.in_(chunk))
    return found


def others(db: sa.Connection, start: RefreshStart) -> int:
    """How many listed items the refresh is not about."""
    return db.scalar(sa.select(sa.func.count()).where(_is_other(start))) or 0


def some_others(db: sa.Connection, start: RefreshStart, most: int) -> list[Known]:
    """So many of them, by chance; at most a chunk."""
    by_chance = sa.select(MediaTable.id).where(_is_other(start)).order_by(sa.func.random()).limit(most)
    return list(_known(db, MediaTable.id.in_(by_chance)))


def _is_other(start: RefreshStart) -> sa.ColumnElement[bool]:
    media = MediaTable
    listed = media.removed_at.is_(None) & media.held_at.is_(None)
    return (media.connection_id == start.connection_id) & listed & media.arr_id.not_in(start.only or ())


_KNOWN: Final[dict[str, sa.SQLColumnExpression[Any]]] = {
    "trailer_hash": sa.func.coalesce(MediaTable.trailer_mark, 0),
    "identity": sa.func.coalesce(MediaTable.identity_mark, 0),
    "folder": sa.func.coalesce(MediaTable.folder, 0),
    "signature": sa.func.coalesce(MediaTable.signature, sa.literal(b"", sa.LargeBinary)),
    "removed": MediaTable.removed_at.is_not(None),
    "held": MediaTable.held_at.is_not(None),
    "exclusion": MediaTable.verdict,
}
"""What is a column of its own, of the same name, is not here."""


def _vanishing(long_ago: datetime | None) -> sa.ColumnElement[int]:
    """`long_ago`: before then is so; None: some items alone are looked at, which is no second look."""
    since = MediaTable.vanishing_since
    whens: list[tuple[sa.ColumnElement[bool], int]] = [
        (since.is_(None), Vanishing.NO.value),
        (MediaTable.misnamed.is_(True), Vanishing.MISNAMED.value),
    ]
    if long_ago is not None:
        whens.append((since <= long_ago, Vanishing.LONG_GONE.value))
    return sa.case(*whens, else_=Vanishing.GONE.value)


def _known(db: sa.Connection, which: sa.ColumnElement[bool], long_ago: datetime | None = None) -> KnownItems:
    # KnownItems makes words and truths of what is stored, once for all items that have the same.
    of_items = {**_KNOWN, "vanishing": _vanishing(long_ago)}
    columns = [of_items[name] if name in of_items else getattr(MediaTable, name) for name in Known._fields]
    raw = [sa.type_coerce(column, sa.types.NullType()) for column in columns]
    statement = sa.select(*raw).where(which).order_by(MediaTable.arr_id)
    found = KnownItems()
    rows = db.execute(statement, execution_options={"yield_per": _ROWS_AT_ONCE})
    for some in rows.partitions():
        found.append(some)
    return found


def stored(db: sa.Connection, ids: Iterable[int]) -> dict[int, Stored]:
    """The items with these ids, as far as there are such."""
    result: dict[int, Stored] = {}
    for chunk in chunks(ids):
        for found in _STORED.ask(db, (of_many(db, chunk),)):
            number, intent, removed, *_ = found
            said = None if intent is None else bool(intent)
            result[number] = Stored(found[3:], said, bool(removed))
    return result


def media_of(db: sa.Connection, start: RefreshStart, arr_ids: Sequence[int]) -> list[Media]:
    """At most a chunk of the connection's listed items, as their server told of them last."""
    which = (MediaTable.connection_id == start.connection_id) & MediaTable.arr_id.in_(arr_ids)
    listed = which & MediaTable.removed_at.is_(None) & MediaTable.held_at.is_(None)
    ids = db.scalars(sa.select(MediaTable.id).where(listed)).all()
    return [from_row(one.row).media for one in stored(db, ids).values()]


class Moved(NamedTuple):
    """An item that its server moved, and whose folder does not show its file yet."""

    connection: str
    arr_id: int
    at: datetime


def moved(db: sa.Connection, since: datetime) -> list[Moved]:
    """Those of active connections that were moved after that moment."""
    statement = (
        sa.select(ConnectionTable.name, MediaTable.arr_id, MediaTable.moved_at)
        .join_from(MediaTable, ConnectionTable)
        .where(MediaTable.moved_at > since, MediaTable.contradicted, ConnectionTable.active)
        .where(MediaTable.removed_at.is_(None), MediaTable.held_at.is_(None))
    )
    return [Moved(name, arr_id, at) for name, arr_id, at in db.execute(statement) if at]


_INSERTED: Final = (*ENTRY_COLUMNS, "connection_id", "kind", "first_seen", "last_changed")
_BARE: Final = bare(MediaTable.__table__, first=_INSERTED)
_OWN: Final = (_BARE.c.id, _BARE.c.intent, _BARE.c.removed_at.is_not(None))
_ENTRY: Final = [_BARE.c[name] for name in ENTRY_COLUMNS]
_AS_WRITTEN: Final = [  # PostgreSQL's driver makes an object of JSON
    sa.cast(column, sa.Text) if isinstance(MediaTable.__table__.c[column.name].type, sa.JSON) else column
    for column in _ENTRY
]
_STORED: Final = Prepared(sa.select(*_OWN, *_AS_WRITTEN).where(_BARE.c.id.bool_op("IN")(Many(value()))))
_INSERT: Final = Prepared(sa.insert(_BARE).values({name: value() for name in _INSERTED}))
_MOVED: Final = sa.case((_BARE.c.remote_path != value(), value()), else_=_BARE.c.moved_at)
_SET_ENTRY: Final = [(column, value()) for column in _ENTRY]
_SET_CHANGED: Final = (
    (_BARE.c.last_changed, value()),
    (_BARE.c.removed_at, sa.null()),
    (_BARE.c.held_at, sa.null()),
    (_BARE.c.moved_at, sa.case((value(), _MOVED))),  # if it is contradicted
)
_THIS: Final = sa.update(_BARE).where(_BARE.c.id == value())
_UPDATE: Final = Prepared(_THIS.ordered_values(*_SET_ENTRY, *_SET_CHANGED))
_UPDATE_HIDDEN: Final = Prepared(_THIS.ordered_values(*((_BARE.c[name], value()) for name in QUIET_COLUMNS)))
_UPDATED_TRUTHS: Final = (*TRUTHS, len(ENTRY_COLUMNS) + 1)


def insert(db: sa.Connection, start: RefreshStart, new: Iterable[Row], at: datetime) -> int:
    """Add items; the largest id before, so that theirs are known to be greater."""
    before = db.scalar(sa.select(sa.func.max(MediaTable.id))) or 0
    when = _moment(db, at)
    same = (start.connection_id, start.kind, when, when)
    for chunk in chunks(new, _ROWS_AT_ONCE):
        _INSERT.send(db, with_truths(db, [row + same for row in chunk], TRUTHS))
    return before


def update(db: sa.Connection, changed: Sequence[tuple[int, Row]], at: datetime) -> None:
    """Write the rows of these ids; an item that was removed or held is back."""
    when = _moment(db, at)
    rows = [(*row, when, *moved_to(row), when, number) for number, row in changed]
    _UPDATE.send(db, with_truths(db, rows, _UPDATED_TRUTHS))


def update_hidden(db: sa.Connection, changed: Sequence[tuple[int, Row]]) -> None:
    """Write what no event tells of: a folder was touched, or a new version derives the same otherwise."""
    _UPDATE_HIDDEN.send(db, with_truths(db, [(*quiet(row), number) for number, row in changed], QUIET_TRUTHS))


def step_aside(db: sa.Connection, ids: Iterable[int], at: datetime) -> None:
    """Take items that are about to change their arr ids out of the index of listed ones.

    A server that was reinstalled deals the same ids out anew: A gets B's before B has got another. So
    all of them step aside, as if held, before any of them is written and listed again.
    """
    for chunk in chunks(ids):
        db.execute(sa.update(MediaTable).where(MediaTable.id.in_(chunk)).values(held_at=at))


def mark_removed(db: sa.Connection, ids: Sequence[int], at: datetime) -> int:
    """Mark at most a chunk of living items as removed; how many there were."""
    living = sa.and_(MediaTable.id.in_(ids), MediaTable.removed_at.is_(None))
    values = {"removed_at": removal_time(db, at), "held_at": None}
    return db.execute(sa.update(MediaTable).where(living).values(values)).rowcount


def removal_time(db: sa.Connection, at: datetime) -> datetime:
    """From when the grace time of an item counts that is removed now.

    A clock that was set back, as a machine's without a battery is at its start, would let it be over
    as soon as the clock is right again. So it counts from the latest moment that was ever known.
    """
    latest = db.scalar(sa.select(sa.func.max(RefreshTable.started_at)))
    return max(at, latest) if latest else at


def _moment(db: sa.Connection, at: datetime) -> object:
    """A time as the driver takes it: for SQLite a text, which it would make anew for every row."""
    return driver_value(db, MediaTable.__table__.c.last_changed, at)
