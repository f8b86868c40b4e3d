"""Whatever happens in whatever order, the database is what the documents say: hypothesis tries to differ.

`stage.py` is the world that things happen to, `model.py` is what should come of it. A few steps are not
taken because the documents leave open what should come of them: where an item lost its id elsewhere
and its folder at once, nobody can know it again.
"""

from __future__ import annotations

import copy
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from tests.depth import IS_DEEP
from tests.safety.comparison import compare
from tests.safety.happenings import FATAL, LESS, Happenings, happens, index, pick
from tests.safety.possible import keeps_its_folder, keeps_its_identity
from trailarrd.domain.monitoring import MonitorMode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeVar

    from tests.postgres import DatabaseServer
    from tests.safety.stage import Thing
    from trailarrd.testing import (
        Fault,
    )

    T = TypeVar("T")


class Safety(Happenings):
    """A server, a disk and a user against trailarrd."""

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

    @precondition(lambda self: self.model.vanishing)
    @happens()
    def approve_vanished(self) -> None:
        self._tick()
        answered = self.do(self.stage.world.store.approve_vanished("library", self.model.now))
        assert answered == self.model.approve_vanished()

    @precondition(lambda self: self.model.vanishing)
    @happens()
    def discard_vanished(self) -> None:
        answered = self.do(self.stage.world.store.discard_vanished("library"))
        assert answered == self.model.discard_vanished()

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

    @precondition(lambda self: not self.server)
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
        if all(self._can_be_known(thing) for thing in self.stage.things.values()):
            self.do(self.stage.replace_database(self._backup_file()))
        else:
            self.model = present

    def _backup_file(self, *, new: bool = False) -> Path:
        file = Path(self.home.name) / "backup.db"
        if new:
            file.unlink(missing_ok=True)
        return file

    @happens()
    def wait_a_while(self) -> None:
        self.stage.world.now += timedelta(minutes=10)
        self._tick()

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

    # -- the comparison ---------------------------------------------------------------------------

    @invariant()
    def the_database_is_what_it_should_be(self) -> None:
        if hasattr(self, "stage"):
            self.do(compare(self.stage, self.model))

    def _can_be_known(self, thing: Thing) -> bool:
        by_identity = keeps_its_identity(self.stage, self.model, thing)
        return by_identity or keeps_its_folder(self.model, thing)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """A log of thousands of refreshes helps nobody; what fails is told by its steps."""
    before = structlog.get_config()
    structlog.configure(processors=[drop])
    yield
    structlog.configure(**before)


def drop(_logger: object, _name: str, _event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    raise structlog.DropEvent


@pytest.mark.timeout(0)
def test_it_is_so_on_a_server(postgres: DatabaseServer) -> None:
    """What is nobody's but the database's: each step is followed by the same comparison."""

    class OnServer(Safety):
        server = postgres

    runs = settings(
        TestSafety.settings,
        max_examples=100 if IS_DEEP else 1,
        stateful_step_count=settings().stateful_step_count if IS_DEEP else 25,
    )
    run_state_machine_as_test(OnServer, settings=runs)


TestSafety = Safety.TestCase
TestSafety.settings = settings(
    max_examples=settings().max_examples // 6 if IS_DEEP else 4,  # deep: 500 times 200 steps
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
TestSafety = pytest.mark.timeout(0)(TestSafety)
