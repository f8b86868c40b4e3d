"""Whether somebody has committed something: told at once of this process, and seen soon of any other."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from trailarrd.concurrency import to_completion

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


T = TypeVar("T")


class DatabaseVersion(Protocol):
    """What a database can say of itself without a transaction; each kind of database brings its own."""

    async def now(self) -> object:
        """Equal to what it was before if nobody, in no process, has committed anything in between."""

    async def close(self) -> None:
        """For the end: who asks later hears something else each time, and opens nothing."""


class SqliteVersion:
    """SQLite's own count of what other connections commit, asked on a connection that never writes."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None
        self._is_over = False
        self._turn = asyncio.Lock()

    async def now(self) -> object:
        return await to_completion(self._now())

    async def _now(self) -> object:
        async with self._turn:
            if self._is_over:  # who is late connects no more: nobody would close that
                return object()
            try:
                if self._connection is None:
                    self._connection = await self._engine.connect()
                driver: Any = (await self._connection.get_raw_connection()).driver_connection
                ((version,),) = await driver.execute_fetchall("PRAGMA data_version")
            except (sqlite3.Error, SQLAlchemyError):
                return object()  # nobody knows, so something may be new
            return version

    async def close(self) -> None:
        async with self._turn:
            self._is_over = True
            if self._connection is not None:
                await self._connection.close()


class Mark(NamedTuple):
    """A moment in the life of a database."""

    version: object
    committed: asyncio.Event
    """Set as soon as this process has committed something since."""


class Commits:
    """What was committed, as a reason to look again."""

    def __init__(self, version: DatabaseVersion) -> None:
        self._version = version
        self._committed = asyncio.Event()

    def note(self) -> None:
        """This process has committed something."""
        self._committed.set()
        self._committed = asyncio.Event()

    @property
    def next(self) -> asyncio.Event:
        """Set as soon as this process has committed, or heard of, something; the database is not asked."""
        return self._committed

    async def mark(self) -> Mark:
        """Now: whoever looks afterwards sees at least what was committed by then."""
        committed = self._committed
        return Mark(await self._version.now(), committed)

    async def after(self, mark: Mark, every: float) -> None:
        """Wait until something was committed since: another process's is seen within so many seconds."""
        while not mark.committed.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await mark.committed.wait()
            if await self._version.now() != mark.version:
                return


class Kept(Generic[T]):
    """What a look into the database has found, for as long as nobody has committed anything since."""

    def __init__(self, version: DatabaseVersion) -> None:
        self._version = version
        self._kept: tuple[object, T] | None = None
        self._turn = asyncio.Lock()

    async def get(self, look: Callable[[], Awaitable[T]], is_good: Callable[[T], bool]) -> T:
        """What was found before if it is so still, and good for who asks; else look again."""
        async with self._turn:
            # From before the look: what is committed while it lasts makes another one.
            version = await self._version.now()
            kept = self._kept
            if kept is None or kept[0] != version or not is_good(kept[1]):
                self._kept = kept = version, await look()
            return kept[1]
