"""Whether somebody has committed something: told at once of this process, and seen soon of any other."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sqlalchemy.exc import SQLAlchemyError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from sqlalchemy import Engine, PoolProxiedConnection


class DatabaseVersion(Protocol):
    """What a database can say of itself without a transaction; each kind of database brings its own."""

    async def now(self) -> object:
        """Equal to what it was before if nobody, in no process, has committed anything in between."""

    def close(self) -> None:
        """Nobody asks any more."""


class Unversioned:
    """A database of which nobody knows: something may always be new."""

    async def now(self) -> object:
        return object()

    def close(self) -> None:
        """There is nothing to close."""


class SqliteVersion:
    """SQLite's own count of what other connections commit, asked on a connection that never writes."""

    def __init__(self, engine: Engine, threads: Executor) -> None:
        self._engine = engine
        self._threads = threads
        self._connection: PoolProxiedConnection | None = None
        self._turn = Lock()

    async def now(self) -> object:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._now)

    def _now(self) -> object:
        with self._turn:
            try:
                self._connection = self._connection or self._engine.raw_connection()
                cursor = self._connection.cursor()
                cursor.execute("PRAGMA data_version")
                return cursor.fetchone()
            except (sqlite3.Error, SQLAlchemyError):
                return object()  # nobody knows, so something may be new

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


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
