"""What happens outside of trailarrd, to a server and a disk, and the refresh that notices it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.refresh.conftest import did, seen
from tests.safety.model import Model
from tests.safety.possible import can_be_told_apart, is_known, keeps_its_folder, keeps_its_identity
from tests.safety.stage import TRAILERS, Stage
from trailarrd.testing import (
    RADARR,
    SONARR,
    BrokenRecord,
    EmptyList,
    Fault,
    LoginPage,
    Phase,
    Refusal,
    Reset,
    ServerError,
    ShortenedList,
    Truncated,
    WrongApplication,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import TypeVar

    from hypothesis.strategies import SearchStrategy

    from tests.postgres import DatabaseServer
    from tests.safety.answer import Answer, Listed
    from tests.safety.stage import Thing
    from trailarrd.testing import Record

    T = TypeVar("T")

LIST = Phase.LIST
DIALECTS: Final = {"radarr": RADARR, "sonarr": SONARR}
FATAL: Final[dict[Fault, str]] = {
    Refusal(): "rejected",
    WrongApplication(): "rejected",
    ServerError(): "unavailable",
    ServerError(phase=Phase.ROOT_FOLDERS): "unavailable",
    Reset(at=0.5, phase=LIST): "unavailable",
    LoginPage(phase=LIST): "response",
    Truncated(at=0.9, phase=LIST): "response",
}
"""Whose move each is."""
LESS: Final[tuple[Fault, ...]] = (
    EmptyList(phase=LIST),
    EmptyList(phase=Phase.ROOT_FOLDERS),
    ShortenedList(phase=LIST, keep=0.5),
    ShortenedList(phase=LIST, keep=0.8),
    BrokenRecord(phase=LIST, position=0),
    BrokenRecord(phase=LIST, position=0, field=None),
)
"""A complete answer that says less than is true."""

index = st.integers(0, 99)
"""Which of the things that are possible; small numbers are shrunk to."""


some_items = precondition(lambda self: self._things())


def happens(**choices: SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A rule of which trailarrd learns at once, or only after more has happened."""

    def decorate(event: Callable[..., None]) -> Callable[..., None]:
        def event_and_refresh(self: Happenings, *, learnt: bool, **chosen: Any) -> None:
            event(self, **chosen)
            if learnt:
                self._refresh()

        event_and_refresh.__name__ = event.__name__
        make: Callable[..., Callable[[Callable[..., None]], Callable[..., None]]] = rule
        return make(learnt=st.booleans(), **choices)(event_and_refresh)

    return decorate


