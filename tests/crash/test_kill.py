"""`kill -9` at any moment leaves the refresh before or the one after, and the next one makes good."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.blank import lay_blank
from tests.crash.remains import NOTHING, TRAILER, Remains, State
from tests.e2e.conftest import command
from tests.household import Household
from tests.postgres import on_both_engines
from tests.process import running
from tests.world import KEY, DatabaseFile, Shelf
from trailarrd.config import load
from trailarrd.discovery.plugins import discover, providers_by_name
from trailarrd.runtime.runtime import open_runtime
from trailarrd.testing import RADARR, SONARR, Phase, SimulatedArr, SimulatedLibrary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

KILLS = int(os.environ.get("TRAILARRD_KILLS", "5"))
"""At least; it goes on until one came before the end of a refresh and one after it."""
SIZE = 150
"""Items of each connection: enough that a refresh writes for some time."""

pytestmark = [pytest.mark.deep, pytest.mark.shared, pytest.mark.timeout(300 + 10 * KILLS)]


pytest_generate_tests = on_both_engines


@pytest.fixture
async def household(
    tmp_path: Path, engine_name: str, request: pytest.FixtureRequest
) -> AsyncIterator[Household]:
    """Two libraries of some size."""
    home = tmp_path / "home"
    shelves = {}
    for name, dialect in (("movies", RADARR), ("series", SONARR)):
        shelf = Shelf(SimulatedArr(SimulatedLibrary(dialect), api_key=KEY), home / name)
        for number in range(SIZE):
            shelf.add(f"Item {number}", 1900 + number)
        shelves[name] = shelf
    async with shelves["movies"].server, shelves["series"].server:
        household = Household(home, shelves)
        if engine_name == "postgresql":
            household.server = request.getfixturevalue("postgres")
            household.server.empty()
        # Chance may take so many trailers at once that they would be held, which a new database cannot know.
        household.settings = "defaults: {trailer_guard: {max_items: 1000}}\n"
        household.write_config()
        yield household


class Chance:
    """Decides what happens in a round, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._number = 0

    def change(self, shelf: Shelf) -> None:
        """What users do to a server between two refreshes: most items change, some come and go."""
        library = shelf.library
        for arr_id in self._random.sample(library.ids, 5):
            library.delete(arr_id)
        for _ in range(5):
            self._number += 1
            shelf.add(f"New {self._number}", 2001, imdbId=f"tt{9_000_000 + self._number}")
        for arr_id in self._random.sample(library.ids, SIZE * 2 // 3):
            self._number += 1
            library.edit(arr_id, title=f"Title {self._number}", monitored=self._random.random() < 0.5)

    def move_trailers(self, shelf: Shelf) -> None:
        """Some items get a trailer, some lose theirs."""
        for arr_id in self._random.sample(shelf.library.ids, 20):
            file = shelf.place(arr_id) / TRAILER
            if file.exists():
                file.unlink()
            else:
                shelf.put(arr_id, TRAILER)

    def happens(self, probability: float) -> bool:
        """Whether something does."""
        return self._random.random() < probability

    def between(self, low: float, high: float) -> float:
        """Any number from there to there."""
        return self._random.uniform(low, high)


@dataclass
class Siege:
    """Kills the daemon again and again and looks at what is left."""

    household: Household
    chance: Chance
    patience: float = 0.15
    """Seconds from the question for a list to the kill, on an average; near the end of a refresh."""
    seen: dict[str, int] = field(default_factory=lambda: {"before": 0, "after": 0})

    def __post_init__(self) -> None:
        self.remains = Remains(self.household.database)
        self.states = dict.fromkeys(self.household.shelves, NOTHING)
        """As the last look found them."""

    async def round(self) -> None:
        """The world changes, the daemon starts and dies, the database is looked at, a refresh mends it."""
        for shelf in self.household.shelves.values():
            self.chance.change(shelf)
            self.chance.move_trailers(shelf)
        possible = {name: [state, self._after(name)] for name, state in self.states.items()}
        await self._kill(possible)
        if not (self.household.server or self.household.database.path.exists()):
            return  # dead before it had begun
        self.remains.check()
        for name, states in possible.items():
            self._judge(name, self.remains.state(name), states)
        await self._mend()

    async def _kill(self, possible: dict[str, list[State]]) -> None:
        silent = {"stdout": asyncio.subprocess.DEVNULL, "stderr": asyncio.subprocess.DEVNULL}
        line = command(self.household, "run")
        async with running(*line, env=self.household.environ, **silent) as daemon:
            if self.chance.happens(0.15):
                await asyncio.sleep(self.chance.between(0, 1))
            else:
                await self._asked()
                if self.chance.happens(0.3):  # the library changes while it is being asked for
                    for name, shelf in self.household.shelves.items():
                        self.chance.change(shelf)
                        possible[name].append(self._after(name))
                await asyncio.sleep(self.chance.between(0, 2 * self.patience))
            daemon.kill()
            assert await daemon.wait() == -signal.SIGKILL, "it had ended before, as if another held a lock"

    async def _asked(self) -> None:
        """The daemon has asked a server for its list."""
        servers = [shelf.server for shelf in self.household.shelves.values()]
        before = [len(server.requests) for server in servers]
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for server, number in zip(servers, before, strict=True):
                if any(request.phase is Phase.LIST for request in server.requests[number:]):
                    return
            await asyncio.sleep(0.001)
        pytest.fail("the daemon does not ask")

    def _after(self, name: str) -> State:
        return self.states[name].after(self.household.shelves[name], self.household.modes[name])

    def _judge(self, name: str, found: State, possible: list[State]) -> None:
        assert found in possible, f"{name} is neither as before nor as after"
        which = "before" if found == possible[0] else "after"
        self.seen[which] += 1
        # Draw nearer to where one becomes the other.
        self.patience = min(max(self.patience * (1.15 if which == "before" else 0.87), 0.01), 2.0)

    async def _mend(self) -> None:
        """One undisturbed refresh makes the database as good as a new one."""
        await self._refresh(self.household.database.url)
        fresh = self.household.home / "fresh" / "trailarrd.db"
        lay_blank(fresh)
        await self._refresh(f"sqlite+aiosqlite:///{fresh}")
        self.remains.check()
        for name in self.states:
            was = self.states[name] = self.remains.state(name)
            new = Remains(DatabaseFile(fresh)).state(name)
            assert was.listed == new.listed == self._after(name).listed
        assert self.remains.derived() == Remains(DatabaseFile(fresh)).derived()
        for file in fresh.parent.iterdir():
            file.unlink()

    async def _refresh(self, url: str) -> None:
        providers = providers_by_name(discover())
        settings = load(self.household.config, providers=providers, environ=self.household.environ)
        database = settings.database.model_copy(update={"url": url})
        settings = settings.model_copy(update={"database": database})
        async with open_runtime(settings, providers) as runtime:
            reports: list[Any] = await asyncio.gather(*(one.refresh() for one in runtime.refreshers.values()))
        assert [report.outcome.value for report in reports] == ["ok", "ok"]


async def test_a_daemon_that_is_killed_at_any_moment_leaves_all_of_a_refresh_or_nothing(
    household: Household,
) -> None:
    seed = random.randrange(2**32)
    siege = Siege(household, Chance(seed))
    kills = KILLS if household.server is None else (KILLS + 1) // 2
    for number in range(kills + 30):
        if number >= kills and all(siege.seen.values()):
            break
        try:
            await siege.round()
        except BaseException as error:
            error.add_note(f"kill {number + 1}, seed {seed}")
            raise
    assert siege.seen["before"] > 0, "no kill came before the end of a refresh"
    assert siege.seen["after"] > 0, "no kill came after it"
