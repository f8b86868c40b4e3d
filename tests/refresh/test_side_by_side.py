"""A small connection beside a large one: real servers, disks and one database; judged by what comes first."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.depth import IS_DEEP
from tests.process import PIPE, running
from tests.refresh.conftest import did
from tests.world import KEY, Shelf
from trailarrd.domain.connection import ArrServer
from trailarrd.domain.secret import Secret
from trailarrd.plugin.library import BATCH
from trailarrd.plugin.session import open_session
from trailarrd.testing import RADARR, Phase, SimulatedArr, SimulatedLibrary, Stall

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.refresh.conftest import World
    from trailarrd.domain.report import RefreshReport
    from trailarrd.testing import Dialect

LARGE = 12_000 if IS_DEEP else 8_000
MOST_BATCHES = 12
"""What the large one may get while the small one is served: that one needs its server, its disk and the
database a dozen times, and each time the large one may have just begun a batch."""


@pytest.fixture
def dialect() -> Dialect:
    return RADARR


@dataclass
class Refresh:
    """One that is on."""

    task: asyncio.Task[RefreshReport]
    arrived: int = 0
    """Items so far."""

    async def until(self, arrived: int) -> None:
        """So many are there."""
        while self.arrived < arrived:
            assert not self.task.done()
            await asyncio.sleep(0)


@asynccontextmanager
async def refreshing(world: World) -> AsyncIterator[Refresh]:
    """Its refresh is on; ended at the end of the block, whatever became of it."""

    def count(arrived: int) -> None:
        refresh.arrived = arrived

    refresh = Refresh(asyncio.create_task(world.refresher().refresh(count)))
    try:
        yield refresh
    finally:
        refresh.task.cancel()
        with suppress(asyncio.CancelledError):
            await refresh.task


@asynccontextmanager
async def beside(world: World, server: SimulatedArr, folder: Path) -> AsyncIterator[World]:
    """Another connection of the same house, `large`; each of its items has a folder."""
    shelf = Shelf(server, folder)
    for arr_id in shelf.library.ids:
        shelf.lay(arr_id)
    provider = world.provider
    names = (world.name, "large")
    await world.store.register([(name, provider.name, provider.media_kind) for name in names])
    async with open_session(ArrServer(url=server.url, api_key=Secret(KEY))) as session:
        yield replace(world, name="large", shelf=shelf, session=session)


@asynccontextmanager
async def serving_quickly(library: SimulatedLibrary) -> AsyncIterator[SimulatedArr]:
    """As fast as can be: in a process of its own, with the whole answer at hand."""
    command: tuple[Any, ...] = ("--items", str(len(library)), "--api-key", KEY)
    async with running(sys.executable, "-m", "trailarrd.testing.serve", *command, stdout=PIPE) as process:
        assert process.stdout
        port = int((await process.stdout.readline()).decode().rpartition(":")[2])
        yield SimulatedArr(library, api_key=KEY, port=port)


async def test_a_server_that_holds_its_answer_back_holds_nobody_else_up(world: World, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        server = SimulatedArr(SimulatedLibrary(RADARR, size=4 * BATCH), api_key=KEY)
        await stack.enter_async_context(server)
        large = await stack.enter_async_context(beside(world, server, tmp_path / "large"))
        server.fault = Stall(at=0.5, seconds=600.0, phase=Phase.LIST)
        refresh = await stack.enter_async_context(refreshing(large))
        await refresh.until(BATCH)
        assert did(await world.refresh()) == {"fetched": 3, "added": 3}
        await world.intend(1, intent=False)
        assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3}
        assert refresh.arrived < 3 * BATCH
        assert not refresh.task.done()


@pytest.mark.deep
async def test_a_small_library_need_not_wait_for_the_end_of_a_large_one(world: World, tmp_path: Path) -> None:
    """Neither when all of that one is new nor when nothing in it has changed."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving_quickly(SimulatedLibrary(RADARR, size=LARGE)))
        large = await stack.enter_async_context(beside(world, server, tmp_path / "large"))
        for count in ("added", "unchanged"):
            async with refreshing(large) as refresh:
                await refresh.until(BATCH)
                before = refresh.arrived
                assert did(await world.refresh()) == {"fetched": 3, count: 3}
                assert refresh.arrived - before <= MOST_BATCHES * BATCH
                assert refresh.arrived < LARGE
                assert did(await refresh.task) == {"fetched": LARGE, count: LARGE}
