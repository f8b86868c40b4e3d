"""Items as a refresh reads and writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from trailarrd.domain.identity import folder_mark
from trailarrd.domain.plan import Entry, Known
from trailarrd.store.chunks import chunks
from trailarrd.store.entries import ENTRY_COLUMNS, from_columns, to_columns
from trailarrd.store.tables import MediaTable, RefreshTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from trailarrd.domain.plan import Addition, Change
    from trailarrd.store.refreshes import RefreshStart

_ROWS_AT_ONCE: Final = 1000
"""Rows fetched between two breaths of the event loop."""


_MARKS: Final = ("fingerprint", "identity", "folder")


class Stored(NamedTuple):
    """One item as it is in the database now."""

    entry: Entry
    intent: bool | None
    removed: bool


def known(db: sa.Connection, connection_id: int) -> list[Known]:
    """All that planning needs of a connection's items, removed ones too."""
    media = MediaTable
    statement = sa.select(
        media.id,
        media.arr_id,
        media.fingerprint,
        media.trailer,
        media.trailer_file,
        media.intent,
        media.monitored,
        media.monitor_reason,
        media.first_refresh,
        media.removed_at.is_not(None),
        media.identity,
        media.folder,
        media.held_at.is_not(None),
    ).where(media.connection_id == connection_id)
    rows = db.execute(statement, execution_options={"yield_per": _ROWS_AT_ONCE})
    return [Known._make(row) for row in rows]


def stored(db: sa.Connection, ids: Iterable[int]) -> dict[int, Stored]:
    """The items with these ids, as far as there are such."""
    columns = (MediaTable.id, MediaTable.intent, MediaTable.removed_at, *ENTRY_COLUMNS)
    result: dict[int, Stored] = {}
    for chunk in chunks(ids):
        statement = sa.select(*columns).where(MediaTable.id.in_(chunk))
        for row in db.execute(statement).mappings():
            removed = row["removed_at"] is not None
            result[row["id"]] = Stored(from_columns(row), row["intent"], removed)
    return result


def insert(db: sa.Connection, start: RefreshStart, additions: Iterable[Addition], at: datetime) -> int:
    """Add items; the largest id before, so that theirs are known to be greater."""
    before = db.scalar(sa.select(sa.func.max(MediaTable.id))) or 0
    same = {
        "connection_id": start.connection_id,
        "kind": start.kind,
        "first_seen": at,
        "last_changed": at,
    }
    for chunk in chunks(additions):
        rows = [
            {**to_columns(a.entry), **same, **_marks(a), "first_refresh": a.first_refresh or start.number}
            for a in chunk
        ]
        db.execute(sa.insert(MediaTable), rows)
    return before


def update(db: sa.Connection, changes: Sequence[Change], at: datetime) -> None:
    """Write what these changes found; an item that was removed or held is back."""
    rows = [
        {
            **{f"new_{name}": value for name, value in to_columns(change.entry).items()},
            **{f"new_{name}": value for name, value in _marks(change).items()},
            "item": change.known.id,
        }
        for change in changes
    ]
    names = [*(column.key for column in ENTRY_COLUMNS), *_MARKS]
    written: dict[str, sa.BindParameter[object]] = {name: sa.bindparam(f"new_{name}") for name in names}
    statement = (
        sa.update(MediaTable)
        .where(MediaTable.id == sa.bindparam("item"))
        .values(**written, last_changed=at, removed_at=None, held_at=None)
    )
    for chunk in chunks(rows):
        db.execute(statement, chunk)


def step_aside(db: sa.Connection, ids: Iterable[int], at: datetime) -> None:
    """Take items that are about to change their arr ids out of the index of listed ones.

    A server that was reinstalled deals the same ids out anew: A gets B's before B has got another. So
    all of them step aside, as if held, before any of them is written and listed again.
    """
    for chunk in chunks(ids):
        db.execute(sa.update(MediaTable).where(MediaTable.id.in_(chunk)).values(held_at=at))


def update_marks(db: sa.Connection, changes: Sequence[Change]) -> None:
    """Write marks alone: a new program version may derive the same values otherwise."""
    statement = (
        sa.update(MediaTable)
        .where(MediaTable.id == sa.bindparam("item"))
        .values({name: sa.bindparam(f"new_{name}") for name in _MARKS})
    )
    rows = [
        {"item": change.known.id, **{f"new_{name}": value for name, value in _marks(change).items()}}
        for change in changes
    ]
    for chunk in chunks(rows):
        db.execute(statement, chunk)


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


def _marks(change: Addition | Change) -> dict[str, Any]:
    """What is stored of an item only to compare it and to know it again."""
    marks = (change.fingerprint, change.identity, folder_mark(change.entry.media.path))
    return dict(zip(_MARKS, marks, strict=True))
