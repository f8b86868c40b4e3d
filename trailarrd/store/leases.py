"""Who is alone at something in a database on a server: rows that are true for a while, and are prolonged.

A lease ends by itself: of an owner that is dead, frozen or cut off nobody has to hear. So that one that wakes
up again writes nothing behind the back of the next, each lease has a fence, a number that grows with each
owner: whoever writes locks the row of his own fence first (`FOR KEY SHARE`), a takeover needs that row for
itself, and so waits for who is in the middle of writing, as nobody begins any more. A prolongation changes no
key and waits for neither. Only the server's clock counts.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar

import sqlalchemy as sa
import structlog

from trailarrd.errors import DatabaseError, LeaseLostError
from trailarrd.store.tables import LeaseTable
from trailarrd.store.transactions import transact

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from sqlalchemy.ext.asyncio import AsyncEngine

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

_DAEMON: Final = "daemon"
_NOW: Final = sa.func.clock_timestamp(type_=LeaseTable.until.type)
"""Not `now()`, which stands still within a transaction."""
_NOBODY: Final = ""
"""Who has given a lease back is not one who hangs: nobody ends the sessions of that one."""
_GIVEN_BACK: Final = datetime(1970, 1, 1, tzinfo=UTC)

_MAKE: Final = sa.text(
    "INSERT INTO leases (name, owner, holder, fence, until, note)"
    " VALUES (:name, '', '', 0, '-infinity', '{}') ON CONFLICT DO NOTHING"
)
_TAKE: Final = sa.text(
    "UPDATE leases SET owner = :owner, holder = :holder, fence = fence + 1,"
    " until = clock_timestamp() + CAST(:ttl AS interval), note = '{}'"
    " WHERE name IN (SELECT name FROM leases WHERE name = :name AND until <= clock_timestamp()"
    " FOR UPDATE SKIP LOCKED) RETURNING fence"
)
"""Who is in the middle of writing still is not waited for here, but by trying again."""
_EVICT: Final = sa.text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = current_user"
    " AND application_name IN (SELECT 'trailarrd ' || owner FROM leases WHERE name = :name"
    " AND owner <> :owner AND until <= clock_timestamp() - CAST(:grace AS interval))"
)
"""A process that is frozen in the middle of a transaction would keep its row for ever. One that has lost its
own lease, as the server was away, is none of those: it would end the session in which it asks."""


class Leases:
    """The locks of a database on a server, as one process has them; `engine` is for them alone."""

    def __init__(self, engine: AsyncEngine, place: str, owner: str, ttl: timedelta) -> None:
        self._engine = engine
        self._place = place
        self._owner = owner
        self._ttl = ttl
        self._held: dict[str, int] = {}
        """The fence of each lease that is ours, as far as we know."""
        self._standing: set[str] = set()
        """Those without which this process writes nothing at all."""
        self._of_task: ContextVar[frozenset[str]] = ContextVar("leases", default=frozenset())
        """Those without which the task at hand writes nothing."""
        self._refreshes: dict[str, asyncio.Lock] = {}
        self._keeping: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def opened(self, _busy_timeout: float) -> AsyncIterator[None]:
        """Until the leases are not needed any more; those that are ours still are given back."""
        try:
            yield
        finally:
            if self._keeping:
                self._keeping.cancel()
                await asyncio.gather(self._keeping, return_exceptions=True)
            with suppress(DatabaseError):  # they end by themselves
                for name in list(self._held):
                    await self._give(name)
            await self._engine.dispose()

    @asynccontextmanager
    async def daemon(self) -> AsyncIterator[None]:
        """This process is the database's daemon; raises `DatabaseError` if another one is."""
        await self._become_daemon()
        self._standing.add(_DAEMON)
        try:
            yield
        finally:
            self._standing.discard(_DAEMON)
            with suppress(DatabaseError):
                await self._give(_DAEMON)

    async def _become_daemon(self) -> None:
        """One that is dead is waited for until its lease is over, but one that prolongs it is not."""
        first = None
        while not await self._take(_DAEMON):
            until, holder = await self._ask(self._of, _DAEMON)
            if first is not None and until > first:
                raise DatabaseError(f"database {self._place} has a daemon already: {holder}")
            if first is None:
                log.info("lease.waiting", name=_DAEMON, holder=holder)
            first = first or until
            await asyncio.sleep(self._ttl.total_seconds() / 10)

    @asynccontextmanager
    async def refresh(self, connection: str, on_wait: Callable[[str], object]) -> AsyncIterator[None]:
        """The connection's refresh is ours alone; waits as long as it takes.

        `on_wait` hears whom it waits for: once for this process, once for another one.
        """
        here, name = self._refreshes.setdefault(connection, asyncio.Lock()), f"connection:{connection}"
        if here.locked():
            on_wait("this process")
        async with here:
            await self._wait_for(name, on_wait)
            before = self._of_task.set(self._of_task.get() | {name})
            try:
                yield
            finally:
                self._of_task.reset(before)
                with suppress(DatabaseError):
                    await self._give(name)

    async def _wait_for(self, name: str, on_wait: Callable[[str], object]) -> None:
        told = False
        while not await self._take(name):
            if not told:
                on_wait((await self._ask(self._of, name))[1])
                told = True
            await asyncio.sleep(self._ttl.total_seconds() / 30)

    async def note(self, note: Mapping[str, str]) -> None:
        """Tell other processes something of this daemon, as long as it is one."""
        await self._ask(_note, self._owner, dict(note))

    async def noted(self) -> dict[str, str]:
        """What the daemon tells just now, if there is one; nothing of one that is gone."""
        return await self._ask(_noted)

    def fenced(
        self, work: Callable[Concatenate[sa.Connection, P], T]
    ) -> Callable[Concatenate[sa.Connection, P], T]:
        """The same, in a transaction that ends before anybody takes over what is ours."""
        of_task = self._of_task.get()

        def fenced(db: sa.Connection, /, *args: P.args, **kwargs: P.kwargs) -> T:
            if names := self._standing | of_task:
                self._check(db, names)
            return work(db, *args, **kwargs)

        return fenced

    def _check(self, db: sa.Connection, names: set[str]) -> None:
        """Raise `LeaseLostError` if one of these leases is not ours any more; else keep them for now."""
        table = LeaseTable
        ours = sa.select(table.name, table.fence).where(
            table.name.in_(names), table.owner == self._owner, table.until > _NOW
        )
        found = dict(db.execute(ours.with_for_update(key_share=True, read=True)).all())
        lost = sorted(name for name in names if found.get(name) != self._held.get(name, 0))
        if lost:
            raise LeaseLostError(
                f"database {self._place}: another process has taken over ({', '.join(lost)});"
                " nothing was written"
            )

    async def _take(self, name: str) -> bool:
        """Whether it is ours now; from then on it is prolonged."""
        fence = await self._ask(_take, name, self._owner, self._ttl)
        if fence is None:
            return False
        self._held[name] = fence
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep(), name="leases")
        return True

    async def _give(self, name: str) -> None:
        if (fence := self._held.pop(name, None)) is not None:
            await self._ask(_give, name, self._owner, fence)

    async def _keep(self) -> None:
        """Prolong what is ours; what is not any more was taken over, or may be had again."""
        while True:
            await asyncio.sleep(self._ttl.total_seconds() / 3)
            try:
                before = dict(self._held)  # what is taken from now on is not told of
                renewed = await self._ask(_renew, self._owner, self._ttl)
                for name in [one for one, fence in before.items() if renewed.get(one) != fence]:
                    if self._held.get(name) == before[name]:
                        del self._held[name]
                        log.warning("lease.lost", name=name)
                for name in self._standing - self._held.keys():
                    if await self._take(name):
                        log.info("lease.regained", name=name)
            except DatabaseError as error:
                log.warning("lease.not_renewed", reason=str(error))

    @staticmethod
    def _of(db: sa.Connection, name: str) -> tuple[datetime, str]:
        """Until when it is somebody's, and whose."""
        columns = (LeaseTable.until, LeaseTable.holder)
        row = db.execute(sa.select(*columns).where(LeaseTable.name == name)).one_or_none()
        return (row.until, row.holder) if row else (_GIVEN_BACK, "another process")

    async def _ask(
        self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await transact(self._engine, self._place, work, *args, **kwargs)


def _take(db: sa.Connection, name: str, owner: str, ttl: timedelta) -> int | None:
    db.execute(_MAKE, {"name": name})
    db.execute(_EVICT, {"name": name, "owner": owner, "grace": ttl / 4})
    row = {"name": name, "owner": owner, "holder": _who(), "ttl": ttl}
    fence: int | None = db.scalar(_TAKE, row)
    return fence


def _give(db: sa.Connection, name: str, owner: str, fence: int) -> None:
    table = LeaseTable
    ours = (table.name == name, table.owner == owner, table.fence == fence)
    db.execute(sa.update(table).where(*ours).values(owner=_NOBODY, until=_GIVEN_BACK))


def _renew(db: sa.Connection, owner: str, ttl: timedelta) -> dict[str, int]:
    table = LeaseTable
    ours = sa.update(table).where(table.owner == owner, table.until > _NOW)
    renewed = ours.values(until=_NOW + sa.literal(ttl, sa.Interval)).returning(table.name, table.fence)
    return dict(db.execute(renewed).all())


def _note(db: sa.Connection, owner: str, note: dict[str, str]) -> None:
    ours = (LeaseTable.name == _DAEMON, LeaseTable.owner == owner)
    db.execute(sa.update(LeaseTable).where(*ours).values(note=note))


def _noted(db: sa.Connection) -> dict[str, str]:
    lives = (LeaseTable.name == _DAEMON, LeaseTable.until > _NOW)
    return db.scalar(sa.select(LeaseTable.note).where(*lives)) or {}


def _who() -> str:
    """This process, for people."""
    command = shlex.join(["trailarrd", *sys.argv[1:]])
    return f"{command} (pid {os.getpid()} on {os.uname().nodename}, since {_SINCE})"


_SINCE: Final = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
