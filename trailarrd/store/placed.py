"""Files that trailarrd put into libraries."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from trailarrd.domain.download import Memory, Subject
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.placed import PlacedFile
from trailarrd.store import downloads
from trailarrd.store.connections import of_connections
from trailarrd.store.tables import MediaTable, PlacedTable

_FIELDS: Final = [field.name for field in fields(PlacedFile)]
_SELECT: Final = sa.select(*(getattr(PlacedTable, name) for name in _FIELDS))


def intend(db: sa.Connection, media_id: int, file: PlacedFile) -> int:
    """Note a file before it is seen, so that it is known as ours whatever happens; its number."""
    values = {name: getattr(file, name) for name in _FIELDS if name != "id"}
    statement = sa.insert(PlacedTable).values(media_id=media_id, settled=False, **values)
    return int(db.execute(statement.returning(PlacedTable.id)).scalar_one())


def settle(
    db: sa.Connection,
    media_id: int,
    number: int,
    memory: Memory | None,
    *,
    detail: dict[str, Any],
    at: datetime,
) -> None:
    """It is there: ours before it is so no more, and the history has it."""
    path = sa.select(PlacedTable.path).where(PlacedTable.id == number).scalar_subquery()
    others = ((PlacedTable.media_id == media_id) | (PlacedTable.path == path)) & (PlacedTable.id != number)
    db.execute(sa.delete(PlacedTable).where(others))
    db.execute(sa.update(PlacedTable).where(PlacedTable.id == number).values(settled=True))
    if memory is not None:
        downloads.remember(db, media_id, memory)
    downloads.tell(db, media_id, HistoryEvent.DOWNLOADED, detail, at)


def drop(db: sa.Connection, number: int) -> None:
    """It is not there, or not ours any more."""
    db.execute(sa.delete(PlacedTable).where(PlacedTable.id == number))


def of_item(db: sa.Connection, media_id: int) -> list[PlacedFile]:
    """The files that were placed for an item, or for another one with the same folder; the newest last."""
    folder = sa.select(MediaTable.folder).where(MediaTable.id == media_id).scalar_subquery()
    alike = sa.select(MediaTable.id).where((MediaTable.id == media_id) | (MediaTable.folder == folder))
    return _files(db, PlacedTable.media_id.in_(alike))


def of_items(db: sa.Connection, subjects: Sequence[Subject]) -> dict[int, PlacedFile]:
    """The file that is known to have been placed for each of these, as far as there is one."""
    wanted = {subject.id for subject in subjects}
    statement = _SELECT.add_columns(PlacedTable.media_id).where(PlacedTable.settled)
    rows = db.execute(statement.order_by(PlacedTable.id))
    return {row[-1]: _file(row[:-1]) for row in rows if row[-1] in wanted}


def unsettled(db: sa.Connection, connection: str | None = None) -> list[tuple[int, PlacedFile]]:
    """The files of which a kill has left unknown whether they came to their place, with their items.

    Of all connections, or of that one.
    """
    statement = _SELECT.add_columns(PlacedTable.media_id).where(PlacedTable.settled.is_(False))
    if connection is not None:
        items = sa.select(MediaTable.id).where(of_connections({connection}))
        statement = statement.where(PlacedTable.media_id.in_(items))
    return [(row[-1], _file(row[:-1])) for row in db.execute(statement.order_by(PlacedTable.id))]


def of_twins(db: sa.Connection, media_id: int) -> list[PlacedFile]:
    """The files placed for other items that are the same film: of the same kind and identity."""
    this = sa.select(MediaTable.identity_mark).where(MediaTable.id == media_id).scalar_subquery()
    kind = sa.select(MediaTable.kind).where(MediaTable.id == media_id).scalar_subquery()
    alike = sa.select(MediaTable.id).where(
        MediaTable.identity_mark == this,
        MediaTable.identity_mark != 0,
        MediaTable.kind == kind,
        MediaTable.id != media_id,
        MediaTable.removed_at.is_(None),
    )
    return _files(db, PlacedTable.settled & PlacedTable.media_id.in_(alike))


def _files(db: sa.Connection, which: sa.ColumnElement[bool]) -> list[PlacedFile]:
    return [_file(row) for row in db.execute(_SELECT.where(which).order_by(PlacedTable.id))]


def _file(row: Sequence[Any]) -> PlacedFile:
    return PlacedFile(**dict(zip(_FIELDS, row, strict=True)))
