"""Cases 28 and 29: processes that end or meet in the middle; databases that are large, full or locked."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests import mounts
from tests.depth import IS_DEEP
from tests.e2e.conftest import command
from tests.process import completed
from tests.refresh.conftest import did
from tests.world import KEY, Shelf
from trailarrd.domain.report import Outcome
from trailarrd.errors import DatabaseError
from trailarrd.store.store import Store
from trailarrd.testing import RADARR, Phase, SimulatedArr, SimulatedLibrary, Stall

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import CommandLine
    from tests.e2e.conftest import Start
    from tests.household import Household
    from tests.refresh.conftest import World


async def struck(shelf: Shelf) -> None:
    """The fault of the shelf's server was met."""
    while not shelf.server.struck:
        await asyncio.sleep(0.01)


# 28: crash or SIGTERM in mid-sync, during `downloading`; two daemons on one database


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
async def test_28_ended_in_mid_sync(household: Household, start: Start, number: signal.Signals) -> None:
    """The database holds the refresh before, whole; the next refresh makes good."""
    first = await start()
    for name in ("movies", "series"):
        await first.until("refresh.finished", connection=name, added=3)
    await first.stop(signal.SIGTERM)
    before = household.database.content()

    household.movies.library.edit(1, title="Alpha Prime")
    household.movies.server.fault = Stall(seconds=600, phase=Phase.LIST, at=0.9)
    second = await start()
    await struck(household.movies)
    await second.until("refresh.finished", connection="series")
    code, seconds = await second.stop(number)
    assert (code, seconds < 9) == (0 if number == signal.SIGTERM else -number, True)
    assert household.database.sql("PRAGMA integrity_check") == [("ok",)]
    assert household.database.content() == before

    household.movies.server.fault = None
    third = await start()
    await third.until("refresh.finished", connection="movies", outcome="ok", updated=1)
    assert (await third.stop(signal.SIGTERM))[0] == 0


async def test_28_crash_while_downloading_leaves_no_stuck_state(world: World) -> None:
    """A claim ends by itself, though its owner never comes back."""
    await world.refresh()
    row = (await world.rows())[2]
    until = world.now + timedelta(hours=1)
    assert await world.store.claim(row.id, "a downloader that dies", until=until, now=world.now)
    await world.refresh()
    assert (await world.rows())[2].status(world.now).value == "downloading"
    later = until + timedelta(seconds=1)
    assert (await world.rows())[2].status(later).value == "monitored"
    assert await world.store.claim(row.id, "another one", until=later + timedelta(hours=1), now=later)


async def test_28_second_daemon_refuses_and_says_who_has_the_database(
    household: Household, start: Start, run: CommandLine
) -> None:
    first = await start()
    await first.until("refresh.finished", connection="movies")
    done = await run("run")
    assert (done.code, done.out) == (75, "")
    assert f"pid {first.process.pid}" in done.err
    assert (await first.stop(signal.SIGKILL))[0] == -signal.SIGKILL
    again = await start()
    await again.until("refresh.finished", connection="movies", outcome="ok")
    assert (await again.stop(signal.SIGTERM))[0] == 0


async def test_28_refresh_by_command_waits_for_the_daemons(
    household: Household, start: Start, run: CommandLine
) -> None:
    """Never two at once: the command goes on when the daemon is done."""
    household.movies.server.fault = Stall(seconds=3, phase=Phase.LIST, times=1)
    daemon = await start()
    await struck(household.movies)
    done = await run("refresh", "movies", "--json")
    assert (done.code, done.document["refreshes"][0]["unchanged"]) == (0, 3)
    await daemon.until("refresh.finished", connection="movies", added=3)
    assert (await daemon.stop(signal.SIGTERM))[0] == 0


# 29: many items, full, locked and read-only databases


@pytest.fixture
def dialect() -> object:
    """One application is enough for what happens in the database."""
    return RADARR


