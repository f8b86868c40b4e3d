"""Whatever happens in whatever order, the database is what the documents say: hypothesis tries to differ.

`stage.py` is the world that things happen to, `model.py` is what should come of it. A few steps are not
taken because the documents leave open what should come of them: where an item lost its id elsewhere
and its folder at once, nobody can know it again.
"""

from __future__ import annotations

import asyncio
import copy
from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import pytest
import structlog
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.refresh.conftest import did, seen
from tests.safety.model import Model
from tests.safety.stage import TRAILERS, Stage
from trailarrd.domain.monitoring import MonitorMode
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
    from collections.abc import Callable, Coroutine, Iterator
    from typing import TypeVar

    from hypothesis.strategies import SearchStrategy

    from tests.safety.model import Answer, Row
    from tests.safety.stage import Thing
    from trailarrd.store import MediaRow
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
        def event_and_refresh(self: Safety, *, learnt: bool, **chosen: Any) -> None:
            event(self, **chosen)
            if learnt:
                self._refresh()

        event_and_refresh.__name__ = event.__name__
        make: Callable[..., Callable[[Callable[..., None]], Callable[..., None]]] = rule
        return make(learnt=st.booleans(), **choices)(event_and_refresh)

    return decorate


class Safety(RuleBasedStateMachine):
    """A server, a disk and a user against trailarrd."""

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

    @initialize(name=st.sampled_from(sorted(DIALECTS)), size=st.integers(0, 6))
    def a_library(self, name: str, size: int) -> None:
        self.stage = Stage(DIALECTS[name], Path(self.home.name))
        self.do(self.stage.open())
        self.stage.map_paths()
        for number in range(size):
            self._add(number % 2, monitored=True)

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
        if not self._keeps_its_identity(thing):
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
        if not self._keeps_its_folder(thing):
            return
        self.named += 1
        self.stage.identify(thing, 500 + self.named if has_one else 0)

    @some_items
    @happens(which=index, other=index)
    def share_identity(self, which: int, other: int) -> None:
        """The server has the same id elsewhere for two items."""
        one, two = self._listed(which), self._listed(other)
        if all(self._is_known(thing) and self._keeps_its_folder(thing) for thing in (one, two)):
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
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"a video")

    @happens(which=st.integers(0, 1), state=st.sampled_from(["missing", "empty"]))
    def mount_or_unmount(self, which: int, state: str) -> None:
        root = self.stage.roots[which]
        if root.state == "there":
            root.unmount(state)
        else:
            root.mount()

    # -- trailarrd's user -------------------------------------------------------------------------

    @happens(mode=st.sampled_from(["missing", "new", "sync", "none"]))
    def change_mode(self, mode: str) -> None:
        self.stage.world.mode = MonitorMode(mode)

    @happens()
    def map_or_unmap(self) -> None:
        self.stage.roots[1].mapped = not self.stage.roots[1].mapped
        self.stage.map_paths()

    @precondition(lambda self: self.model.living)
    @happens(which=index, intent=st.sampled_from([True, False, None]))
    def intend(self, which: int, intent: bool | None) -> None:
        row = pick(self.model.living, which)
        self._tick()
        assert row.number is not None
        result = self.do(self.stage.world.store.set_intent([row.number], intent=intent, at=self.model.now))
        assert (result.changed == [row.number]) is (row.intent is not intent)
        self.model.intend(row.title, intent)

    @precondition(lambda self: self.model.held)
    @happens()
    def approve(self) -> None:
        self._tick()
        answered = self.do(self.stage.world.store.approve_removals("library", self.model.now))
        assert answered == self.model.approve()

    @precondition(lambda self: self.model.held)
    @happens()
    def discard(self) -> None:
        answered = self.do(self.stage.world.store.discard_removals("library"))
        assert answered == self.model.discard()

    # -- what is nobody's wish --------------------------------------------------------------------

    @happens(fault=st.sampled_from([*FATAL, *LESS, *LESS]))
    def break_the_server(self, fault: Fault) -> None:
        self.stage.server.fault = fault

    @happens()
    def repair_the_server(self) -> None:
        self.stage.server.fault = None

    @happens()
    def restart(self) -> None:
        self.do(self.stage.reopen())

    @happens()
    def back_up(self) -> None:
        """Somebody copies the database file."""
        self.stage.database.sql(f"VACUUM INTO '{self._backup_file(new=True)}'")
        self.backup = copy.deepcopy(self.model)

    @precondition(lambda self: self.backup)
    @happens()
    def restore(self) -> None:
        """And puts the copy in the place of the database, while trailarrd is stopped."""
        assert self.backup is not None
        present, self.model = self.model, copy.deepcopy(self.backup)
        if all(self._keeps_its_identity(t) or self._keeps_its_folder(t) for t in self.stage.things.values()):
            self.do(self.stage.replace_database(self._backup_file()))
        else:
            self.model = present

    def _backup_file(self, *, new: bool = False) -> Path:
        file = Path(self.home.name) / "backup.db"
        if new:
            file.unlink(missing_ok=True)
        return file

    @happens(days=st.sampled_from([1, 20, 40, 400]))
    def wait_and_purge(self, days: int) -> None:
        self.stage.world.now += timedelta(days=days)
        self._tick()
        before, long_before = self.model.now - timedelta(days=30), self.model.now - timedelta(days=365)
        purged = self.do(self.stage.world.store.purge(removed_before=before, history_before=long_before))
        assert tuple(purged) == self.model.purge(before, long_before)

    # -- refreshes --------------------------------------------------------------------------------

    @rule()
    def refresh_with_a_good_server(self) -> None:
        self.stage.server.fault = None
        self._refresh()

    @rule()
    def refresh_twice(self) -> None:
        self._refresh()
        self._refresh()

    def _refresh(self) -> None:
        mode, fault = self.stage.world.mode.value, self.stage.server.fault
        answer = self.stage.answer()
        if fault not in FATAL and not self._can_be_told_apart(answer):
            return
        report = self.do(self.stage.world.refresh())
        self.model.now = self.stage.world.now
        error = FATAL.get(fault) if fault else None
        expected = self.model.fail(mode, error) if error else self.model.refresh(mode, answer)
        told = {"outcome": report.outcome.value, **did(report), **seen(report)}
        assert told | ({"monitored": report.monitored} if report.monitored else {}) == expected
        assert (report.error and report.error.kind) == self.model.error

    # -- the comparison ---------------------------------------------------------------------------

    @invariant()
    def the_database_is_what_it_should_be(self) -> None:
        if not hasattr(self, "stage"):
            return
        rows = {row.title: row for row in self.do(self._stored())}
        living = {row.title: row for row in self.model.living}
        assert {title: self._as_values(row) for title, row in rows.items()} == {
            title: expected_values(row) for title, row in living.items()
        }
        for title, row in rows.items():
            living[title].number = living[title].number or row.id
        assert {title: row.id for title, row in rows.items()} == {
            title: row.number for title, row in living.items()
        }
        self._compare_the_removed()
        self._compare_the_connection()
        self._compare_the_history()

    async def _stored(self) -> list[MediaRow]:
        world = self.stage.world
        return [row async for page in world.store.media(now=world.now) for row in page]

    def _as_values(self, row: MediaRow) -> dict[str, Any]:
        identity = row.external_ids.get(self.stage.world.provider.identity or "", "0")
        return {
            "arr_id": row.arr_id,
            "year": row.year,
            "identity": int(identity),
            "remote_path": row.remote_path,
            "local_path": row.local_path,
            "monitored_remotely": row.monitored_remotely,
            "trailer": row.trailer.value,
            "trailer_file": row.trailer_file,
            "monitored": row.monitored,
            "reason": row.monitor_reason.value,
            "intent": row.intent,
            "held_at": row.held_at,
        }

    def _compare_the_removed(self) -> None:
        stored = self.stage.database.sql("SELECT id, title, intent FROM media WHERE removed_at IS NOT NULL")
        expected = [(row.number, row.title, row.intent) for row in self.model.rows.values() if not row.living]
        assert sorted(stored) == sorted(expected)

    def _compare_the_connection(self) -> None:
        (row,) = self.do(self.stage.world.store.connections())
        model, living = self.model, self.model.living
        assert (row.mode, row.baseline, row.last_outcome, row.last_error_kind) == (
            model.mode,
            model.baseline,
            model.outcome,
            model.error,
        )
        assert (row.items, row.with_trailer, row.monitored, row.held, row.quarantined) == (
            len(living),
            sum(row.values["trailer"] == "present" for row in living),
            sum(row.values["monitored"] for row in living),
            len(model.held),
            model.quarantined,
        )

    def _compare_the_history(self) -> None:
        events = self.do(self.stage.world.store.history(limit=100_000))
        assert Counter((row.title, row.event.value) for row in events) == self.model.events

    # -- what is possible -------------------------------------------------------------------------

    def _things(self) -> list[Thing]:
        return [thing for thing in self.stage.things.values() if thing.listed]

    def _listed(self, which: int) -> Thing:
        thing: Thing = pick(self._things(), which)
        return thing

    def _is_known(self, thing: Thing) -> bool:
        return thing.title in self.model.rows

    def _keeps_its_identity(self, thing: Thing) -> bool:
        """Whether it can be known by its id elsewhere, so that its folder may change."""
        if not self._is_known(thing):
            return True
        others = {one.identity for one in self.stage.things.values() if one is not thing}
        others |= {row.values["identity"] for row in self.model.rows.values() if row.title != thing.title}
        stored = self.model.rows[thing.title].values["identity"]
        return thing.identity == stored and thing.identity not in {0, *others}

    def _keeps_its_folder(self, thing: Thing) -> bool:
        """Whether it can be known by its folder, so that its id elsewhere may change."""
        return not self._is_known(thing) or self.model.rows[thing.title].values["remote_path"] == thing.path

    def _can_be_told_apart(self, answer: Answer) -> bool:
        """Whether the documents say which row each item and each unreadable record means."""
        if any(self._collides(thing) for thing in self._things()):
            return False
        held = Counter(row.arr_id for row in self.model.held)
        free = {row.arr_id for row in self.model.living if not row.held_at}
        return not any(held[arr_id] > 1 and arr_id not in free for arr_id in answer.unreadable)

    def _collides(self, thing: Thing) -> bool:
        """Whether it has an arr id or an id elsewhere that could mean another row as well."""
        others = [row for row in self.model.rows.values() if row.title != thing.title]
        shared = thing.identity != 0 and any(thing.identity == row.values["identity"] for row in others)
        if self._is_known(thing):
            mine = self.model.rows[thing.title]
            return shared and mine.values["identity"] != thing.identity and mine.arr_id != thing.arr_id
        anyone = any(
            row.arr_id == thing.arr_id and 0 in (row.values["identity"], thing.identity) for row in others
        )
        return shared or anyone

    def _tick(self) -> None:
        self.stage.world.now += timedelta(minutes=1)
        self.model.now = self.stage.world.now


def pick(things: list[Any], which: int) -> Any:
    return things[which % len(things)]


def expected_values(row: Row) -> dict[str, Any]:
    return {**row.values, "intent": row.intent, "held_at": row.held_at}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """A log of thousands of refreshes helps nobody; what fails is told by its steps."""
    before = structlog.get_config()
    structlog.configure(processors=[drop])
    yield
    structlog.configure(**before)


def drop(_logger: object, _name: str, _event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    raise structlog.DropEvent


TestSafety = Safety.TestCase
TestSafety.settings = settings(
    max_examples=max(1, settings().max_examples // 4),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
TestSafety = pytest.mark.timeout(0)(TestSafety)
