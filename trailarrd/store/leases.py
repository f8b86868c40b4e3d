"""Who is alone at something in a database on a server: rows that are true for a while, and are prolonged.

A lease ends by itself: of an owner that is dead, frozen or cut off nobody has to hear. So that one that wakes
up again writes nothing behind the back of the next, each lease has a fence, a number that grows with each
owner: whoever writes locks the row of his own fence first (`FOR KEY SHARE`), a takeover needs that row for
itself, and so waits for who is in the middle of writing, as nobody begins any more. A prolongation changes no
key and waits for neither. How each of these is said: `lease_rows`.
"""

import asyncio
import os
import shlex
import sys
import time
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from trailarrd.concurrency import to_completion
from trailarrd.errors import DatabaseError, LeaseLostError
from trailarrd.store import lease_rows
from trailarrd.store.clock import Clock
from trailarrd.store.peers import CONNECTION, DAEMON, Peers, known_elsewhere
from trailarrd.store.postgres import of_leases, reading
from trailarrd.store.transactions import transact
from trailarrd.store.wakeups import Wakeups

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

_LONG: Final = timedelta(days=1)
"""After which a daemon that died is not remembered any more."""


class Leases:
    """The locks of a database on a server, as one process has them; `engine` is for them alone.

    `listening` is for a session that hears of news, None where none can.
    """

    def __init__(
        self, engine: AsyncEngine, place: str, owner: str, ttl: timedelta, listening: AsyncEngine | None
    ) -> None:
        self._listening = listening
        self._engine = of_leases(engine)
        self._reading = reading(engine)
        self._place = place
        self.owner = owner
        self.ttl = ttl
        self.peers = Peers(self, Wakeups(listening, f"trailarrd {owner}") if listening else None)
        self._held: dict[str, int] = {}
        """The fence of each lease that is ours, as far as we know."""
        self._clock = Clock()
        self.now = self._clock.now
        self.seats: set[str] = set()
        """Those that stay ours between two refreshes."""
        self._daemon: str | None = None
        """The lease that says that this process is a daemon."""
        self._of_task: ContextVar[Mapping[str, int]] = ContextVar("leases", default=MappingProxyType({}))
        """The fences without which the task at hand writes nothing."""
        self._refreshes: dict[str, asyncio.Lock] = {}
        self._keeping: asyncio.Task[None] | None = None
        self._renewed = time.monotonic()

    @asynccontextmanager
    async def opened(self, _busy_timeout: float) -> AsyncIterator[None]:
        """Until the leases are not needed any more; those that are ours still are given back."""
        try:
            yield
        finally:  # to its end, also for who is cancelled once more: a session would be left to nobody
            await to_completion(self._close())

    async def _close(self) -> None:
        if self._keeping:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        with suppress(DatabaseError):  # they end by themselves
            await self.give(list(self._held))
        await self._engine.dispose()
        if self._listening:
            await self._listening.dispose()

    async def set_clock(self) -> None:
        asked = datetime.now(UTC)
        self._clock.heard(await self.look(lease_rows.time), asked)

    @asynccontextmanager
    async def daemon(self) -> AsyncIterator[None]:
        """This process is one of the database's daemons; all that it has is given back in the end."""
        self._daemon = f"{DAEMON}{self.owner}"
        await self.ask(lease_rows.forget, DAEMON, _LONG)
        await self.take(self._daemon)
        try:
            yield
        finally:
            self._daemon = None
            with suppress(DatabaseError):
                await self.give(list(self._held))

    @asynccontextmanager
    async def refresh(self, connection: str, on_wait: Callable[[str], object]) -> AsyncIterator[None]:
        """The connection's refresh is ours alone; waits as long as it takes.

        `on_wait` hears whom it waits for: once for this process, once for another one. Of a daemon raises
        `LeaseLostError` if another one works at the connection, which does so for as long as it lives.
        """
        here, name = self._refreshes.setdefault(connection, asyncio.Lock()), f"{CONNECTION}{connection}"
        if here.locked():
            on_wait("this process")
        async with here:
            if name in self.seats or self._daemon:
                async with self._fenced_by(name):
                    yield
                return
            await self._wait_for(name, on_wait, timedelta())
            try:
                async with self._fenced_by(name):
                    yield
            finally:
                with suppress(DatabaseError):
                    await self.give([name])

    def working_at(self, connection: str) -> AbstractAsyncContextManager[None]:
        """What the task writes meanwhile counts as long as the connection is ours, else `LeaseLostError`."""
        return self._fenced_by(f"{CONNECTION}{connection}")

    async def alone_at(self, role: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do that as long as no other process does, and wait for it again when it was taken over."""
        while True:
            try:
                await self._wait_for(role, lambda _: None, self.ttl / 3)
                async with self._fenced_by(role):
                    await self._while_held(role, asyncio.create_task(work(), name=role))
            except DatabaseError as error:
                log.warning("lease.not_renewed", reason=str(error))
                await asyncio.sleep(self.ttl.total_seconds() / 3)
            finally:
                with suppress(DatabaseError):
                    await self.give([role] if self.has(role) else [])

    async def _while_held(self, role: str, task: asyncio.Task[None]) -> None:
        """Until it has ended or the role is another one's; raises what it raises."""
        try:
            while self.has(role) and not task.done():
                await asyncio.wait({task}, timeout=self.ttl.total_seconds() / 10)
        finally:
            task.cancel()
            await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, LeaseLostError):
            raise error

    @asynccontextmanager
    async def _fenced_by(self, name: str) -> AsyncIterator[None]:
        if (fence := self._held.get(name)) is None:
            raise self._lost([name])
        before = self._of_task.set({**self._of_task.get(), name: fence})
        try:
            yield
        finally:
            self._of_task.reset(before)

    async def _wait_for(self, name: str, on_wait: Callable[[str], object], patience: timedelta) -> None:
        """After each look wait a moment, and so long as well unless there is news."""
        told, news = False, self._news()
        while (holder := await self.look(lease_rows.holder, name)) or not await self.take(name):
            if not told:
                on_wait(holder or "another process")
                told = True
            await asyncio.sleep(self.ttl.total_seconds() / 30)
            with suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), patience.total_seconds())
            news = self._news()

    def _news(self) -> asyncio.Event:
        """Set by the next news, where news is heard of."""
        return self.peers.wakeups.next if self.peers.wakeups else asyncio.Event()

    async def note(self, note: Mapping[str, str]) -> None:
        """Tell other processes something of this daemon, as long as it is one."""
        await self.peers.tell(note=dict(note))

    async def noted(self) -> dict[str, str]:
        """What a daemon tells just now, this host's rather than another's; nothing of one that is gone."""
        peers = [one for one in await self.peers.living() if one.note]
        here = [one for one in peers if one.host == self.host]
        return dict((here or peers)[0].note) if peers else {}

    def fenced(
        self, work: Callable[Concatenate[sa.Connection, P], T]
    ) -> Callable[Concatenate[sa.Connection, P], T]:
        """The same, in a transaction that ends before anybody takes over what is ours."""
        fences = self._of_task.get()

        def fenced(db: sa.Connection, /, *args: P.args, **kwargs: P.kwargs) -> T:
            if fences:
                found = lease_rows.kept(db, self.owner, fences)
                if lost := sorted(name for name, fence in fences.items() if found.get(name) != fence):
                    raise self._lost(lost)
            return work(db, *args, **kwargs)

        return fenced

    def _lost(self, names: Collection[str]) -> LeaseLostError:
        return LeaseLostError(
            f"database {self._place}: another process has taken over ({', '.join(names)});"
            " nothing was written"
        )

    def user(self, db: sa.Connection) -> str | None:
        return lease_rows.user(db)

    @property
    def host(self) -> str:
        """What this machine, or container, calls itself."""
        return _host()

    def known_elsewhere(self, db: sa.Connection) -> frozenset[str]:
        """Connections in the configurations of other daemons that live."""
        return known_elsewhere(db, self.owner)

    def has(self, name: str) -> bool:
        """Whether it is ours, as far as we know."""
        return name in self._held

    async def take(self, name: str, *, stay: bool = False) -> bool:
        """Whether it is ours now; from then on it is prolonged. It may `stay` so between two refreshes."""
        taken = await self.ask(lease_rows.take, name, self.owner, _who(), self.ttl)
        if taken is None:
            return False
        if taken.holder and taken.owner != self.owner:
            log.info("lease.taken_over", name=name, before=taken.holder, given_back=not taken.owner)
        self._held[name] = taken.fence
        if stay:
            self.seats.add(name)
        if self._keeping is None:
            self._renewed = time.monotonic()
            self._keeping = asyncio.create_task(self._keep(), name="leases")
        return True

    async def give(self, names: Collection[str]) -> None:
        """Whoever waits for these may have them."""
        for name in names:
            self._held.pop(name, None)
            self.seats.discard(name)
        if names:
            await self.ask(lease_rows.give, self.owner, names)

    async def _keep(self) -> None:
        """Prolong what is ours; what is not any more was taken over, or may be had again."""
        while True:
            await asyncio.sleep(self.ttl.total_seconds() / 3)
            began, before = time.monotonic(), dict(self._held)  # what is taken from now on is not told of
            asked = datetime.now(UTC)
            try:
                fences, at = await self.ask(lease_rows.renew, self.owner, self.ttl)
                self._renewed = began
                if at:
                    self._clock.heard(at, asked)
                self._lose({name: fence for name, fence in before.items() if fences.get(name) != fence})
                if self._daemon and self._daemon not in self._held and await self.take(self._daemon):
                    log.info("lease.regained", name=self._daemon)
                    await self.peers.tell()
            except DatabaseError as error:
                log.warning("lease.not_renewed", reason=str(error))
                if time.monotonic() - self._renewed > self.ttl.total_seconds():
                    self._lose(before)

    def _lose(self, fences: Mapping[str, int]) -> None:
        for name, fence in fences.items():
            if self._held.get(name) == fence:
                del self._held[name]
                self.seats.discard(name)
                log.warning("lease.lost", name=name)

    async def ask(
        self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """A transaction that waits for nobody's turn to write."""
        return await transact(self._engine, self._place, work, *args, **kwargs)

    async def look(
        self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """One that only reads, and so is no news for anybody."""
        return await transact(self._reading, self._place, work, *args, **kwargs)


def _host() -> str:
    return os.uname().nodename


def _who() -> str:
    """This process, for people."""
    command = shlex.join(["trailarrd", *sys.argv[1:]])
    return f"{command} (pid {os.getpid()} on {_host()}, since {_SINCE})"


_SINCE: Final = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
