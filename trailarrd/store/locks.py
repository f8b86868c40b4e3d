"""Who is alone at something: one daemon a database, one refresh of a connection at a time.

For SQLite a lock is an flock on a file beside the database. The kernel takes it from its owner with the
owner's end, of whatever kind; so the file stays where it is, and what it says of its owner counts only as
long as it is locked. For a database on a server see `leases`.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import shlex
import sys
import time
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    closing,
    contextmanager,
    nullcontext,
    suppress,
)
from datetime import UTC, datetime
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, Protocol, TypeVar
from urllib.parse import quote

from trailarrd.concurrency import to_completion
from trailarrd.errors import DatabaseError
from trailarrd.store.files import explained, open_alike

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from sqlalchemy import Connection

    from trailarrd.store.peers import Peers

P = ParamSpec("P")
T = TypeVar("T")

_BETWEEN_TRIES: Final = 0.1
"""Seconds."""
_LONGEST_NAME: Final = 100
_SOMEBODY: Final = "another process"


class LockFile:
    """One lock; the file at `path` is made like the database that it is for."""

    def __init__(self, path: Path, database: Path) -> None:
        self.path = path
        self._database = database
        self._descriptor: int | None = None
        self._since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def acquire(self, *, shared: bool = False) -> bool:
        """Whether it is ours now; never waits."""
        descriptor = open_alike(self.path, self._database)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        if not shared:
            self.sign({})
        return True

    def sign(self, note: Mapping[str, str]) -> None:
        """Say who has it, for people, and what the owner notes; a full disk is no reason not to lock."""
        if self._descriptor is None:
            return
        command = shlex.join(["trailarrd", *sys.argv[1:]])
        told = {"pid": os.getpid(), "command": command, "since": self._since, "note": dict(note)}
        with suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, json.dumps(told).encode(), 0)

    def note(self) -> dict[str, str]:
        """What whoever signed it last has noted."""
        try:
            note = json.loads(self.path.read_text(encoding="utf-8"))["note"]
            return {str(key): str(value) for key, value in note.items()}
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return {}

    def close(self) -> None:
        """Give it back, if we have it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def owner(self) -> str:
        """Who signed it last: what that one was started as, its process number and since when."""
        try:
            told = json.loads(self.path.read_text(encoding="utf-8"))
            return f"{told['command']} (pid {told['pid']}, since {told['since']})"
        except (OSError, ValueError, LookupError, TypeError):
            return _SOMEBODY


class Locks(Protocol):
    """Who is alone at something in a database; each kind of database brings its own."""

    def opened(self, busy_timeout: float, /) -> AbstractAsyncContextManager[None]:
        """The database is in use, and not exchanged for another one meanwhile."""

    @property
    def peers(self) -> Peers | None:
        """The daemons of the database; None if there is never more than one."""

    def now(self) -> datetime:
        """The time, by a clock that is the same for all."""

    async def set_clock(self) -> None:
        """Find out what time that is."""

    def user(self, db: Connection, /) -> str | None:
        """Who is at work in the database just now, for people."""

    @property
    def host(self) -> str:
        """Whose disks are seen, where that makes a difference; else empty."""

    def known_elsewhere(self, db: Connection, /) -> frozenset[str]:
        """Connections in the configurations of other daemons."""

    def daemon(self) -> AbstractAsyncContextManager[None]:
        """This process is a daemon of the database; raises `DatabaseError` if it cannot be another one."""

    def refresh(
        self, connection: str, on_wait: Callable[[str], object], /
    ) -> AbstractAsyncContextManager[None]:
        """The connection's refresh is ours alone; waits as long as it takes.

        `on_wait` hears whom it waits for: once for this process, once for another one.
        """

    def working_at(self, connection: str, /) -> AbstractAsyncContextManager[None]:
        """What the task writes meanwhile counts as long as no other process works at the connection."""

    async def note(self, note: Mapping[str, str], /) -> None:
        """Tell other processes something of this daemon, as long as it is one."""

    async def noted(self) -> dict[str, str]:
        """What the daemon tells just now, if there is one; nothing of one that is gone."""

    def fenced(
        self, work: Callable[Concatenate[Connection, P], T], /
    ) -> Callable[Concatenate[Connection, P], T]:
        """The same work, in a transaction that writes nothing behind the back of whoever took over."""


