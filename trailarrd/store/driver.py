"""aiosqlite with one turn of its thread for each statement.

A turn wakes two threads, which costs more than most statements do. SQLAlchemy makes four for a query (to
open a cursor, run the statement, take its rows, close the cursor) and one more when a connection goes back
to its pool, even if there is nothing to roll back. A transaction begins in the turn of its first statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    import aiosqlite
    from sqlalchemy import Dialect
    from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_cursor


class _Statement:
    """What SQLAlchemy takes for aiosqlite's cursor; all its rows are there when it has run."""

    def __init__(self, connection: aiosqlite.Connection, begin: Callable[[sqlite3.Connection], None]) -> None:
        self._connection: Any = connection
        self._begin = begin
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, *statement: Any) -> None:
        """With its values, if it has any."""
        await self._connection._execute(self._run, "execute", statement)  # noqa: SLF001  # one turn for all

    async def executemany(self, *statement: Any) -> None:
        """Once for each of the values."""
        await self._connection._execute(self._run, "executemany", statement)  # noqa: SLF001  # likewise

    def _run(self, way: str, statement: tuple[Any, ...]) -> None:
        plain = self._connection._conn  # noqa: SLF001  # within its thread
        self._begin(plain)
        cursor = plain.cursor()
        try:
            run: Callable[..., object] = getattr(cursor, way)
            run(*statement)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()

    async def fetchall(self) -> list[Any]:
        """What has come; once."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is open any more."""


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    __slots__ = ()

    def _make_new_cursor(self, connection: Any) -> Any:
        adapted: Any = self._adapt_connection
        return _Statement(connection, adapted.begin)


class _Connection(AsyncAdapt_aiosqlite_connection):
    """Whoever asks for rows by and by (`yield_per`) has aiosqlite's own cursor."""

    __slots__ = ("_beginning",)
    _cursor_cls = _Cursor

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._beginning: str | None = None

    def begin_by(self, statement: str) -> None:
        """Begin a transaction so, with its first statement."""
        self._beginning = statement

    def begin(self, plain: sqlite3.Connection) -> None:
        """Begin what is to be begun; called within the thread."""
        if beginning := self._beginning:
            self._beginning = None
            plain.execute(beginning)

    def cursor(self, server_side: bool = False) -> AsyncAdapt_dbapi_cursor:  # noqa: FBT001, FBT002  # SQLAlchemy's
        if server_side and (beginning := self._beginning):
            self._beginning = None
            self.execute(beginning)
        return super().cursor(server_side)

    def commit(self) -> None:
        self._beginning = None
        super().commit()

    def rollback(self) -> None:
        self._beginning = None
        is_open = self._connection._connection is not None  # noqa: SLF001  # asked anything, one that is closed raises
        if is_open and self._connection.in_transaction:
            super().rollback()


def connect(dialect: Dialect, _: object, place: list[Any], options: dict[str, Any]) -> _Connection:
    """Answers the engine's event `do_connect`."""
    plain: Any = dialect.loaded_dbapi.connect(*place, **options)
    return _Connection(plain.dbapi, plain.driver_connection)
