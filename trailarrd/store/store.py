"""The open database: what the rest of the program may ask of it and tell it."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from trailarrd.concurrency import to_completion
from trailarrd.domain.database import DatabaseAddress
from trailarrd.domain.dry_run import PlannedItem
from trailarrd.domain.roots import RootHistory
from trailarrd.store import (
    alphabet,
    connections,
    credentials,
    downloads,
    folders,
    foretold,
    history,
    intents,
    listing,
    media,
    pages,
    placed,
    plans,
    quarantine,
    refreshes,
    removals,
    roots,
    trends,
    vanishing,
)
from trailarrd.store.commits import Kept
from trailarrd.store.connections import ConnectionRow, Overview, overview
from trailarrd.store.database import Database, reading, writing
from trailarrd.store.filter import EVERYTHING, MediaFilter, MediaOrder
from trailarrd.store.place import Place
from trailarrd.store.spool import Buffers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

    from trailarrd.domain.media import Media, MediaKind
    from trailarrd.domain.plan import RefreshPlan
    from trailarrd.store.counts import Tally
    from trailarrd.store.peers import Peers
    from trailarrd.store.refreshes import RefreshStart

_EVER: Final = datetime.min.replace(tzinfo=UTC)
"""Where it makes no difference which claims have ended."""


class Store:
    """Every method is one transaction that runs to its end, even if its caller is cancelled.

    Raises `DatabaseError` where the database cannot be used. What a method takes, answers and raises
    besides is told where it is written: go to the function that its line names, or ask `help(Store)`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._locks = database.locks
        self._overview = Kept[Overview](database.version)
        self.now = database.locks.now
        """The time, the same for all that share the database."""
        self.name = database.name
        """What to call the database: its file, or its URL without the password."""
        self.commits = database.commits
        """Tells when to look again, whoever has written."""

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
        async with Database.open(place, create=create, backups=backups) as database:
            yield cls(database)

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
        async with Database.open_to_read(place) as database:
            yield cls(database)

    @property
    def folder(self) -> Path | None:
        """Where it lies; None for one that is no file, or that we only read."""
        return self._database.folder

    async def register(self, told: Sequence[tuple[str, str, MediaKind]]) -> None:
        """Make these (name, provider, kind) the active connections, beside those of other daemons.

        Raises `ConfigError` if a name now belongs to another provider.
        """
        await self._database.write(connections.register, told, self._locks.known_elsewhere)

    async def forget(self, name: str) -> int:
        """Delete a connection with all that is of it, but for its history; how many items those were.

        Raises `ConfigError` if another daemon has it in its configuration; of our own the caller knows.
        """
        return await self._database.write(connections.forget, name, self._locks.known_elsewhere)

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
        await self._database.gauge.wait_idle(longest)

    async def root_history(self, start: RefreshStart) -> RootHistory:
        """What earlier refreshes made of the connection's roots."""
        return await roots.recalled(self._database, start.connection_id)

    def buffers(self) -> Buffers:
        """Where a plan keeps what it would change; beside the database, if we may write there."""
        return Buffers(self.folder)

    # From here on a name may hide the module that it comes from, as `history` does: a noun's other
    # methods stand above it.

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
    folders = reading(folders.page)
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
        return await self._overview.get(lambda: self._database.read(overview, now), is_good)

    def media_of(self, start: RefreshStart) -> AsyncGenerator[list[Media], None]:
        """What the server told last of the items that the refresh is about, in pages."""
        return pages.told(self._database, start)

    def media(
        self, which: MediaFilter = EVERYTHING, *, now: datetime
    ) -> AsyncGenerator[list[listing.MediaRow], None]:
        """The items that fit, by id, in pages; removed ones are left out."""
        return pages.by_id(self._database, which, now)

    def in_order(
        self, which: MediaFilter, order: MediaOrder, *, now: datetime
    ) -> AsyncGenerator[list[listing.MediaRow], None]:
        """The same in an order; items that change meanwhile may be missed, or come twice."""
        return pages.in_order(self._database, which, order, now)

    def dry_run(self, plan: RefreshPlan) -> AsyncGenerator[list[PlannedItem], None]:
        """What the plan would change, item by item, in pages."""
        return pages.planned(self._database, plan)
