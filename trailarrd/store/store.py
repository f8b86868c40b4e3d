"""The open database: what the rest of the program may ask of it and tell it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from trailarrd.concurrency import to_completion
from trailarrd.store import (
    claims,
    connections,
    housekeeping,
    intents,
    keys,
    plans,
    refreshes,
    removals,
    roots,
    webhooks,
)
from trailarrd.store.backup import BeforeMigration
from trailarrd.store.engine import (
    create_engine,
    create_file,
    file_of,
    parse_url,
    place_of,
    prepare_file,
    to_read,
)
from trailarrd.store.locks import Locks
from trailarrd.store.reader import Reader
from trailarrd.store.schema import is_current, migrate, must_be_current
from trailarrd.store.transactions import transact

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import URL, Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

    from trailarrd.domain.connection import Connection as ArrConnection
    from trailarrd.domain.media import MediaKind
    from trailarrd.domain.plan import RefreshPlan
    from trailarrd.domain.quarantine import Quarantined
    from trailarrd.domain.report import Outcome, RefreshError
    from trailarrd.domain.roots import RootObservation
    from trailarrd.store.housekeeping import Purged
    from trailarrd.store.intents import IntentResult
    from trailarrd.store.keys import ApiKey
    from trailarrd.store.refreshes import RefreshCounts, RefreshStart

P = ParamSpec("P")
T = TypeVar("T")


class Store(Reader):
    """Every method is one transaction that runs to its end, even if its caller is cancelled.

    Raises `DatabaseError` where the database cannot be used.
    """

    def __init__(self, engine: AsyncEngine, place: str, locks: Locks, folder: Path | None = None) -> None:
        super().__init__(engine, place, folder)
        self._locks = locks
        # SQLite lets one writer in; queueing here is fair, queueing there is polling.
        self._writing = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, *, create: bool = True, busy_timeout: float = 10.0, backups: int = 3
    ) -> AsyncIterator[Store]:
        """The database at `url`, with its tables brought up to date; `create` makes a missing file.

        `busy_timeout` is how many seconds to wait for another program's write, `backups` how many
        copies to keep that were made before the tables were brought up to date.
        """
        address = parse_url(url)
        file = file_of(address)
        if file:
            await asyncio.to_thread(create_file, file, create=create)
        locks = Locks(file)
        async with locks.opened(busy_timeout):
            if file:
                await asyncio.to_thread(prepare_file, file, busy_timeout=busy_timeout)
            engine = create_engine(address, busy_timeout=busy_timeout)
            store = cls(engine, place_of(address), locks, file.absolute().parent if file else None)
            try:
                await store._bring_up_to_date(address, busy_timeout, BeforeMigration(file, backups))
                yield store
            finally:
                await to_completion(store._engine.dispose())

    @classmethod
    @asynccontextmanager
    async def open_to_read(
        cls, url: str, *, busy_timeout: float = 10.0, or_blank: bool = False
    ) -> AsyncIterator[Store]:
        """The database at `url` as it is: whoever tries to write to it fails, and nobody waits for us.

        If there is no such file, `or_blank` gives an empty database that is gone afterwards.

        Raises `DatabaseError` also if it is of another version than this program.
        """
        address = parse_url(url)
        file = file_of(address)
        async with AsyncExitStack() as stack:
            if or_blank and file and not await asyncio.to_thread(file.exists):
                folder = stack.enter_context(TemporaryDirectory(prefix="trailarrd-blank-"))
                yield await stack.enter_async_context(cls.open(f"sqlite:///{folder}/blank.db"))
                return
            yield await stack.enter_async_context(cls._open_to_read(address, busy_timeout))

    @classmethod
    @asynccontextmanager
    async def _open_to_read(cls, address: URL, busy_timeout: float) -> AsyncIterator[Store]:
        if file := file_of(address):
            await asyncio.to_thread(create_file, file, create=False)
        locks = Locks(file)
        async with locks.opened(busy_timeout):
            store = cls(create_engine(to_read(address), busy_timeout=busy_timeout), place_of(address), locks)
            try:
                await store._read(must_be_current, store.name)
                yield store
            finally:
                await to_completion(store._engine.dispose())

    async def _bring_up_to_date(self, url: URL, busy_timeout: float, before: BeforeMigration) -> None:
        if await self._read(is_current, self._place):
            return
        # Rebuilding a table drops the old one, which must not count as deleting its rows; and
        # SQLite takes the switch only outside of a transaction: hence an engine of its own.
        engine = create_engine(url, busy_timeout=busy_timeout, foreign_keys=False)
        try:
            await transact(engine, self._place, migrate, self._place, before)
        finally:
            await to_completion(engine.dispose())

    def daemon_lock(self) -> AbstractAsyncContextManager[None]:
        """This process is the database's only daemon; raises `DatabaseError` naming another one."""
        return self._locks.daemon()

    async def note(self, note: Mapping[str, str]) -> None:
        """As the daemon, tell other processes something; it lasts as long as the daemon does."""
        await to_completion(asyncio.to_thread(self._locks.note, note))

    async def noted(self) -> dict[str, str]:
        """What the daemon that has this database tells just now; empty without one, or without a file."""
        return await to_completion(asyncio.to_thread(self._locks.noted))

    def refresh_lock(
        self, connection: str, *, on_wait: Callable[[str], object]
    ) -> AbstractAsyncContextManager[None]:
        """Nobody else refreshes this connection; waits for who does, and says to `on_wait` who that is.

        On a database that is no SQLite file, both locks hold for this process alone.
        """
        return self._locks.refresh(connection, on_wait)

    async def register(self, configured: Sequence[tuple[str, str, MediaKind]]) -> None:
        """Make these (name, provider, kind) the active connections; others are kept, but inactive.

        Raises `ConfigError` if a name now belongs to another provider.
        """
        await self._write(connections.register, configured)

    async def forget(self, connection: str) -> int:
        """Delete a connection with its items; how many those were. History stays."""
        return await self._write(connections.forget, connection)

    async def begin_refresh(self, connection: ArrConnection, at: datetime) -> RefreshStart:
        """Note that a refresh begins; its number and what decisions go by."""
        return await self._write(refreshes.begin, connection, at)

    async def apply(
        self,
        start: RefreshStart,
        plan: RefreshPlan,
        *,
        at: datetime,
        outcome: Outcome,
        quarantined: Sequence[Quarantined] = (),
        roots: Sequence[RootObservation] = (),
        complete: bool = True,
    ) -> RefreshCounts:
        """Make the plan true and end the refresh; what really changed.

        `complete` says that the whole library was seen, so that it can be the baseline.
        """
        return await self._write(
            plans.apply,
            start,
            plan,
            at=at,
            outcome=outcome,
            quarantined=quarantined,
            seen_roots=roots,
            complete=complete,
        )

    async def begin_revisit(self, connection: ArrConnection, items: int, at: datetime) -> RefreshStart:
        """Note that so many items are asked for again; the rest is as for a refresh."""
        return await self._write(refreshes.begin_revisit, connection, items, at)

    async def apply_revisit(
        self, start: RefreshStart, plan: RefreshPlan, *, at: datetime, outcome: Outcome
    ) -> RefreshCounts:
        """Make a plan about some items true; what really changed."""
        return await self._write(plans.apply_revisit, start, plan, at=at, outcome=outcome)

    async def fail_revisit(self, start: RefreshStart, error: RefreshError, at: datetime) -> None:
        """End one of which nothing was applied."""
        await self._write(refreshes.fail_revisit, start, error, at)

    async def fail_refresh(
        self, start: RefreshStart, error: RefreshError, at: datetime, retry_at: datetime | None = None
    ) -> None:
        """End a refresh of which nothing was applied; `retry_at` is when to ask again, if time helps."""
        await self._write(refreshes.fail, start, error, at, retry_at)

    async def believe(self, connection: str) -> int:
        """Take the connection's roots that are not what they were for right; how many there are."""
        return await self._write(roots.believe, connection)

    async def approve_removals(self, connection: str, at: datetime) -> int:
        """Remove exactly the items whose removal is held now; how many that was."""
        return await self._write(removals.approve, connection, at)

    async def discard_removals(self, connection: str) -> int:
        """Keep the held items, until the next refresh decides anew; how many they are."""
        return await self._write(removals.discard, connection)

    async def purge(
        self, *, removed_before: datetime, history_before: datetime, now: datetime | None = None
    ) -> Purged:
        """Erase what was removed, and history that was written, before these moments."""
        return await self._write(
            housekeeping.purge, removed_before=removed_before, history_before=history_before, now=now
        )

    async def set_intent(
        self, ids: Sequence[int], *, intent: bool | None, at: datetime, by: str | None = None
    ) -> IntentResult:
        """Set the user's yes or no for these items, or drop it (None); `by` is who says so, for people."""
        return await self._write(intents.set_intent, ids, intent=intent, at=at, by=by)

    async def add_api_key(self, key: ApiKey) -> bool:
        """Whether the key is there now; False if another one has its name."""
        return await self._write(keys.add, key)

    async def revoke_api_key(self, name: str) -> bool:
        """Whether there was a key of that name; there is none any more."""
        return await self._write(keys.revoke, name)

    async def put_webhook_token(self, connection: str, digest: str, at: datetime) -> None:
        """Take a connection's events with this token, and with no earlier one any more."""
        await self._write(webhooks.put, connection, digest, at)

    async def remove_webhook_token(self, connection: str) -> bool:
        """Take no events of a connection any more; whether there was a token."""
        return await self._write(webhooks.remove, connection)

    async def claim(self, media_id: int, owner: str, *, until: datetime, now: datetime) -> bool:
        """Whether `owner` may work on that item, alone, until then."""
        return await self._write(claims.claim, media_id, owner, until=until, now=now)

    async def release(self, media_id: int, owner: str) -> bool:
        """Give a claim back; False if it was not `owner`'s."""
        return await self._write(claims.release, media_id, owner)

    async def _write(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        async with self._writing:
            with self._traffic.transaction():
                return await transact(self._engine, self._place, work, *args, **kwargs)
