"""Items as a refresh reads and writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from trailarrd.domain import known as packing
from trailarrd.domain.identity import folder_mark, identity_mark
from trailarrd.domain.known import KnownItems
from trailarrd.domain.paths import RemotePath
from trailarrd.domain.plan import file_mark
from trailarrd.store.chunks import chunks
from trailarrd.store.entries import ENTRY_COLUMNS, EntryRow
from trailarrd.store.tables import MediaTable, RefreshTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from trailarrd.domain.identity import Marks
    from trailarrd.store.refreshes import RefreshStart

_ROWS_AT_ONCE: Final = 1000
"""Rows read or added between two breaths of the event loop."""

MARK_COLUMNS: Final = ("fingerprint", "identity_mark", "folder", "trailer_mark", "signature")
"""What is stored of an item only to compare it and to know it again."""


class Stored(NamedTuple):
    """One item as it is in the database now."""

    entry: EntryRow
    intent: bool | None
    removed: bool


def known(db: sa.Connection, start: RefreshStart) -> KnownItems:
    """All that planning needs of a connection's items, removed ones too: one statement, and no text."""
    return _known(db, MediaTable.connection_id == start.connection_id)


def known_like(db: sa.Connection, start: RefreshStart, marks: Sequence[Marks]) -> KnownItems:
    """The same of those that share an arr id, an identity or a folder with one of these; at most a chunk."""
    media = MediaTable
    alike = sa.or_(
        media.arr_id.in_({one.arr_id for one in marks}),
        media.identity_mark.in_({one.identity for one in marks} - {0}),
        media.folder.in_({one.folder for one in marks}),
    )
    return _known(db, (media.connection_id == start.connection_id) & alike)


def _known(db: sa.Connection, which: sa.ColumnElement[bool]) -> KnownItems:
    media = MediaTable
    flags = (
        _coded(media.trailer, packing.TRAILERS, packing.TRAILER_BITS)
        + sa.func.coalesce(_number(media.intent) + 1, 0) * (1 << packing.INTENT_BITS)
        + _coded(media.monitor_reason, packing.REASONS, packing.REASON_BITS)
        + _number(media.monitored) * packing.MONITORED
        + _number(media.removed_at.is_not(None)) * packing.REMOVED
        + _number(media.held_at.is_not(None)) * packing.HELD
    )
    columns = (
        media.arr_id,
        sa.type_coerce(flags, sa.Integer),
        media.id,
        media.first_refresh,
        *(sa.func.coalesce(mark, 0) for mark in (media.trailer_mark, media.identity_mark, media.folder)),
        media.fingerprint,
        sa.func.coalesce(media.signature, sa.text("x''")),
    )
    statement = sa.select(*columns).where(which).order_by(media.arr_id)
    found = KnownItems()
    rows = db.execute(statement, execution_options={"yield_per": _ROWS_AT_ONCE})
    for some in rows.partitions():
        found.append(some)  # type: ignore[arg-type]  # a row is a tuple, if of a class of its own
    return found


def stored(db: sa.Connection, ids: Iterable[int]) -> dict[int, Stored]:
    """The items with these ids, as far as there are such."""
    result: dict[int, Stored] = {}
    for chunk in chunks(ids):
        statement = f"{_SELECT} WHERE id IN ({', '.join('?' * len(chunk))})"
        for number, intent, removed, *entry in db.exec_driver_sql(statement, tuple(chunk)):
            said = None if intent is None else bool(intent)
            result[number] = Stored(tuple(entry), said, bool(removed))
    return result


_SELECT: Final = f"SELECT id, intent, removed_at IS NOT NULL, {', '.join(ENTRY_COLUMNS)} FROM media"  # noqa: S608
_INSERTED: Final = (
    *ENTRY_COLUMNS,
    *MARK_COLUMNS,
    "first_refresh",
    "connection_id",
    "kind",
    "first_seen",
    "last_changed",
)
_INSERT: Final = f"INSERT INTO media ({', '.join(_INSERTED)}) VALUES ({', '.join('?' * len(_INSERTED))})"  # noqa: S608
_SET_MARKS: Final = ", ".join(f"{name} = ?" for name in MARK_COLUMNS)
_SET_ENTRY: Final = ", ".join(f"{name} = ?" for name in ENTRY_COLUMNS)
_UPDATE: Final = (
    f"UPDATE media SET {_SET_ENTRY}, {_SET_MARKS}, "  # noqa: S608
    "last_changed = ?, removed_at = NULL, held_at = NULL WHERE id = ?"
)
_UPDATE_MARKS: Final = f"UPDATE media SET {_SET_MARKS} WHERE id = ?"  # noqa: S608


class NewRow(NamedTuple):
    """An item that is about to be written for the first time."""

    entry: EntryRow
    marks: EntryRow
    first_refresh: int | None


class ChangedRow(NamedTuple):
    """A known item that is about to be written anew."""

    id: int
    entry: EntryRow
    marks: EntryRow


def marks_of(entry: EntryRow, fingerprint: bytes, identity: str | None, signature: bytes) -> EntryRow:
    """The values of `MARK_COLUMNS` for an entry."""
    path, file = entry[_PATH], entry[_FILE]
    return (
        fingerprint,
        identity_mark(identity) or None,
        folder_mark(RemotePath(path)),
        file_mark(file) or None,
        signature or None,
    )


_PATH: Final = ENTRY_COLUMNS.index("remote_path")
_FILE: Final = ENTRY_COLUMNS.index("trailer_file")


def insert(db: sa.Connection, start: RefreshStart, new: Iterable[NewRow], at: datetime) -> int:
    """Add items; the largest id before, so that theirs are known to be greater."""
    before = db.scalar(sa.select(sa.func.max(MediaTable.id))) or 0
    when = _moment(db, at)
    same = (start.connection_id, start.kind, when, when)
    for chunk in chunks(new, _ROWS_AT_ONCE):
        rows = [(*one.entry, *one.marks, one.first_refresh or start.number, *same) for one in chunk]
        db.exec_driver_sql(_INSERT, rows)
    return before


def update(db: sa.Connection, changed: Sequence[ChangedRow], at: datetime) -> None:
    """Write what was found; an item that was removed or held is back."""
    when = _moment(db, at)
    if rows := [(*one.entry, *one.marks, when, one.id) for one in changed]:
        db.exec_driver_sql(_UPDATE, rows)


def update_marks(db: sa.Connection, changed: Sequence[ChangedRow]) -> None:
    """Write marks alone: a folder was touched, or a new program version derives the same otherwise."""
    if rows := [(*one.marks, one.id) for one in changed]:
        db.exec_driver_sql(_UPDATE_MARKS, rows)


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
    """A time as the tables hold it: in SQLite a text, which the driver would make anew for every row."""
    processor = MediaTable.__table__.c.last_changed.type.bind_processor(db.dialect)
    moment = processor(at) if processor else at
    return moment.isoformat(" ") if db.dialect.name == "sqlite" else moment


def _number(truth: sa.ColumnExpressionArgument[Any]) -> sa.ColumnElement[int]:
    """0 or 1, which is what SQLite has for a truth."""
    return sa.type_coerce(truth, sa.Integer)


def _coded(
    column: sa.orm.attributes.InstrumentedAttribute[Any], words: Sequence[str], bits: int
) -> sa.ColumnElement[int]:
    """A word's number, so far to the left."""
    codes = {word: sa.literal(code << bits) for code, word in enumerate(words)}
    return sa.case(codes, value=column, else_=0)
