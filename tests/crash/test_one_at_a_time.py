"""Schedule, command and a second process: never two at one connection, never two daemons."""

from __future__ import annotations

import asyncio
import re
import signal
from typing import TYPE_CHECKING, Any

from trailarrd.testing import Phase, Stall

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.conftest import Daemon, Start
    from tests.household import Household
    from tests.world import Shelf

WAITING = (
    r"movies: waiting for trailarrd --config \S+ {command} \(pid {pid}, since \S+Z\), which refreshes it"
)


async def stalled(shelf: Shelf) -> None:
    """The shelf's server has begun to answer and does not go on."""
    while not shelf.server.struck:
        await asyncio.sleep(0.01)


def stall_once(household: Household) -> None:
    """The movies' server does not finish its next list; who asks it is ready to ask again."""
    household.movies.server.fault = Stall(seconds=600, phase=Phase.LIST, times=1)
    household.config.write_text(household.config.read_text().replace("attempts: 1", "attempts: 3"))


async def restarted(shelf: Shelf) -> None:
    """Whoever waits for the rest of an answer asks anew."""
    await shelf.server.stop()
    await shelf.server.start()


async def stalling_daemon(household: Household, start: Start) -> Daemon:
    """A daemon in the middle of a refresh of the movies."""
    household.movies.server.fault = Stall(seconds=600, phase=Phase.LIST)
    daemon = await start()
    await daemon.until("refresh.finished", connection="series")
    await stalled(household.movies)
    household.movies.server.fault = None
    return daemon


async def test_a_command_waits_for_the_daemons_refresh_and_does_it_itself_if_the_daemon_dies(
    household: Household, start: Start, run: Callable[..., Any]
) -> None:
    daemon = await stalling_daemon(household, start)
    asked = len(household.movies.server.requests)
    command = asyncio.create_task(run("refresh", "--json"))
    await asyncio.sleep(3)
    assert not command.done()
    assert len(household.movies.server.requests) == asked, "it waits before it asks"
    assert (await run("media", "--json")).lines[0]["connection"] == "series", "who only reads does not wait"
    await daemon.stop(signal.SIGKILL)
    done = await command
    assert done.code == 0
    assert {one["connection"]: one["added"] for one in done.document["refreshes"]} == {
        "movies": 3,
        "series": 0,
    }
    assert done.err.splitlines()[:2] == [
        *("the running daemon does it", "the daemon has ended meanwhile; so it is done here"),
    ]


async def test_the_daemon_waits_for_a_commands_refresh_and_says_so(
    household: Household, start: Start, run: Callable[..., Any]
) -> None:
    stall_once(household)
    command = asyncio.create_task(run("refresh", "movies", "--json"))
    await stalled(household.movies)
    daemon = await start()
    await daemon.until("refresh.waiting", connection="movies")
    (told,) = daemon.told("refresh.waiting")
    assert re.search(r"refresh movies --json \(pid \d+, since \S+Z\)", told["owner"])
    await daemon.until("refresh.finished", connection="series")
    assert daemon.told("refresh.finished", connection="movies") == []
    await restarted(household.movies)
    done = await command
    assert (done.code, done.document["refreshes"][0]["added"]) == (0, 3)
    await daemon.until("refresh.finished", connection="movies", added=0, fetched=3)
    assert household.database.sql("SELECT count(*) FROM media WHERE kind = 'movie'") == [(3,)]


async def test_a_daemon_that_waits_ends_at_once_when_told(
    household: Household, start: Start, run: Callable[..., Any]
) -> None:
    stall_once(household)
    command = asyncio.create_task(run("refresh", "movies"))
    await stalled(household.movies)
    daemon = await start()
    await daemon.until("refresh.waiting", connection="movies")
    code, seconds = await daemon.stop(signal.SIGTERM)
    assert (code, seconds < 9) == (0, True)
    assert not command.done()
    await restarted(household.movies)
    assert (await command).code == 0


async def test_many_commands_at_once_refresh_one_after_the_other_and_agree(
    household: Household, run: Callable[..., Any]
) -> None:
    ended = await asyncio.gather(*(run("refresh", "--json") for _ in range(4)))
    assert [done.code for done in ended] == [0] * 4
    added = [sum(one["added"] for one in done.document["refreshes"]) for done in ended]
    assert sum(added) == 6, "every item is added by one of them"
    assert household.database.sql("SELECT count(*), count(DISTINCT kind || arr_id) FROM media") == [(6, 6)]
    overlaps = household.database.sql(
        "SELECT a.id, b.id FROM refreshes a JOIN refreshes b ON a.connection_id = b.connection_id"
        " AND a.id < b.id AND b.started_at < a.finished_at"
    )
    assert overlaps == []


async def test_a_second_daemon_is_refused_and_changes_nothing(
    household: Household, start: Start, run: Callable[..., Any]
) -> None:
    daemon = await start()
    await daemon.until("refresh.finished", connection="movies")
    await daemon.until("refresh.finished", connection="series")
    connections = "SELECT id, name, provider, active, mode FROM connections ORDER BY id"
    before = household.database.sql(connections)
    second = household.config.with_name("second.yaml")
    second.write_text(household.config.read_text().replace("name: series", "name: shows"))
    done = await run("--config", str(second), "run")
    assert (done.code, done.out) == (75, "")
    owner = rf"trailarrd --config \S+ run \(pid {daemon.process.pid}, since \S+Z\)"
    assert re.search(
        f"database {re.escape(str(household.database.path))} has a daemon already: {owner}\n", done.err
    )
    assert household.database.sql(connections) == before
    household.database.sql("UPDATE alembic_version SET version_num = '0021'")  # as if that one were older
    done = await run("run")
    assert (done.code, done.out) == (75, "")
    assert re.search(rf" is at revision 0021 and in use by {owner}; stop that first", done.err)
    assert household.database.sql("SELECT version_num FROM alembic_version") == [("0021",)]
    assert (await daemon.stop(signal.SIGTERM))[0] == 0


async def test_after_a_daemon_died_the_next_one_starts_at_once(household: Household, start: Start) -> None:
    for _ in range(3):
        daemon = await start()
        await daemon.until("daemon.ready")
        await daemon.stop(signal.SIGKILL)
    last = await start()
    await last.until("refresh.finished", connection="movies")
    assert (await last.stop(signal.SIGTERM))[0] == 0


async def test_a_restore_is_refused_under_a_daemons_feet(
    household: Household, start: Start, run: Callable[..., Any]
) -> None:
    daemon = await start()
    await daemon.until("refresh.finished", connection="movies")
    backup = household.home / "mine.db"
    assert (await run("db", "backup", str(backup))).code == 0
    done = await run("db", "restore", str(backup))
    assert done.code == 75
    assert re.search(rf"is in use by trailarrd --config \S+ run \(pid {daemon.process.pid}, ", done.err)
    assert (await daemon.stop(signal.SIGTERM))[0] == 0
    assert (await run("db", "restore", str(backup))).code == 0
