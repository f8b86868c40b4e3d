"""The records that could not be used, so that somebody can look after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from trailarrd.domain.media import MAX_ID
from trailarrd.domain.quarantine import Quarantined
from trailarrd.store.tables import ConnectionTable, QuarantineTable, chunks

_ARR_IDS: Final = sa.select(QuarantineTable.arr_id).where(
    QuarantineTable.connection_id == sa.bindparam("connection")
)


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One record that the connection's last applied refresh could not use."""

    connection: str
    position: int
    arr_id: str | None
    reason: str
    at: datetime


def replace(db: sa.Connection, connection_id: int, records: Sequence[Quarantined], at: datetime) -> None:
    """Keep these instead of those of the refresh before."""
    db.execute(sa.delete(QuarantineTable).where(QuarantineTable.connection_id == connection_id))
    rows = [
        {
            "connection_id": connection_id,
            "at": at,
            "position": record.position,
            "arr_id": None if record.arr_id is None else str(record.arr_id)[:64],
            "reason": record.reason,
        }
        for record in records
    ]
    for chunk in chunks(rows):
        db.execute(sa.insert(QuarantineTable), chunk)


def arr_ids(db: sa.Connection, connection_id: int) -> frozenset[int]:
    """The ids of a connection's quarantined records, as far as they are ids at all."""
    found = db.scalars(_ARR_IDS, {"connection": connection_id})
    return frozenset(int(arr_id) for arr_id in found if arr_id and arr_id.isdecimal())


def all_identified(db: sa.Connection, connection_id: int) -> bool:
    """Whether each of a connection's quarantined records has an id that an item can have."""
    found = db.scalars(_ARR_IDS, {"connection": connection_id})
    return all(arr_id and arr_id.isdecimal() and 1 <= int(arr_id) <= MAX_ID for arr_id in found)


def listing(db: sa.Connection, connection: str | None = None) -> list[QuarantineRow]:
    """What is quarantined, in the order of the servers' lists."""
    table = QuarantineTable
    columns = (ConnectionTable.name, table.position, table.arr_id, table.reason, table.at)
    statement = (
        sa.select(*columns)
        .join(ConnectionTable, ConnectionTable.id == table.connection_id)
        .order_by(ConnectionTable.name, table.position)
    )
    if connection is not None:
        statement = statement.where(ConnectionTable.name == connection)
    return [QuarantineRow(*row) for row in db.execute(statement)]
