"""The real half of the state machine: a server, two root folders, a database file, and their user."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.safety.model import MAX_ITEMS, MAX_PERCENT, Answer, Listed, Sight
from tests.world import KEY, DatabaseFile
from trailarrd.disk.roots import Roots
from trailarrd.disk.view import DiskView
from trailarrd.domain.connection import ArrServer, Connection
from trailarrd.domain.guard import RemovalGuard
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.paths import LocalPath, PathMapping, RemotePath
from trailarrd.domain.secret import Redactor, Secret
from trailarrd.plugin.discovery import discover, providers_by_name
from trailarrd.plugin.session import open_session
from trailarrd.refresh import Refresher
from trailarrd.store import Store
from trailarrd.testing import (
    BrokenRecord,
    Dialect,
    EmptyList,
    Fault,
    ShortenedList,
    SimulatedArr,
    SimulatedLibrary,
)

if TYPE_CHECKING:
    from trailarrd.domain.report import RefreshReport

NAME: Final = "library"
GUARD: Final = RemovalGuard(max_items=MAX_ITEMS, max_fraction=MAX_PERCENT / 100)
TRAILERS: Final = ("Trailers/Teaser.mkv", "any words-trailer.mp4")


@dataclass
class Thing:
    """One film or show, wherever it is just now."""

    title: str
    arr_id: int
    path: str
    identity: int
    listed: bool = True
    readable: bool = True
    known_path: str | None = None
    """Where it was when a refresh last read it."""
    known_identity: int = 0
    """Its id elsewhere, then."""
    known_arr_id: int = 0
    """And on its server."""


@dataclass
class Root:
    """A root folder: what the server calls it and where it is here."""

    remote: str
    folder: Path
    mapped: bool = True
    state: str = "there"

    @property
    def shelf(self) -> Path:
        """Where its files really are, mounted or not."""
        return self.folder if self.state == "there" else self.folder.with_name(self.folder.name + " (away)")

    def unmount(self, state: str) -> None:
        self.folder.rename(self.folder.with_name(self.folder.name + " (away)"))
        if state == "empty":
            self.folder.mkdir()
        self.state = state

    def mount(self) -> None:
        if self.state == "empty":
            self.folder.rmdir()
        self.shelf.rename(self.folder)
        self.state = "there"


@dataclass
class Stage:
    """Everything around trailarrd."""

    dialect: Dialect
    home: Path
    mode: str = "missing"
    now: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)
    things: dict[str, Thing] = field(default_factory=dict)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    def __post_init__(self) -> None:
        names = (self.dialect.root, f"/nowhere on this host{self.dialect.root}")
        self.roots = [Root(name, self.home / f"root {number}") for number, name in enumerate(names)]
        for root in self.roots:
            root.folder.mkdir()
            (root.folder / "something else.txt").write_text("as in most root folders")
        self.library = SimulatedLibrary(self.dialect, roots=names)
        self.server = SimulatedArr(self.library, api_key=KEY)
        self.database = DatabaseFile(self.home / "trailarrd.db")
        self.provider = providers_by_name(discover())[self.dialect.app_name.lower()]

    async def open(self) -> None:
        await self._stack.enter_async_context(self.server)
        self._arr = ArrServer(url=self.server.url, api_key=Secret(KEY))
        self._session = await self._stack.enter_async_context(open_session(self._arr))
        await self.open_store()

    async def open_store(self) -> None:
        self.store = await self._open.enter_async_context(Store.open(self.database.url))
        await self.store.register([(NAME, self.provider.name, self.provider.media_kind)])

    async def close_store(self) -> None:
        await self._open.aclose()

    async def close(self) -> None:
        await self._open.aclose()
        await self._stack.aclose()

    async def refresh(self) -> RefreshReport:
        """One refresh, as the daemon would do it."""
        mappings = [
            PathMapping(RemotePath(root.remote), LocalPath(str(root.folder)))
            for root in self.roots
            if root.mapped
        ]
        connection = Connection(
            name=NAME,
            provider=self.provider.name,
            mode=MonitorMode(self.mode),
            path_mappings=tuple(mappings),
        )
        return await Refresher(
            connection=connection,
            provider=self.provider,
            api=self.provider.api_manager(self._session, self._arr),
            store=self.store,
            disk=lambda: DiskView(Roots(deadline=10.0)),
            redactor=Redactor([Secret(KEY)]),
            clock=lambda: self.now,
            guard=GUARD,
        ).refresh()

    # -- the server's user ------------------------------------------------------------------------

    def add(self, title: str, root: Root, *, identity: int, monitored: bool) -> None:
        """A new item with its folder and a video in it."""
        path = f"{root.remote}/{title}"
        fields: dict[str, Any] = {self.dialect.identity: identity, "monitored": monitored}
        arr_id = self.library.add(title=title, year=2001, **fields)["id"]
        self.library.move(arr_id, path)
        self.library.clear(arr_id, "movieFile")
        self.things[title] = Thing(title, arr_id, path, identity)
        self.folder(path).mkdir()
        (self.folder(path) / f"{title}.mkv").write_bytes(b"a video")

    def root_of(self, path: str) -> Root:
        return next(root for root in self.roots if path.startswith(root.remote + "/"))

    def folder(self, path: str) -> Path:
        """Where the server's folder is, mounted or not."""
        root = self.root_of(path)
        return root.shelf / path.removeprefix(root.remote + "/")

    # -- what is there to be known ----------------------------------------------------------------

    def sight(self, path: str) -> Sight:
        """What a look from here shows of a folder."""
        root = self.root_of(path)
        if root.state != "there" or not root.mapped:
            return "unknown", None
        found = [name for name in TRAILERS if (self.folder(path) / name).exists()]
        return ("present", found[0]) if found else ("absent", None)

    def local_path(self, path: str) -> str:
        root = self.root_of(path)
        return path.replace(root.remote, str(root.folder), 1) if root.mapped else path

    def answer(self) -> Answer:
        """What the server says to somebody who asks for the list, the present fault included."""
        fault = self.server.fault
        things = {thing.arr_id: thing for thing in self.things.values() if thing.listed}
        order = [things[arr_id] for arr_id in self.library.ids]
        if isinstance(fault, EmptyList):
            order = []
        if isinstance(fault, ShortenedList):
            order = order[: int(len(order) * fault.keep)]
        broken = {thing.title for thing in order if not thing.readable}
        anonymous = 0
        if isinstance(fault, BrokenRecord) and order:
            if fault.field is None:
                order, anonymous = order[1:], 1
            else:
                broken.add(order[0].title)
        return Answer(
            listed=[self._listed(thing) for thing in order if thing.title not in broken],
            unreadable=frozenset(thing.arr_id for thing in order if thing.title in broken),
            anonymous=anonymous,
        )

    def _listed(self, thing: Thing) -> Listed:
        record = self.library.record(thing.arr_id)
        values = {
            "arr_id": thing.arr_id,
            "year": record["year"],
            "identity": thing.identity,
            "remote_path": thing.path,
            "local_path": self.local_path(thing.path),
            "monitored_remotely": record["monitored"],
        }
        return Listed(title=thing.title, values=values, sight=self.sight(thing.path))

    def set_fault(self, fault: Fault | None) -> None:
        self.server.fault = fault