class Happenings(RuleBasedStateMachine):
    """A server, a disk, and a trailarrd that refreshes."""

    server: DatabaseServer | None = None
    """None: each run has a file of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.home = TemporaryDirectory()
        self.model = Model()
        self.stage: Stage
        self.named = 0
        self.graveyard: dict[str, Record] = {}
        """What the server had of the items that were deleted there."""
        self.backup: Model | None = None

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize(
        name=st.sampled_from(sorted(DIALECTS)),
        size=st.integers(0, 6),
        trailers=st.integers(0, 6),
        roots=st.sampled_from([1, 2]),
    )
    def a_library(self, name: str, size: int, trailers: int, roots: int) -> None:
        self.stage = Stage(DIALECTS[name], Path(self.home.name), self.server)
        self.do(self.stage.open())
        self.stage.map_paths()
        for number in range(size):
            self._add(number % roots, monitored=True)
        for number, thing in enumerate(self._things()[:trailers]):
            self.stage.put(self.stage.folder(thing.path) / TRAILERS[number % 2])

    def teardown(self) -> None:
        if hasattr(self, "stage"):
            self.do(self.stage.close())
        self.runner.close()
        self.home.cleanup()

    # -- the server's user ------------------------------------------------------------------------

    @happens(root=st.integers(0, 1), monitored=st.booleans())
    def add(self, root: int, monitored: bool) -> None:
        self._add(root, monitored=monitored)

    def _add(self, root: int, *, monitored: bool) -> None:
        self.named += 1
        name, identity = f"Item {self.named}", 500 + self.named
        self.stage.add(name, self.stage.roots[root], identity=identity, monitored=monitored)

    @some_items
    @happens(which=index, monitored=st.booleans(), year=st.integers(1990, 1992))
    def edit(self, which: int, monitored: bool, year: int) -> None:
        thing = self._listed(which)
        self.stage.library.edit(thing.arr_id, monitored=monitored, year=year)

    @some_items
    @happens(which=index)
    def delete(self, which: int) -> None:
        thing = self._listed(which)
        self.graveyard[thing.title] = self.stage.library.record(thing.arr_id)
        self.stage.library.delete(thing.arr_id)
        thing.listed = False

    @some_items
    @happens(which=index)
    def add_again(self, which: int) -> None:
        """Deleted and added again at once: all is as it was but the arr id."""
        thing = self._listed(which)
        thing.arr_id = self.stage.library.readd(thing.arr_id)["id"]

    @precondition(lambda self: self.graveyard)
    @happens(which=index)
    def bring_back(self, which: int) -> None:
        """What was deleted some time ago is added again, under a new arr id."""
        title = pick(sorted(self.graveyard), which)
        thing, library = self.stage.things[title], self.stage.library
        record = self.graveyard.pop(title)
        thing.arr_id = library.add(title=title)["id"]
        library.replace(thing.arr_id, {**record, "id": thing.arr_id})
        thing.listed = True

    @some_items
    @happens(first_id=st.sampled_from([1, 2, 50]))
    def reinstall(self, first_id: int) -> None:
        """The server is set up anew: the same items under other ids."""
        numbers = self.stage.library.reinstall(first_id)
        for thing in self._things():
            thing.arr_id = numbers[thing.arr_id]

    @some_items
    @happens(which=index, root=st.integers(0, 1), with_files=st.booleans())
    def move(self, which: int, root: int, with_files: bool) -> None:
        """Another folder, and its files with it or left behind."""
        thing = self._listed(which)
        if not keeps_its_identity(self.stage, self.model, thing):
            return
        self.named += 1
        old, thing.path = thing.path, f"{self.stage.roots[root].remote}/Folder {self.named}"
        self.stage.library.move(thing.arr_id, thing.path)
        if with_files and self.stage.folder(old).exists():
            self.stage.folder(old).rename(self.stage.folder(thing.path))

    @some_items
    @happens(which=index, has_one=st.booleans())
    def correct_identity(self, which: int, has_one: bool) -> None:
        """The server has another id elsewhere for it, or none any more."""
        thing = self._listed(which)
        if not keeps_its_folder(self.model, thing):
            return
        self.named += 1
        self.stage.identify(thing, 500 + self.named if has_one else 0)

    @some_items
    @happens(which=index, other=index)
    def share_identity(self, which: int, other: int) -> None:
        """The server has the same id elsewhere for two items."""
        one, two = self._listed(which), self._listed(other)
        if all(is_known(self.model, thing) and keeps_its_folder(self.model, thing) for thing in (one, two)):
            self.stage.identify(one, two.identity)

    @some_items
    @happens(which=index)
    def spoil(self, which: int) -> None:
        """Its record cannot be read any more, or again."""
        thing = self._listed(which)
        thing.readable = not thing.readable
        self.stage.library.edit(thing.arr_id, title=thing.title if thing.readable else 17)

    # -- the disk ---------------------------------------------------------------------------------

    @some_items
    @happens(which=index, name=st.sampled_from(TRAILERS))
    def put_or_delete_trailer(self, which: int, name: str) -> None:
        file = self.stage.folder(self._listed(which).path) / name
        if file.exists():
            file.unlink()
        else:
            self.stage.put(file)

    @some_items
    @happens(which=index)
    def lose_or_find_own_file(self, which: int) -> None:
        """On the disk; the server does not notice."""
        file = self.stage.own_file(self._listed(which).path)
        if file.exists():
            file.unlink()
        else:
            self.stage.put(file)

    @happens(which=st.integers(0, 1))
    def take_or_return_own_files(self, which: int) -> None:
        """All in one root folder, as if they lay on a disk of a pool."""
        remote = self.stage.roots[which].remote
        files = [self.stage.own_file(one.path) for one in self._things() if one.path.startswith(f"{remote}/")]
        there = [file for file in files if file.exists()]
        for file in there or files:
            file.unlink() if there else self.stage.put(file)

    @some_items
    @happens(which=index)
    def forget_or_learn_of_own_file(self, which: int) -> None:
        """On the server; the disk stays as it is."""
        thing = self._listed(which)
        self.stage.set_file(thing, has_file=not thing.has_file)

    @happens(which=st.integers(0, 1), state=st.sampled_from(["missing", "empty"]))
    def mount_or_unmount(self, which: int, state: str) -> None:
        root = self.stage.roots[which]
        if root.state == "there":
            root.unmount(state)
        else:
            root.mount()

    @happens()
    def take_or_return_trailers(self) -> None:
        self.stage.take_or_return_trailers()

    @happens()
    def change_rules(self) -> None:
        self.stage.change_rules()

    @happens(which=st.integers(0, 1))
    def stop_or_start_times(self, which: int) -> None:
        """Folders in that root show their changes no longer, or again."""
        self.stage.disk.stop_or_start(self.stage.roots[which].folder)

    @precondition(lambda self: any(row.values["contradicted"] for row in self.model.living))
    @rule()
    def look_again(self) -> None:
        """As after a move: at all that is contradicted, and no request to the server."""
        world, wanted = self.stage.world, [r for r in self.model.living if r.values["contradicted"]]
        rows = [row for row in wanted if not row.held_at]
        if world.mode.value != self.model.mode or not rows:
            return
        asked = len(self.stage.server.requests)
        self._tick()
        self.stage.disk.listed.clear()
        self.do(world.refresher().look_again([row.arr_id for row in rows]))
        assert len(self.stage.server.requests) == asked
        told = [{**row.values, "local_path": self.stage.local(row.values["remote_path"])} for row in rows]
        self.model.look_again(map(self.stage.looked_at, [row.title for row in rows], told))

    # -- trailarrd -------------------------------------------------------------------------------

    def _refresh(self) -> None:
        mode, fault = self.stage.world.mode.value, self.stage.server.fault
        if fault not in FATAL and not can_be_told_apart(self.stage, self.model, self.stage.answer()):
            return
        self.stage.disk.listed.clear()
        report = self.do(self.stage.world.refresh())
        self.model.now = self.stage.world.now
        answer = self.stage.answer()
        if fault not in FATAL:
            self._compare_lies(answer)
            answer = replace(answer, listed=[self._as_seen(one) for one in answer.listed])
        error = FATAL.get(fault) if fault else None
        expected = self.model.fail(mode, error) if error else self.model.refresh(mode, answer)
        told = {"outcome": report.outcome.value, **did(report), **seen(report)}
        names = ("monitored", "contradicted", "vanishing")
        counted = {name: n for name in names if (n := getattr(report, name))}
        assert told | counted == expected
        assert (report.error and report.error.kind) == self.model.error

    def _compare_lies(self, answer: Answer) -> None:
        """Whether the roots were caught lying of which a listing found what their times had hidden."""
        roots = self.do(self.stage.world.store.roots()).get("library", [])
        caught = {root.path for root in roots if root.caught_lying}
        assert caught <= {str(folder) for folder in self.stage.disk.liars}
        for one in answer.listed:
            if one.listed and self.model.hidden.get(one.title) == self.stage.disk.turns:
                values = self.model.rows[one.title].values
                found = one.sight != (values["trailer"], values["trailer_file"])
                if found and all(values[name] == value for name, value in one.values.items()):
                    assert str(self.stage.folder_of(one)) in caught
        self.model.hidden.clear()
        self.model.caught_before, self.model.caught = self.model.caught, frozenset(caught)

    def _as_seen(self, one: Listed) -> Listed:
        """What trailarrd can know of it: as long as it does not list a folder, that is as it was."""
        if one.listed or not one.there or one.sight[0] == "unknown":
            return one
        row, folder = self.model.rows[one.title], self.stage.folder_of(one)
        before = (row.values["trailer"], row.values["trailer_file"])
        if one.sight != before or one.own is False:
            assert self.stage.disk.lies(folder)
            self.model.hidden[one.title] = self.stage.disk.turns
        assert str(folder) not in self.model.caught_before
        assert row.listed_at
        assert self.model.now - row.listed_at < timedelta(days=7)
        return replace(one, sight=before, own=None if one.own is None else True)

    def _tick(self) -> None:
        self.stage.world.now += timedelta(minutes=1)
        self.model.now = self.stage.world.now

    # -- what is there ----------------------------------------------------------------------------

    def _things(self) -> list[Thing]:
        return [thing for thing in self.stage.things.values() if thing.listed]

    def _listed(self, which: int) -> Thing:
        thing: Thing = pick(self._things(), which)
        return thing


def pick(things: list[Any], which: int) -> Any:
    return things[which % len(things)]
