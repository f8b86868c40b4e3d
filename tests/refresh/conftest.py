"""A world of one connection: a server, its media on disk, a database file, and the refresh between them."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.blank import lay_blank
from tests.depth import in_turn
from tests.shipped import shipped_providers
from tests.world import KEY, DatabaseFile, Shelf, shelf_of_three
from trailarrd.disk.roots import Roots
from trailarrd.disk.view import DiskView
from trailarrd.domain.connection import ArrServer, Connection, Timeouts
from trailarrd.domain.guard import Guard
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.paths import LocalPath, PathMapping, RemotePath
from trailarrd.domain.secret import Redactor, Secret
from trailarrd.domain.want import Want
from trailarrd.plugin.session import open_session
from trailarrd.refresh.refresher import Refresher
from trailarrd.store.store import Store
from trailarrd.testing import RADARR, SONARR

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from aiohttp import ClientSession

    from trailarrd.domain.report import RefreshReport
    from trailarrd.plugin.provider import ApiManager, Provider
    from trailarrd.store.listing import MediaRow
    from trailarrd.testing import Dialect

IMPATIENT = Timeouts(connect=2.0, first_byte=0.3, stall=0.3)
"""For a server that shall seem to hang."""


@dataclass
class World:
    """Everything that a refresh touches; change it and refresh again."""

    shelf: Shelf
    store: Store
    database: DatabaseFile
    provider: Provider[Any]
    session: ClientSession
    name: str = "library"
    mode: MonitorMode = MonitorMode.MISSING
    timeouts: Timeouts = field(default_factory=Timeouts)
    guard: Guard = field(default_factory=Guard)
    trailer_guard: Guard = field(default_factory=Guard)
    roots: Roots = field(default_factory=lambda: Roots(deadline=5.0))
    want: Want = field(default_factory=Want)
    mappings: tuple[PathMapping, ...] = ()
    """Without any, the server's root folder is the shelf's."""
    now: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)

    @property
    def api(self) -> ApiManager[Any]:
        """The plugin's own API manager for this server."""
        server = ArrServer(url=self.shelf.server.url, api_key=Secret(KEY), timeouts=self.timeouts)
        return self.provider.api_manager(self.session, server)

    @property
    def mapping(self) -> PathMapping:
        """The server's root folder is the shelf's."""
        return PathMapping(RemotePath(self.shelf.library.dialect.root), LocalPath(str(self.shelf.folder)))

    def refresher(self, api: ApiManager[Any] | None = None) -> Refresher:
        """As the daemon would build it."""
        return Refresher(
            connection=Connection(
                name=self.name,
                provider=self.provider.name,
                mode=self.mode,
                want=self.want,
                path_mappings=self.mappings or (self.mapping,),
                trailer_guard=self.trailer_guard,
            ),
            provider=self.provider,
            api=api or self.api,
            store=self.store,
            disk=partial(DiskView, self.roots, trailers=self.provider.trailers),
            redactor=Redactor([Secret(KEY)]),
            clock=lambda: self.now,
            guard=self.guard,
        )

    def grow(self, size: int) -> None:
        """Its library has so many items, each with a folder."""
        for _ in range(size - len(self.shelf.library)):
            self.shelf.library.add()
        for arr_id in self.shelf.library.ids:
            self.shelf.lay(arr_id)

    async def refresh(self, api: ApiManager[Any] | None = None) -> RefreshReport:
        """One refresh, a minute after the one before."""
        self.now += timedelta(minutes=1)
        return await self.refresher(api).refresh()

    async def rows(self) -> dict[int, MediaRow]:
        """What is known of each item, by arr id."""
        return {
            row.arr_id: row
            async for page in self.store.media(now=self.now)
            for row in page
            if row.connection == self.name
        }

    async def each(self, name: str) -> dict[int, Any]:
        """One value of every item, by arr id."""
        return {arr_id: getattr(row, name) for arr_id, row in (await self.rows()).items()}

    async def decisions(self) -> dict[int, tuple[bool, str]]:
        """Whether each item is monitored and why, by arr id."""
        rows = await self.rows()
        return {arr_id: (row.monitored, row.monitor_reason.value) for arr_id, row in rows.items()}

    async def intend(self, arr_id: int, *, intent: bool | None) -> None:
        """The user says yes, no, or drops what was said."""
        row = (await self.rows())[arr_id]
        await self.store.set_intent([row.id], intent=intent, at=self.now)

    async def history(self) -> list[tuple[str, int, Mapping[str, Any]]]:
        """What happened to which arr id and what changed, in that order."""
        events = await self.store.history(limit=1000)
        return [(event.event.value, event.arr_id, event.detail) for event in reversed(events)]


def did(report: RefreshReport) -> dict[str, int]:
    """The counts of what a refresh did, without those that are zero."""
    names = ("fetched", "added", "updated", "unchanged", "removed", "restored", "held", "quarantined")
    return {name: count for name in names if (count := getattr(report, name))}


def seen(report: RefreshReport) -> dict[str, int]:
    """The counts of trailers, without those that are zero."""
    trailers = report.trailers
    return {f.name: count for f in fields(trailers) if (count := getattr(trailers, f.name))}


@pytest.fixture(params=in_turn(radarr=RADARR, sonarr=SONARR))
def dialect(request: pytest.FixtureRequest) -> Dialect:
    """One of both applications; a test about one of them names it."""
    dialect: Dialect = request.param
    return dialect


@asynccontextmanager
async def open_world(dialect: Dialect, home: Path) -> AsyncIterator[World]:
    """A library of three that nobody has refreshed yet."""
    shelf = shelf_of_three(dialect, home / "media")
    database = DatabaseFile(home / "trailarrd.db")
    lay_blank(database.path)
    provider = shipped_providers()[dialect.app_name.lower()]
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(shelf.server)
        store = await stack.enter_async_context(Store.open(database.url))
        server = ArrServer(url=shelf.server.url, api_key=Secret(KEY))
        session = await stack.enter_async_context(open_session(server))
        await store.register([("library", provider.name, provider.media_kind)])
        yield World(shelf, store, database, provider, session)


@pytest.fixture
async def world(dialect: Dialect, tmp_path: Path) -> AsyncIterator[World]:
    """A library of three that nobody has refreshed yet."""
    async with open_world(dialect, tmp_path) as world:
        yield world
