"""The real half of the state machine: a server, two root folders, a database file, and their user."""

from __future__ import annotations

import shutil
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from tests.blank import lay_blank
from tests.refresh.conftest import World
from tests.safety.answer import Answer, Listed, Sight
from tests.safety.disk import Disk
from tests.safety.model import MAX_ITEMS, MAX_PERCENT
from tests.shipped import shipped_providers
from tests.world import KEY, DatabaseFile, Shelf
from trailarrd.domain.connection import ArrServer
from trailarrd.domain.guard import Guard
from trailarrd.domain.paths import LocalPath, PathMapping, RemotePath
from trailarrd.domain.secret import Secret
from trailarrd.domain.trailers import TrailerRules
from trailarrd.plugin.session import open_session
from trailarrd.store.store import Store
from trailarrd.testing import (
    BrokenRecord,
    EmptyList,
    Phase,
    ShortenedList,
    SimulatedArr,
    SimulatedLibrary,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.postgres import DatabaseServer
    from trailarrd.testing import Dialect

TRAILERS: Final = ("any words-trailer.mp4", "Trailers/Teaser.mkv")


@dataclass
class Thing:
    """One film or show, wherever it is just now; its title never changes."""

    title: str
    arr_id: int
    path: str
    identity: int
    """Its id elsewhere; 0: none."""
    listed: bool = True
    readable: bool = True
    has_file: bool = True
    """Whether the server has a file of it, as far as it knows."""


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
        return self.folder if self.state == "there" else self._away

    @property
    def _away(self) -> Path:
        return self.folder.with_name(f"{self.folder.name} (not mounted)")

    def unmount(self, state: str) -> None:
        """From now on it is `missing` or `empty`."""
        self.folder.rename(self._away)
        if state == "empty":
            self.folder.mkdir()
        self.state = state

    def mount(self) -> None:
        """It is there again."""
        if self.state == "empty":
            self.folder.rmdir()
        self._away.rename(self.folder)
        self.state = "there"


class Stage:
    """Everything around trailarrd."""

    def __init__(self, dialect: Dialect, home: Path, server: DatabaseServer | None = None) -> None:
        names = (dialect.root, f"/nowhere on this host{dialect.root}")
        self.dialect = dialect
        self.things: dict[str, Thing] = {}
        self.roots = [Root(name, home / f"root {number}") for number, name in enumerate(names, 1)]
        for root in self.roots:
            root.folder.mkdir()
            (root.folder / "something else.txt").write_text("as in most root folders")
        self.library = SimulatedLibrary(dialect, roots=names)
        self.server = SimulatedArr(self.library, api_key=KEY)
        self.disk = Disk(home)
        self.counts: tuple[str, ...] = TRAILERS
        """Which of them are trailers by the present rules."""
        self._taken: list[tuple[Root, str]] = []
        self.server_of_database = server
        # Of either, what both have is enough for all but a copy of the file.
        self.database = cast("DatabaseFile", server or DatabaseFile(home / "trailarrd.db"))
        self._outer, self._inner = AsyncExitStack(), AsyncExitStack()

    async def open(self) -> None:
        """The server runs and the database is open."""
        await self._outer.enter_async_context(self.server)
        arr = ArrServer(url=self.server.url, api_key=Secret(KEY))
        session = await self._outer.enter_async_context(open_session(arr))
        provider = shipped_providers()[self.dialect.app_name.lower()]
        shelf = Shelf(self.server, self.roots[0].folder)
        guard = Guard(max_items=MAX_ITEMS, max_fraction=MAX_PERCENT / 100)
        if self.server_of_database:
            self.server_of_database.empty()
        else:
            lay_blank(self.database.path)
        store = await self._open_store()
        self.world = World(
            shelf,
            store,
            self.database,
            provider,
            session,
            guard=guard,
            trailer_guard=guard,
            roots=self.disk.roots,
        )
        await self._register()

    async def reopen(self) -> None:
        """trailarrd is started again."""
        await self._inner.aclose()
        self.world.store = await self._open_store()
        await self._register()

    async def replace_database(self, file: Path) -> None:
        """trailarrd is stopped, the database is exchanged, and it is started again."""
        await self._inner.aclose()
        exchange(self.database.path, file)
        await self.reopen()

    async def close(self) -> None:
        await self._inner.aclose()
        await self._outer.aclose()

    async def _open_store(self) -> Store:
        return await self._inner.enter_async_context(Store.open(self.database.url))

    async def _register(self) -> None:
        provider = self.world.provider
        await self.world.store.register([(self.world.name, provider.name, provider.media_kind)])

    def map_paths(self) -> None:
        """trailarrd.yaml says what the roots say."""
        self.world.mappings = tuple(
            PathMapping(RemotePath(root.remote), LocalPath(str(root.folder)))
            for root in self.roots
            if root.mapped
        )

    # -- the server's user ------------------------------------------------------------------------

    def add(self, title: str, root: Root, *, identity: int, monitored: bool) -> None:
        """A new item with its folder and a video in it."""
        path = f"{root.remote}/{title}"
        fields: dict[str, Any] = {self.dialect.identity: identity, "monitored": monitored}
        arr_id = self.library.add(title=title, year=2001, **fields)["id"]
        self.library.move(arr_id, path)
        self.things[title] = thing = Thing(title, arr_id, path, identity)
        self.set_file(thing, has_file=True)
        self.folder(path).mkdir()
        self.own_file(path).write_bytes(b"a video")

    def set_file(self, thing: Thing, *, has_file: bool) -> None:
        """From now on the server has a file of it, whose name it does not tell, or has none."""
        thing.has_file = has_file
        self.library.set_file(thing.arr_id, has_file=has_file)
        self.library.clear(thing.arr_id, "movieFile")

    def own_file(self, path: str) -> Path:
        """The file in the server's folder that it has of an item, if it is there."""
        return self.folder(path) / "the item itself.mkv"

    def identify(self, thing: Thing, identity: int) -> None:
        """The server has another id elsewhere for it, or none (0)."""
        thing.identity = identity
        self.library.edit(thing.arr_id, **{self.dialect.identity: identity})

    def root_of(self, path: str) -> Root:
        return next(root for root in self.roots if path.startswith(f"{root.remote}/"))

    def folder(self, path: str) -> Path:
        """Where the server's folder really is, mounted or not."""
        root = self.root_of(path)
        return root.shelf / path.removeprefix(f"{root.remote}/")

    def folder_of(self, one: Listed) -> Path:
        """The root folder here that it lies in."""
        return self.root_of(one.values["remote_path"]).folder

    def local(self, path: str) -> str:
        """What the mappings make of it."""
        root = self.root_of(path)
        return path.replace(root.remote, str(root.folder), 1) if root.mapped else path

    # -- the disk ---------------------------------------------------------------------------------

    def put(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"a video")

    def take_or_return_trailers(self) -> None:
        """All at once, as if they lay on a branch of a pool that is gone, or is there again."""
        for root, name in self._taken:
            if (root.shelf / name).parent.exists():
                self.put(root.shelf / name)
        taken = bool(self._taken)
        self._taken = (
            [] if taken else [(root, name) for root in self.roots for name in _trailers_in(root.shelf)]
        )
        for root, name in self._taken:
            (root.shelf / name).unlink()

    def change_rules(self) -> None:
        """Another version of the provider takes no folder of trailers for one, or does again."""
        name_alone = self.counts == TRAILERS
        self.counts = TRAILERS[:1] if name_alone else TRAILERS
        self.disk.turns += 1  # every folder is listed
        rules = TrailerRules(folders=()) if name_alone else TrailerRules()
        self.world.provider = replace(self.world.provider, trailers=rules)

    # -- what there is to be known ----------------------------------------------------------------

    def answer(self) -> Answer:
        """What the server's list tells, the present fault included."""
        fault = self.server.fault
        if fault is not None and fault.phase is not Phase.LIST:
            fault = None
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
            "local_path": self.local(thing.path),
            "monitored_remotely": record["monitored"],
            "has_file": thing.has_file,
        }
        return self.looked_at(thing.title, values)

    def looked_at(self, title: str, values: Mapping[str, Any]) -> Listed:
        """An item as the server told of it, with what its folder shows now."""
        path = values["remote_path"]
        sight, own = self._sight(path), None
        if sight[0] != "unknown" and values["has_file"]:
            own = self.own_file(path).exists()
        return Listed(
            title=title,
            values=values,
            sight=sight,
            own=own,
            root=self.root_of(path).remote,
            there=self.folder(path).exists(),
            listed=values["local_path"] in self.disk.listed,
            others=frozenset(set(TRAILERS) - set(self.counts)) & self._files(path),
        )

    def _sight(self, path: str) -> Sight:
        """What a look from here shows of a folder."""
        root = self.root_of(path)
        if root.state != "there" or not root.mapped:
            return "unknown", None
        found = [name for name in self.counts if name in self._files(path)]
        return ("present", found[0]) if found else ("absent", None)

    def _files(self, path: str) -> frozenset[str]:
        return frozenset(name for name in TRAILERS if (self.folder(path) / name).exists())


def _trailers_in(shelf: Path) -> list[str]:
    """In all items' folders, relative to their root folder's."""
    files = (file for name in TRAILERS for file in shelf.glob(f"*/{name}"))
    return [str(file.relative_to(shelf)) for file in files]


def exchange(database: Path, file: Path) -> None:
    """A closed database is another from now on."""
    for leftover in (f"{database}-wal", f"{database}-shm"):
        Path(leftover).unlink(missing_ok=True)
    shutil.copyfile(file, database)
