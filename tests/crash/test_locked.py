"""A database that another program keeps locked for too long: said clearly, and nothing is lost."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.crash.remains import Remains
from trailarrd.errors import DatabaseError
from trailarrd.store.store import Store
from trailarrd.testing import Phase, Stall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.conftest import Start
    from tests.household import Household
    from tests.refresh.conftest import World
    from tests.world import DatabaseFile

LOCKED = "is locked by another program; try again when that one is done"


@contextmanager
def locked(database: DatabaseFile) -> Iterator[None]:
    """Somebody's SQLite shell has begun to write, and has gone for lunch."""
    shell = sqlite3.connect(database.path, isolation_level=None)
    try:
        shell.execute("BEGIN IMMEDIATE")
        yield
    finally:
        shell.close()


async def test_commands_that_write_say_so_and_commands_that_read_do_not_even_notice(
    household: Household, run: Callable[..., Any]
) -> None:
    assert (await run("refresh")).code == 0
    before = household.database.content()
    household.movies.add("Delta", 2004)
    with locked(household.database):
        for words in (["media"], ["connections"], ["history"], ["removals"], ["quarantine"], ["db", "check"]):
            assert (await run(*words)).code == 0
        for done in await asyncio.gather(run("refresh"), run("monitor", "1")):
            assert (done.code, done.out) == (75, "")
            assert f"database {household.database.path} {LOCKED}" in done.err
            assert "Traceback" not in done.err
    assert household.database.content() == before
    Remains(household.database).check()
    done = await run("refresh", "--json")
    assert (done.code, done.document["refreshes"][0]["added"]) == (0, 1)


async def test_a_daemon_that_waits_for_the_database_ends_at_once_when_told(
    household: Household, start: Start
) -> None:
    household.movies.server.fault = Stall(seconds=1, phase=Phase.LIST, times=1)
    daemon = await start()
    await daemon.until("refresh.finished", connection="series")
    while not household.movies.server.struck:
        await asyncio.sleep(0.01)
    with locked(household.database):
        await asyncio.sleep(2)
        assert daemon.told("refresh.finished", connection="movies") == []
        code, seconds = await daemon.stop(signal.SIGTERM)
        assert (code, seconds < 9) == (0, True), daemon.output
    Remains(household.database).check()


async def test_a_daemon_that_cannot_begin_yet_ends_at_once_when_told(
    household: Household, start: Start
) -> None:
    daemon = await start()
    await daemon.until("daemon.ready")
    await daemon.stop(signal.SIGTERM)
    household.config.write_text(household.config.read_text().replace("name: series", "name: shows"))
    with locked(household.database):
        daemon = await start()
        await daemon.until("daemon.starting")
        await asyncio.sleep(1)
        code, seconds = await daemon.stop(signal.SIGTERM)
        assert (code, seconds < 9) == (0, True), daemon.output
        assert daemon.told("daemon.ready") == []


@pytest.mark.parametrize("moment", ["before", "in the middle"])
async def test_a_refresh_that_meets_a_lock_leaves_nothing_half_done(world: World, moment: str) -> None:
    await world.refresh()
    before = world.database.content()
    world.shelf.add("Delta", 2004)
    world.shelf.library.edit(1, title="Alpha Prime")
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store.open(world.database.url, busy_timeout=0.2))
        impatient = replace(world, store=store)
        if moment == "before":
            stack.enter_context(locked(world.database))
        with pytest.raises(DatabaseError, match=LOCKED):
            await impatient.refresher().refresh(
                lambda _arrived: stack.enter_context(locked(world.database)) and None
            )
    assert world.database.content() == before
    report = await world.refresh()
    assert (report.added, report.updated) == (1, 1)
    Remains(world.database).check()
