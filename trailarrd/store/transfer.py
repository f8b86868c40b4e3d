"""All of a database into another one, of whatever kind: whole, read back and compared, or nothing."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from trailarrd.concurrency import to_completion
from trailarrd.domain.database import DatabaseAddress
from trailarrd.errors import DatabaseError
from trailarrd.store import lease_rows
from trailarrd.store.engine import reading
from trailarrd.store.entries import Row
from trailarrd.store.failures import translated
from trailarrd.store.locks import alone
from trailarrd.store.place import Place
from trailarrd.store.portable import analyze, driver_value, last_id, set_last_id
from trailarrd.store.prepared import Prepared, bare, value
from trailarrd.store.store import Store
from trailarrd.store.tables import Base, HintTable, LeaseTable, RequestTable, UtcDateTime

_ROWS: Final = 1000
"""Read and written at once."""
_PATIENCE: Final = 10.0
_OF_DAEMONS: Final = (LeaseTable.__table__, HintTable.__table__, RequestTable.__table__)
"""Who is alone at something is so in one database, and what daemons tell each other is for those."""
_TABLES: Final = [table for table in Base.metadata.sorted_tables if table not in _OF_DAEMONS]


@dataclass(slots=True)
class Copied:
    """What a table holds, in whatever database."""

    table: str
    rows: int = 0
    _hash: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=16))

    def add(self, rows: list[Row]) -> None:
        self.rows += len(rows)
        self._hash.update(repr(rows).encode("utf-8", "surrogatepass"))

    @property
    def digest(self) -> str:
        digest: str = self._hash.hexdigest()
        return digest


async def transfer(
    source: DatabaseAddress, target: DatabaseAddress, told: Callable[[Copied], object]
) -> None:
    """Fill `target`, which is made if it is not there, with all that `source` holds.

    `told` hears of each table when it was written. Raises `DatabaseError`, and nothing is in `target`, if
    somebody uses one of them, or if what is read back is not what was written; `FileExistsError`, and nothing
    has changed, if `target` is not empty.
    """
    await _bring_up_to_date(source, create=False)
    async with _connected(source, to_read=True) as origin:
        await _bring_up_to_date(target, create=True)
        async with _connected(target) as goal:
            await goal.run_sync(_must_be_empty)
            copied = [await _copy(origin, goal, table, told) for table in _TABLES]
            await goal.run_sync(analyze, "media")
            for table, one in zip(_TABLES, copied, strict=True):
                if (await _read(goal, table)).digest != one.digest:
                    raise DatabaseError(f"table {table.name} reads back otherwise than it was written")


async def _bring_up_to_date(address: DatabaseAddress, *, create: bool) -> None:
    async with Store.open(address, create=create):
        pass


@asynccontextmanager
async def _connected(address: DatabaseAddress, *, to_read: bool = False) -> AsyncIterator[AsyncConnection]:
    """One transaction, while nobody else uses the database."""
    place = Place.of(address, _PATIENCE)
    engine = place.engine()
    with alone(place.file) if place.file else nullcontext(), translated(place.name):
        try:
            async with (reading(engine) if to_read else engine).begin() as connection:
                if not place.file and (user := await connection.run_sync(lease_rows.user)):
                    raise DatabaseError(f"database {place.name} is in use by {user}; stop that first")
                yield connection
        finally:
            await to_completion(engine.dispose())


def _must_be_empty(db: sa.Connection) -> None:
    for table in _TABLES:
        if db.scalar(sa.select(sa.exists().select_from(table))):
            raise FileExistsError(
                f"there is something in table {table.name} of the database to copy to;"
                " name a file that is not there yet, or a new database of 'createdb'"
            )


async def _copy(
    origin: AsyncConnection, goal: AsyncConnection, table: sa.Table, told: Callable[[Copied], object]
) -> Copied:
    copied = Copied(table.name)
    insert = Prepared(sa.insert(bare(table)).values({column.name: value() for column in table.columns}))
    async for rows in _pages(origin, table):
        copied.add(rows)
        # Who cancels asyncpg in the middle of many rows waits for a minute, and is not cancelled then.
        await to_completion(goal.run_sync(_write, insert, table, rows))
    if "id" in table.columns:
        last = await origin.run_sync(last_id, table.name)
        await goal.run_sync(set_last_id, table.name, last)
    told(copied)
    return copied


def _write(db: sa.Connection, insert: Prepared, table: sa.Table, rows: list[Row]) -> None:
    insert.send(db, _for_driver(db, table, rows))


async def _read(db: AsyncConnection, table: sa.Table) -> Copied:
    found = Copied(table.name)
    async for rows in _pages(db, table):
        found.add(rows)
    return found


async def _pages(connection: AsyncConnection, table: sa.Table) -> AsyncIterator[list[Row]]:
    last = None
    (key,) = table.primary_key.columns
    index = table.columns.keys().index(key.name)
    while rows := await connection.run_sync(_page, table, key, last):
        yield rows
        last = rows[-1][index]


def _page(db: sa.Connection, table: sa.Table, key: sa.Column[Any], last: object) -> list[Row]:
    """The next rows by their key, with the same values whatever the engine; JSON as it is written."""
    columns = [sa.cast(one, sa.Text) if isinstance(one.type, sa.JSON) else one for one in table.columns]
    plain = [sa.type_coerce(one, _plain_type(one)) for one in columns]
    statement = sa.select(*plain).order_by(key).limit(_ROWS)
    if last is not None:
        statement = statement.where(key > last)
    return [tuple(map(_clean, row)) for row in db.execute(statement)]


def _plain_type(column: sa.ColumnElement[Any]) -> Any:
    """Enums as the words that they are, which an older version may have stored."""
    return sa.Text() if isinstance(column.type, sa.Enum) else column.type


def _clean(one: Any) -> Any:
    if isinstance(one, str):
        return one.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return one.astimezone(UTC) if isinstance(one, datetime) else one


def _for_driver(db: sa.Connection, table: sa.Table, rows: list[Row]) -> Iterator[Row]:
    times = [isinstance(column.type, UtcDateTime) for column in table.columns]
    columns = list(table.columns)
    for row in rows:
        yield tuple(
            driver_value(db, columns[index], one) if times[index] else one for index, one in enumerate(row)
        )
