"""An open database: transactions in it, one writer at a time, and who else is at work there."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from trailarrd.concurrency import to_completion
from trailarrd.store import engine, schema
from trailarrd.store.backup import BeforeMigration
from trailarrd.store.commits import Commits
from trailarrd.store.transactions import TransactionGauge, transact

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

    from trailarrd.store.locks import Locks
    from trailarrd.store.place import Place

P = ParamSpec("P")
T = TypeVar("T")


class Database:
    """`open` and `open_to_read` tell what `Store` promises of them."""

    def __init__(self, place: Place, opened: AsyncEngine, locks: Locks, folder: Path | None = None) -> None:
        self.name = place.name
        self.folder = folder
        """Where it lies; None for one that is no file, or that we only read."""
        self.engine = opened
        self.locks = locks
        self.gauge = TransactionGauge()
        self.version = place.version_of(opened)
        self.commits = Commits(self.version)
        self._read_only = engine.reading(opened)
        # SQLite lets one writer in; queueing here is fair, queueing there is polling.
        self._turn_to_write = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls, place: Place, *, create: bool, backups: int) -> AsyncIterator[Database]:
        if place.file:
            await asyncio.to_thread(engine.create_file, place.file, create=create)
        locks = place.locks()
        async with locks.opened(place.busy_timeout):
            if place.file:
                await asyncio.to_thread(engine.prepare_file, place.file, busy_timeout=place.busy_timeout)
            database = cls(place, place.engine(), locks, place.file and place.file.absolute().parent)
            try:
                await place.must_be_one(database.engine)
                await database._bring_up_to_date(place, BeforeMigration(place.file, backups))
                await locks.set_clock()
                yield database
            finally:
                await to_completion(database._close())

    @classmethod
    @asynccontextmanager
    async def open_to_read(cls, place: Place) -> AsyncIterator[Database]:
        if place.file:
            await asyncio.to_thread(engine.create_file, place.file, create=False)
        locks = place.locks()
        async with locks.opened(place.busy_timeout):
            database = cls(place, place.engine(read_only=True), locks)
            try:
                await place.must_be_one(database.engine)
                await database.read(schema.must_be_current, database.name)
                yield database
            finally:
                await to_completion(database._close())

    async def read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work` as one transaction that only reads."""
        with self.gauge.transaction():
            return await transact(self._read_only, self.name, work, *args, **kwargs)

    async def write(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work` as one transaction that writes, when it is its turn."""
        async with self._turn_to_write:
            with self.gauge.transaction():
                try:
                    return await transact(self.engine, self.name, self.locks.fenced(work), *args, **kwargs)
                finally:  # also where only the caller was cancelled: the transaction may have ended well
                    self.commits.note()

    async def _bring_up_to_date(self, place: Place, before: BeforeMigration) -> None:
        if await self.read(schema.is_current, self.name):
            return
        # Rebuilding a table drops the old one, which must not count as deleting its rows; and
        # SQLite takes the switch only outside of a transaction: hence an engine of its own.
        unchecked = place.engine(to_migrate=True)
        try:
            await transact(unchecked, self.name, schema.migrate, self.name, self.locks.user, before)
        finally:
            await to_completion(unchecked.dispose())

    async def _close(self) -> None:
        await self.version.close()
        await self.engine.dispose()


class HasDatabase(Protocol):
    """Whoever asks it by methods of its own."""

    _database: Database


def reading(
    work: Callable[Concatenate[Connection, P], T],
) -> Callable[Concatenate[HasDatabase, P], Coroutine[Any, Any, T]]:
    """A method that runs `work` as one transaction that only reads; its docstring is that of `work`."""

    @wraps(work)
    async def method(self: HasDatabase, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._database.read(work, *args, **kwargs)

    return method


def writing(
    work: Callable[Concatenate[Connection, P], T],
) -> Callable[Concatenate[HasDatabase, P], Coroutine[Any, Any, T]]:
    """A method that runs `work` as one transaction that writes; its docstring is that of `work`."""

    @wraps(work)
    async def method(self: HasDatabase, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._database.write(work, *args, **kwargs)

    return method
