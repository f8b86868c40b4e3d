"""The open database: what the rest of the program may ask of it and tell it."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from functools import partial, wraps
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from trailarrd.concurrency import to_completion
from trailarrd.domain.database import DatabaseAddress
from trailarrd.domain.dry_run import Action, PlannedItem
from trailarrd.domain.roots import RootHistory
from trailarrd.store import (
    alphabet,
    changes,
    connections,
    credentials,
    downloads,
    engine,
    foretold,
    history,
    intents,
    listing,
    media,
    placed,
    plans,
    quarantine,
    refreshes,
    removals,
    roots,
    schema,
    trends,
    vanishing,
)
from trailarrd.store.backup import BeforeMigration
from trailarrd.store.commits import Commits, DatabaseVersion, Kept
from trailarrd.store.connections import Overview, overview
from trailarrd.store.engine import reading as reading_engine
from trailarrd.store.filter import EVERYTHING, MediaFilter, MediaOrder
from trailarrd.store.place import Place
from trailarrd.store.spool import Buffers, written
from trailarrd.store.tables import chunks
from trailarrd.store.transactions import TransactionGauge, transact

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

    from trailarrd.domain.media import Media, MediaKind
    from trailarrd.domain.plan import RefreshPlan
    from trailarrd.store.connections import ConnectionRow
    from trailarrd.store.counts import Tally
    from trailarrd.store.locks import Locks
    from trailarrd.store.peers import Peers
    from trailarrd.store.refreshes import RefreshStart

_EVER: Final = datetime.min.replace(tzinfo=UTC)
"""Where it makes no difference which claims have ended."""

P = ParamSpec("P")
T = TypeVar("T")


def reading(
    work: Callable[Concatenate[Connection, P], T],
) -> Callable[Concatenate[Store, P], Coroutine[Any, Any, T]]:
    """A method that runs `work` as one transaction that only reads; its docstring is that of `work`."""

    @wraps(work)
    async def method(self: Store, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._read(work, *args, **kwargs)

    return method


def writing(
    work: Callable[Concatenate[Connection, P], T],
) -> Callable[Concatenate[Store, P], Coroutine[Any, Any, T]]:
    """A method that runs `work` as one transaction that writes; its docstring is that of `work`."""

    @wraps(work)
    async def method(self: Store, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._write(work, *args, **kwargs)

    return method


class Store:
    """Every method is one transaction that runs to its end, even if its caller is cancelled.

    Raises `DatabaseError` where the database cannot be used. What a method takes, answers and raises
    besides is told where it is written: go to the function that its line names, or ask `help(Store)`.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        place: str,
        locks: Locks,
        version_of: Callable[[AsyncEngine], DatabaseVersion],
        folder: Path | None = None,
    ) -> None:
        self.name = place
        """What to call the database: its file, or its URL without the password."""
        self.folder = folder
        """Where it lies; None for one that is no file."""
        self._engine = engine
        self._read_only = reading_engine(engine)
        self._locks = locks
        self._gauge = TransactionGauge()
        self._version = version_of(engine)
        self._overview = Kept[Overview](self._version)
        self.commits = Commits(self._version)
        """Tells when to look again, whoever has written."""
        # SQLite lets one writer in; queueing here is fair, queueing there is polling.
        self._turn_to_write = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        address: str | DatabaseAddress,
        *,
        create: bool = True,
        busy_timeout: float = 10.0,
        backups: int = 3,
    ) -> AsyncIterator[Store]:
        """The database there, with its tables brought up to date; `create` makes a missing file.

        `busy_timeout` is how many seconds to wait for another program's write, or for a server that is away,
        `backups` how many copies to keep that were made before the tables were brought up to date.
        """
        place = Place.of(address, busy_timeout)
        if place.file:
            await asyncio.to_thread(engine.create_file, place.file, create=create)
        locks = place.locks()
        async with locks.opened(busy_timeout):
            if place.file:
                await asyncio.to_thread(engine.prepare_file, place.file, busy_timeout=busy_timeout)
            folder = place.file.absolute().parent if place.file else None
            store = cls(place.engine(), place.name, locks, place.version_of, folder)
            try:
                await store._bring_up_to_date(place, BeforeMigration(place.file, backups))
                yield store
            finally:
                await to_completion(store._close())

    @classmethod
    @asynccontextmanager
    async def open_to_read(
        cls, address: str | DatabaseAddress, *, busy_timeout: float = 10.0, or_blank: bool = False
    ) -> AsyncIterator[Store]:
        """The database there as it is: whoever tries to write to it fails, and nobody waits for us.

        If there is no such file, `or_blank` gives an empty database that is gone afterwards.

        Raises `DatabaseError` also if it is of another version than this program.
        """
        place = Place.of(address, busy_timeout)
        if or_blank and place.file and not await asyncio.to_thread(place.file.exists):
            with TemporaryDirectory(prefix="trailarrd-blank-") as folder:
                async with cls.open(f"sqlite:///{folder}/blank.db") as blank:
                    yield blank
            return
        if place.file:
            await asyncio.to_thread(engine.create_file, place.file, create=False)
        locks = place.locks()
        async with locks.opened(busy_timeout):
            store = cls(place.engine(read_only=True), place.name, locks, place.version_of)
            try:
                await store._read(schema.must_be_current, store.name)
                yield store
            finally:
                await to_completion(store._close())

    async def _close(self) -> None:
        await self._version.close()
        await self._engine.dispose()

    async def _bring_up_to_date(self, place: Place, before: BeforeMigration) -> None:
        if await self._read(schema.is_current, self.name):
            return
        # Rebuilding a table drops the old one, which must not count as deleting its rows; and
        # SQLite takes the switch only outside of a transaction: hence an engine of its own.
        unchecked = place.engine(to_migrate=True)
        try:
            await transact(unchecked, self.name, schema.migrate, self.name, before)
        finally:
            await to_completion(unchecked.dispose())

    async def _read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with self._gauge.transaction():
            return await transact(self._read_only, self.name, work, *args, **kwargs)

    async def _write(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        async with self._turn_to_write:
            with self._gauge.transaction():
                try:
                    return await transact(self._engine, self.name, self._locks.fenced(work), *args, **kwargs)
                finally:  # also where only the caller was cancelled: the transaction may have ended well
                    self.commits.note()

    async def register(self, told: Sequence[tuple[str, str, MediaKind]]) -> None:
        """Make these (name, provider, kind) the active connections, beside those of other daemons.

        Raises `ConfigError` if a name now belongs to another provider.
        """
        await self._write(connections.register, told, self._locks.known_elsewhere)

    # Who is alone at something, and what the daemon tells other processes.

    @property
    def peers(self) -> Peers | None:
        """The daemons of this database; None if there is never more than one."""
        return self._locks.peers

    @property
    def host(self) -> str:
        """Whose disks are seen, where other hosts see others; else empty."""
        return self._locks.host

    def daemon_lock(self) -> AbstractAsyncContextManager[None]:
        """This process is a daemon of the database; raises `DatabaseError` naming the one that a file has."""
        return self._locks.daemon()

    def working_at(self, connection: str) -> AbstractAsyncContextManager[None]:
        """What the task writes meanwhile counts as long as no other daemon has taken the connection over.

        Raises `LeaseLostError` if one has already.
        """
        return self._locks.working_at(connection)

    def refresh_lock(
        self, connection: str, *, on_wait: Callable[[str], object]
    ) -> AbstractAsyncContextManager[None]:
        """Nobody else refreshes this connection; waits for who does, and says to `on_wait` who that is."""
        return self._locks.refresh(connection, on_wait)

    async def note(self, note: Mapping[str, str]) -> None:
        """As the daemon, tell other processes something; it lasts as long as the daemon does."""
        await to_completion(self._locks.note(note))

    async def noted(self) -> dict[str, str]:
        """What a daemon of this database tells just now, on a server that of this host; empty without one."""
        return await to_completion(self._locks.noted())

    async def wait_idle(self, longest: float) -> None:
        """Let everybody have a turn, and whoever reads or writes just now end it within so many seconds."""
        await self._gauge.wait_idle(longest)

    async def root_history(self, start: RefreshStart) -> RootHistory:
        """What earlier refreshes made of the connection's roots."""
        known, caught = await self._read(roots.remembered, start.connection_id)
        return RootHistory(
            {root.path: root.directory_hash for root in known if root.directory_hash is not None},
            partial(self._read, roots.folders, start.connection_id),
            frozenset(root.path for root in known if not roots.undoubted(root)),
            frozenset(caught),
            {root.path: root for root in known},
            frozenset(root.path for root in known if root.is_elsewhere),
        )

    def buffers(self) -> Buffers:
        """Where a plan keeps what it would change; beside the database, if we may write there."""
        return Buffers(self.folder)

    # From here on a name may hide the module that it comes from, as `history` does: a noun's other
    # methods stand above it.

    forget = writing(connections.forget)
    circuit = reading(connections.circuit)
    refused_again = writing(connections.refused_again)
    probe = writing(connections.probe)

    begin_refresh = writing(refreshes.begin)
    begin_dry_run = reading(refreshes.begin_dry_run)
    apply = writing(plans.apply)
    note_unwanted = writing(refreshes.note_unwanted)
    fail_refresh = writing(refreshes.fail)
    count_refreshes = reading(refreshes.count)
    refreshes = reading(refreshes.latest)

    removal_doubt = reading(removals.removal_doubt)
    approve_removals = writing(removals.approve)
    discard_removals = writing(removals.discard)
    purge = writing(removals.purge)

    approve_vanished = writing(vanishing.approve)
    discard_vanished = writing(vanishing.discard)

    set_intent = writing(intents.set_intent)
    foretell = writing(foretold.foretell)
    foretold = reading(foretold.foretold)
    claim = writing(intents.claim)
    release = writing(intents.release)

    subjects = reading(downloads.subjects)
    sites = reading(downloads.sites)
    change_site = writing(downloads.change_site)
    latest_ask = reading(downloads.latest_ask)
    download_stage = reading(downloads.stage_of)
    ask_download = writing(downloads.ask)
    stop_download = writing(downloads.stop)
    forget_address = writing(downloads.forget_address)
    remember_download = writing(downloads.remember)
    download_failed = writing(downloads.failed)
    refuse_address = writing(downloads.refuse)
    refusals = reading(downloads.refusals)
    tell = writing(downloads.tell)
    release_ours = writing(downloads.release_ours)
    intend_file = writing(placed.intend)
    settle_file = writing(placed.settle)
    drop_file = writing(placed.drop)
    placed_of = reading(placed.of_item)
    placed_of_items = reading(placed.of_items)
    unsettled_files = reading(placed.unsettled)
    placed_of_twins = reading(placed.of_twins)

    add_api_key = writing(credentials.add_api_key)
    revoke_api_key = writing(credentials.revoke_api_key)
    api_keys = reading(credentials.api_keys)
    sessions = reading(credentials.sessions)
    open_session = writing(credentials.open_session)
    use_session = writing(credentials.use_session)
    close_session = writing(credentials.close_session)
    put_webhook_token = writing(credentials.put_webhook_token)
    remove_webhook_token = writing(credentials.remove_webhook_token)
    webhook_digests = reading(credentials.webhook_digests)
    webhook_urls = reading(credentials.webhook_urls)

    known = reading(media.known)
    known_like = reading(media.known_like)
    living = reading(media.living)
    others = reading(media.others)
    some_others = reading(media.some_others)
    moved = reading(media.moved)
    matching = reading(listing.matching)
    select = reading(listing.selection)
    count = reading(listing.count)
    found = reading(listing.found)
    letters = reading(alphabet.letters)
    beginning = reading(alphabet.beginning)

    trust_roots = writing(roots.trust)
    roots = reading(roots.listing)

    news = reading(history.news)
    latest_event = reading(history.latest_event)
    count_events = reading(history.count)
    history = reading(history.latest)
    quarantine = reading(quarantine.listing)
    trend = reading(trends.trend)
    costs = reading(trends.costs)
    first_reading = reading(trends.first_reading)

    async def connections(self) -> list[ConnectionRow]:
        """Every connection by name, with counts over what it holds now."""
        return (await self._kept(_EVER, lambda _: True)).connections

    async def tally(self, now: datetime) -> Tally:
        """How many items each connection has of each status and each trailer state."""
        return (await self._kept(now, lambda kept: kept.counts.hold(now))).counts.tally()

    async def _kept(self, now: datetime, is_good: Callable[[Overview], bool]) -> Overview:
        return await self._overview.get(lambda: self._read(overview, now), is_good)

    async def media_of(self, start: RefreshStart) -> AsyncGenerator[list[Media], None]:
        """What the server told last of the items that the refresh is about, in pages."""
        for chunk in chunks(sorted(start.only or ())):
            yield await self._read(media.media_of, start, chunk)

    async def media(
        self, which: MediaFilter = EVERYTHING, *, now: datetime
    ) -> AsyncGenerator[list[listing.MediaRow], None]:
        """The items that fit, by id, in pages; removed ones are left out."""
        if which.ids is not None:
            for chunk in chunks(sorted(set(which.ids))):
                yield await self._read(listing.some, which, now, chunk)
            return
        last = 0
        while page := await self._read(listing.page, which, now, after=last):
            yield page
            last = page[-1].id

    async def in_order(
        self, which: MediaFilter, order: MediaOrder, *, now: datetime
    ) -> AsyncGenerator[list[listing.MediaRow], None]:
        """The same in an order; items that change meanwhile may be missed, or come twice."""
        if order is MediaOrder.ID:
            async for page in self.media(which, now=now):
                yield page
            return
        last = 0
        while page := await self.select(which, order=order, limit=listing.PAGE, after=last, now=now):
            yield page
            last = page[-1].id

    async def dry_run(self, plan: RefreshPlan) -> AsyncIterator[list[PlannedItem]]:
        """What the plan would change, item by item, in pages."""
        for action, known in (
            (Action.REMOVED, plan.removals),
            (Action.HELD, plan.held),
            (Action.RELEASED, plan.released),
        ):
            for some in chunks(known):
                yield await self._read(changes.of_known, some, action)
        for some_changes in chunks(written(plan.changes, changes.RowChange.of)):
            yield await self._read(changes.of_changes, some_changes)
        for additions in chunks(plan.additions):
            yield changes.of_additions(additions)