class FileLocks:
    """The locks of the database in `file`."""

    def __init__(self, file: Path) -> None:
        self._file = file.resolve()
        self._refreshes: dict[str, asyncio.Lock] = {}
        self._daemon: LockFile | None = None
        self.peers = None
        self.host = ""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def set_clock(self) -> None:
        """It is this host's."""

    def user(self, _db: Connection) -> str | None:
        return _user(self._file)

    def known_elsewhere(self, _db: Connection) -> frozenset[str]:
        """None: there is no other daemon."""
        return frozenset()

    @asynccontextmanager
    async def opened(self, busy_timeout: float) -> AsyncIterator[None]:
        with closing(_lock(self._file, ".open")) as lock:
            with suppress(OSError):  # a folder that we may only read holds a database all the same
                await self._join(lock, busy_timeout)
            yield

    async def _join(self, lock: LockFile, busy_timeout: float) -> None:
        deadline = time.monotonic() + busy_timeout
        while not await to_completion(asyncio.to_thread(lock.acquire, shared=True)):
            if time.monotonic() > deadline:
                raise DatabaseError(f"database {self._file} is being restored by {lock.owner()}; try again")
            await asyncio.sleep(_BETWEEN_TRIES)

    @asynccontextmanager
    async def daemon(self) -> AsyncIterator[None]:
        with closing(_lock(self._file)) as lock:
            if not await self._try(lock):
                raise DatabaseError(f"database {self._file} has a daemon already: {lock.owner()}")
            self._daemon = lock
            try:
                yield
            finally:
                self._daemon = None

    async def note(self, note: Mapping[str, str]) -> None:
        if self._daemon:
            await asyncio.to_thread(self._daemon.sign, note)

    async def noted(self) -> dict[str, str]:
        return await asyncio.to_thread(noted_beside, self._file)

    def fenced(
        self, work: Callable[Concatenate[Connection, P], T]
    ) -> Callable[Concatenate[Connection, P], T]:
        """The kernel takes a lock from nobody who is alive."""
        return work

    @asynccontextmanager
    async def refresh(self, connection: str, on_wait: Callable[[str], object]) -> AsyncIterator[None]:
        here = self._refreshes.setdefault(connection, asyncio.Lock())
        if here.locked():
            on_wait("this process")
        async with here:
            with closing(_lock(self._file, f".refresh-{_safe(connection)}")) as lock:
                await self._wait_for(lock, on_wait)
                yield

    def working_at(self, _connection: str) -> AbstractAsyncContextManager[None]:
        """There is no other daemon."""
        return nullcontext()

    async def _wait_for(self, lock: LockFile, on_wait: Callable[[str], object]) -> None:
        told = False
        while not await self._try(lock):
            if not told:
                on_wait(await asyncio.to_thread(lock.owner))
                told = True
            await asyncio.sleep(_BETWEEN_TRIES)

    async def _try(self, lock: LockFile) -> bool:
        """Whether it is ours now; a cancellation meanwhile leaves the lock for its `close`."""
        with explained(f"database {self._file} cannot be locked"):
            return await to_completion(asyncio.to_thread(lock.acquire))


def noted_beside(database: Path) -> dict[str, str]:
    """What the daemon of the database in that file tells just now, if there is one."""
    with closing(_lock(database.resolve())) as lock:
        note = lock.note()
        # Where we get the lock, nobody has it: the note is left over from a daemon that is gone.
        try:
            return {} if not note or lock.acquire(shared=True) else note
        except OSError:  # nobody can tell whether it is still there
            return {}


@contextmanager
def alone(database: Path) -> Iterator[None]:
    """Nobody else has the database open; raises `DatabaseError`, which names who has."""
    with closing(_lock(database, ".open")) as lock:
        with explained(f"database {database} cannot be locked"):
            taken = lock.acquire()
        if not taken:
            user = _user(database) or "another trailarrd command"
            raise DatabaseError(f"database {database} is in use by {user}; stop that first")
        yield


def _user(database: Path) -> str | None:
    """The daemon, else who refreshes."""
    refreshes = database.parent.glob(f"{escape(database.name)}.refresh-*.lock")
    for lock in (_lock(database), *(LockFile(path, database) for path in sorted(refreshes))):
        with closing(lock), suppress(OSError):
            if lock.path.exists() and not lock.acquire(shared=True):
                return lock.owner()
    return None


def _lock(database: Path, name: str = "") -> LockFile:
    return LockFile(database.with_name(f"{database.name}{name}.lock"), database)


def _safe(connection: str) -> str:
    """A part of a file name that no other connection has."""
    name = quote(connection, safe="")
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:_LONGEST_NAME]}-{hashlib.sha256(connection.encode()).hexdigest()[:16]}"