@pytest.mark.deep
@pytest.mark.timeout(300)
async def test_29_50000_items(world: World) -> None:
    """Additions, changes, removals; how a statement copes with so many is tried in the store's own tests."""
    size = 50_000 if IS_DEEP else 5_000
    library = SimulatedLibrary(RADARR, size=size, seed=1)
    async with SimulatedArr(library, api_key=KEY) as server:
        world.shelf = Shelf(server, world.shelf.folder)
        assert did(await world.refresh()) == {"fetched": size, "added": size}
        assert did(await world.refresh()) == {"fetched": size, "unchanged": size}
        library.delete(*range(1, size - size // 5 + 1))
        assert did(await world.refresh()) == {
            "fetched": size // 5,
            "unchanged": size // 5,
            "held": size // 5 * 4,
        }
        assert await world.store.approve_removals(world.name, world.now) == size // 5 * 4
    assert world.database.sql("SELECT COUNT(*) FROM media WHERE removed_at IS NULL") == [(size // 5,)]
    assert world.database.sql("PRAGMA integrity_check") == [("ok",)]


FULL = """
import resource, sys
from trailarrd.cli import main
size = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
main()
"""


async def test_29_no_file_may_grow(household: Household, run: CommandLine) -> None:
    """As on a full disk: the refresh fails as a whole, says so, and the next one makes good."""
    assert (await run("refresh")).code == 0
    before = household.database.content()
    for number in range(500):
        household.movies.library.add(title=f"Item {number}", year=2000)
    words = command(household, "refresh", "movies")[3:]
    limited = (sys.executable, "-c", FULL, str(household.database.path.stat().st_size))
    done = await completed(*limited, *words, env=household.environ)
    assert done.code == 75, done.err
    assert "Traceback" not in done.err
    assert household.database.sql("PRAGMA integrity_check") == [("ok",)]
    assert household.database.content() == before
    done = await run("refresh", "movies", "--json")
    assert done.document["refreshes"][0]["added"] == 500


async def test_29_disk_full(household: Household, run: CommandLine) -> None:
    """Really: the file system that holds the database has not one byte left."""
    state = household.database.path.parent
    state.mkdir()
    with mounts.tmpfs(state, options="size=4m"):
        state.chmod(0o700)
        assert (await run("refresh")).code == 0
        before = household.database.content()
        for number in range(500):
            household.movies.library.add(title=f"Item {number}", year=2000)
        filler = fill(state)
        done = await run("refresh", "movies")
        assert (done.code, "Traceback" in done.err) == (75, False)
        assert "space" in done.err or "full" in done.err
        filler.unlink()
        assert household.database.sql("PRAGMA integrity_check") == [("ok",)]
        assert household.database.content() == before
        done = await run("refresh", "movies", "--json")
        assert done.document["refreshes"][0]["added"] == 500


def fill(folder: Path) -> Path:
    """Write until nothing more fits."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
    return filler


async def test_29_locked_by_another_process(world: World) -> None:
    """Fails cleanly after the wait; works as soon as the lock is gone."""
    await world.refresh()
    before = world.database.content()
    world.shelf.add("Delta", 2004)
    async with Store.open(world.database.url, busy_timeout=0.3) as store:
        with closing(sqlite3.connect(world.database.path, isolation_level=None)) as blocker:
            blocker.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseError, match="locked by another program"):
                await replace(world.refresher(), store=store).refresh()
        assert world.database.content() == before
        report = await replace(world.refresher(), store=store).refresh()
    assert (report.outcome, report.added) == (Outcome.OK, 1)


async def test_29_database_in_a_read_only_directory(household: Household, run: CommandLine) -> None:
    """A command says what to do; nothing of the database is changed."""
    assert (await run("refresh")).code == 0
    before = household.database.content()
    with mounts.read_only(household.database.path.parent):
        done = await run("refresh")
        assert (done.code, done.out) == (75, "")
        assert "Traceback" not in done.err
        assert str(household.database.path) in done.err
    assert household.database.content() == before
    assert (await run("refresh")).code == 0
