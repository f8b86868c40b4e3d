"""A store in a file of its own, and a library to refresh it from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.blank import lay_blank
from tests.domain.library import Listed, add
from tests.postgres import DatabaseServer, on_both_engines
from tests.store.copies import _nothing_unfinished_is_left, old
from tests.world import DatabaseFile
from trailarrd.domain.connection import Connection
from trailarrd.domain.database import DatabaseAddress
from trailarrd.domain.media import Media, MediaKind
from trailarrd.domain.monitoring import MonitorMode, TrailerState
from trailarrd.domain.paths import LocalPath, RemotePath
from trailarrd.domain.plan import Item, Observation
from trailarrd.domain.planner import Planner
from trailarrd.domain.report import Outcome
from trailarrd.store import media
from trailarrd.store.entries import from_row
from trailarrd.store.filter import MediaFilter
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

    from trailarrd.domain.guard import Guard
    from trailarrd.domain.plan import Entry, RefreshPlan
    from trailarrd.store.listing import MediaRow
    from trailarrd.store.refreshes import RefreshCounts, RefreshStart

__all__ = ["_nothing_unfinished_is_left", "old"]
pytest_generate_tests = on_both_engines


@dataclass
class Library:
    """Drives the store as a refresh does: begin, known, plan, apply."""

    store: Store
    database: DatabaseFile | DatabaseServer
    now: datetime = field(default=datetime(2026, 3, 1, 12, tzinfo=UTC))

    def item(
        self,
        arr_id: int,
        trailer: TrailerState = TrailerState.ABSENT,
        file: str | None = None,
        **fields: Any,
    ) -> Listed:
        """One item, `Film N` in `/movies/Film N`, unless told otherwise."""
        values: dict[str, Any] = {
            "title": f"Film {arr_id}",
            "path": RemotePath(f"/movies/Film {arr_id}"),
            "monitored_remotely": True,
        }
        local = LocalPath(f"/mnt/Film {arr_id}")
        item = Item(Media(arr_id=arr_id, **{**values, **fields}), local)
        return Listed(item, Observation(trailer, file))

    @property
    def path(self) -> Path:
        """The file, if it is one."""
        assert self.database.path is not None
        return self.database.path

    async def begin(self, mode: MonitorMode = MonitorMode.MISSING, name: str = "movies") -> RefreshStart:
        """Begin a refresh."""
        return await self.store.begin_refresh(self.connection(mode, name), at=self.now)

    def connection(self, mode: MonitorMode = MonitorMode.MISSING, name: str = "movies") -> Connection:
        return Connection(name=name, provider="radarr", mode=mode)

    async def plan(
        self, start: RefreshStart, items: Iterable[Listed], guard: Guard | None = None
    ) -> RefreshPlan:
        """The plan for a library of these items."""
        planner = Planner(await self.store.known(start), start.rules, guard)
        add(planner, items)
        return planner.finish()

    async def refresh(
        self,
        *items: Listed,
        mode: MonitorMode = MonitorMode.MISSING,
        name: str = "movies",
        guard: Guard | None = None,
    ) -> RefreshCounts:
        """One whole refresh."""
        start = await self.begin(mode, name)
        plan = await self.plan(start, items, guard)
        return await self.store.apply(start, plan, at=self.now, outcome=Outcome.OK)

    async def rows(self, which: MediaFilter | None = None) -> dict[int, MediaRow]:
        """The living items that fit, by arr id."""
        pages = self.store.media(which or MediaFilter(), now=self.now)
        return {row.arr_id: row async for page in pages for row in page}

    async def stored(self, ids: Iterable[int]) -> dict[int, Entry]:
        """The whole entries of these items, as far as there are such."""
        found = await self.store._database.read(media.stored, ids)
        return {number: from_row(item.row) for number, item in found.items()}

    async def events(self, media_id: int | None = None) -> list[str]:
        """What happened, in its order."""
        rows = await self.store.history(media_id=media_id)
        return [row.event.value for row in reversed(rows)]

    def forbid_writing(self, table: str = "media") -> None:
        """Whoever writes there from now on fails."""
        self.database.forbid_writing(table)

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """What another program sees in the database, or does to it."""
        return self.database.sql(statement)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "trailarrd.db"


@pytest.fixture
def database(path: Path, engine_name: str, request: pytest.FixtureRequest) -> DatabaseFile | DatabaseServer:
    if engine_name == "sqlite":
        return DatabaseFile(path)
    server: DatabaseServer = request.getfixturevalue("postgres")
    server.empty()
    return server


@pytest.fixture
def url(database: DatabaseFile | DatabaseServer) -> str:
    return database.url


@pytest.fixture
async def store(database: DatabaseFile | DatabaseServer) -> AsyncIterator[Store]:
    if isinstance(database, DatabaseFile):
        lay_blank(database.path)
    async with Store.open(database.url, busy_timeout=2.0) as store:
        await store.register([("movies", "radarr", MediaKind("movie"))])
        yield store


@pytest.fixture
def library(store: Store, database: DatabaseFile | DatabaseServer) -> Library:
    return Library(store, database)


@pytest.fixture
def address(postgres: DatabaseServer) -> DatabaseAddress:
    """On a server, with leases that are soon over."""
    postgres.empty()
    return DatabaseAddress(url=postgres.url, lease=timedelta(seconds=1))
