"""What little the engines want said differently: nothing else in this room asks which one it is."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trailarrd.store.entries import Row

_SQLITE, _POSTGRESQL = "sqlite", "postgresql"
_ROOM, _MOST_ROOM = 2000, 8000
"""KiB of pages that SQLite keeps in memory, and while it writes many rows."""
_ROWS_OF_A_KIB = 8


def driver_value(db: sa.Connection, column: sa.ColumnElement[Any], value: Any) -> Any:
    """A value of that column as the driver takes it."""
    processor = column.type.dialect_impl(db.dialect).bind_processor(db.dialect)
    return processor(value) if processor else value


class Many(FunctionElement[int]):
    """Numbers that are bound as one value, so that the statement is the same however many they are."""

    inherit_cache = True
    name = "many"


@compiles(Many, _SQLITE)
def _many_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    inner = compiler.process(element.clauses, **options)
    return f"(SELECT value FROM json_each({inner}))"  # noqa: S608  # a place for a value


@compiles(Many, _POSTGRESQL)
def _many_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"(SELECT unnest(CAST({compiler.process(element.clauses, **options)} AS bigint[])))"


class Seconds(FunctionElement[int]):
    """Whole seconds since 1970 of a moment; what is left of one does not count."""

    inherit_cache = True
    name = "seconds"
    type = sa.BigInteger()


@compiles(Seconds, _SQLITE)
def _seconds_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(STRFTIME('%s', {compiler.process(element.clauses, **options)}) AS INTEGER)"


@compiles(Seconds, _POSTGRESQL)
def _seconds_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(FLOOR(EXTRACT(epoch FROM {compiler.process(element.clauses, **options)})) AS bigint)"


class Elapsed(FunctionElement[float]):
    """Seconds from one moment to a later one, with their fractions."""

    inherit_cache = True
    name = "elapsed"
    type = sa.Float()


@compiles(Elapsed, _SQLITE)
def _elapsed_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(one, **options) for one in element.clauses)
    return f"((JULIANDAY({end}) - JULIANDAY({start})) * 86400.0)"


@compiles(Elapsed, _POSTGRESQL)
def _elapsed_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(EXTRACT(epoch FROM {end} - {start}) AS double precision)"


class AsId(FunctionElement[int]):
    """A stranger's text as the id that it may be; null, or no id that there is, for any other."""

    inherit_cache = True
    name = "as_id"
    type = sa.BigInteger()


@compiles(AsId, _SQLITE)
def _as_id_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    inner = compiler.process(element.clauses, **options)
    return f"CASE WHEN CAST(CAST({inner} AS INTEGER) AS TEXT) = {inner} THEN CAST({inner} AS INTEGER) END"


@compiles(AsId, _POSTGRESQL)
def _as_id_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    inner = compiler.process(element.clauses, **options)
    return f"CASE WHEN {inner} ~ '^[1-9][0-9]{{0,17}}$' THEN CAST({inner} AS bigint) END"


def of_many(db: sa.Connection, numbers: Sequence[int]) -> Any:
    """What stands for these in a `Many`."""
    return json.dumps(numbers) if db.dialect.name == _SQLITE else list(numbers)


def with_truths(db: sa.Connection, rows: list[Row], truths: Sequence[int]) -> Iterable[Row]:
    """Rows with 0 and 1 in these places as the driver takes them: only SQLite's has them for truths."""
    return rows if db.dialect.name == _SQLITE else (_with_truths(row, truths) for row in rows)


def _with_truths(row: Row, truths: Sequence[int]) -> Row:
    values = list(row)
    for index in truths:
        if values[index] is not None:
            values[index] = bool(values[index])
    return tuple(values)


def analyze(db: sa.Connection, table: str) -> None:
    """Tell the planner how many rows there are: without, SQLite's takes a partial index for a small one."""
    if db.dialect.name == _SQLITE:
        db.exec_driver_sql("PRAGMA analysis_limit = 400")  # rows of each index: a millisecond for all
    db.exec_driver_sql(f"ANALYZE {table}")


@contextmanager
def with_room(db: sa.Connection, rows: int) -> Iterator[None]:
    """Room for so many rows that are written: else SQLite writes pages of their indexes again and again."""
    room = min(_MOST_ROOM, rows // _ROWS_OF_A_KIB)
    if db.dialect.name != _SQLITE or room <= _ROOM:
        yield
        return
    db.exec_driver_sql(f"PRAGMA cache_size = -{room}")
    yield
    db.exec_driver_sql(f"PRAGMA cache_size = -{_ROOM}")


def keep_indexes_partial(db: sa.Connection, tables: sa.MetaData) -> None:
    """What tables say of SQLite's indexes is so of PostgreSQL's; said there, SQLAlchemy would load both."""
    if db.dialect.name == _SQLITE:
        return
    for index in (index for table in tables.tables.values() for index in table.indexes):
        index.dialect_options[_POSTGRESQL]["where"] = index.dialect_options[_SQLITE]["where"]


def last_id(db: sa.Connection, table: str) -> int:
    """The largest id that a row of it was ever given, also of one that is gone: history speaks of those."""
    held = db.scalar(sa.select(sa.func.max(sa.column("id"))).select_from(sa.table(table))) or 0
    if db.dialect.name == _SQLITE:
        asked = "SELECT seq FROM sqlite_sequence WHERE name = ?"
    else:
        asked = "SELECT last_value FROM pg_sequences WHERE sequencename = $1 || '_id_seq'"
    given = db.exec_driver_sql(asked, (table,)).scalar() or 0
    return max(held, given)


def set_last_id(db: sa.Connection, table: str, last: int) -> None:
    """No row of it gets an id up to that one."""
    if not last:
        return
    if db.dialect.name == _SQLITE:
        db.exec_driver_sql("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (last, table))
        db.exec_driver_sql(  # of a table without rows there is no number yet
            "INSERT INTO sqlite_sequence (name, seq) SELECT name, ? FROM sqlite_master WHERE name = ?"
            " AND sql LIKE '%AUTOINCREMENT%' AND name NOT IN (SELECT name FROM sqlite_sequence)",
            (last, table),
        )
        return
    db.exec_driver_sql("SELECT setval(pg_get_serial_sequence($1, 'id'), $2)", (table, last))
