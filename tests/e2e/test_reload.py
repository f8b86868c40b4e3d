"""SIGHUP and `watch_config`, against the real process: at any moment, and in any number."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.test_daemon import first_refreshes, struck
from trailarrd.testing import Phase, Stall

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.e2e.conftest import Daemon, Start
    from tests.household import Household

STORM = 100


def hang_up(daemon: Daemon) -> None:
    """Not by `send_signal`, which takes an ended process away from those who wait for it."""
    with suppress(ProcessLookupError):
        os.kill(daemon.process.pid, signal.SIGHUP)


async def becomes(household: Household, statement: str, rows: list[tuple[Any, ...]]) -> None:
    """Wait until the database says that."""
    async with asyncio.timeout(60):
        while household.database.sql(statement) != rows:
            await asyncio.sleep(0.05)


@pytest.mark.timeout(180)
async def test_a_storm_of_good_and_broken_files_during_refreshes_loses_nothing(
    household: Household, start: Start, run: CommandLine
) -> None:
    """Every refresh that began is applied, and in force is the last good configuration."""
    household.modes["again"] = "missing"
    household.shelves["again"] = household.series
    household.write_config()
    daemon = await start()
    await daemon.until("refresh.finished", connection="again")
    good = household.config.read_text()
    for number in range(STORM):
        household.movies.library.edit(1, title=f"Alpha {number}")
        if number % 2:
            household.config.write_text(good + "mistake: [\n")
        else:
            household.modes["movies"] = ("missing", "none", "sync")[number // 2 % 3]
            household.modes["series"] = ("sync", "missing")[number // 2 % 2]
            household.modes.pop("again", None)
            if number % 4:
                household.modes["again"] = "missing"
            household.write_config()
            good = household.config.read_text()
        hang_up(daemon)
        await asyncio.sleep(0.01 * (number % 5))

    household.config.write_text("connections: none of your business\n")
    hang_up(daemon)
    await daemon.until("config.refused", within=30)
    household.modes = {"movies": "new", "series": "sync"}
    household.settings = "removed_grace: 3 days\n"
    household.movies.library.edit(1, title="Alpha for good")
    household.write_config()
    before = len(daemon.told("config.reloaded"))
    hang_up(daemon)
    await daemon.until("config.reloaded", before + 1, within=30)
    titles = "SELECT title FROM media WHERE arr_id = 1 AND kind = 'movie'"
    await becomes(household, titles, [("Alpha for good",)])
    state = "SELECT name, active, mode FROM connections ORDER BY name"
    await becomes(household, state, [("again", 0, "missing"), ("movies", 1, "new"), ("series", 1, "sync")])
    lost = "SELECT connection_id FROM refreshes WHERE outcome IS NULL OR outcome = 'failed'"
    await becomes(household, lost, [])
    assert (await daemon.stop(signal.SIGTERM))[0] == 0
    assert daemon.told("refresh.bug") + daemon.told("config.bug") + daemon.told("service.crashed") == []
    assert daemon.told("connection.down") + daemon.told("database.unusable") == []
    listed = "SELECT COUNT(*) FROM media WHERE removed_at IS NULL"
    assert household.database.sql(listed) == [(9,)], "three of each connection, the inactive one too"
    assert (await run("connections")).err == ""


async def test_connections_shows_that_a_newer_configuration_is_refused(
    household: Household, start: Start, run: CommandLine
) -> None:
    daemon = await start()
    await first_refreshes(daemon)
    good = household.config.read_text()
    household.config.write_text(good + "mistake: true\n")
    hang_up(daemon)
    await daemon.until("config.refused")
    (refused,) = daemon.told("config.refused")
    assert f"{household.config}:" in refused["error"]
    assert "mistake" in refused["error"]
    for words in (["connections"], ["connections", "--json"]):
        done = await run(*words)
        assert done.code == 78
        assert "the running daemon goes on with the configuration that it read before" in done.err
        assert refused["error"] in done.err
        assert "mistake" not in done.out
    household.config.write_text(good)
    hang_up(daemon)
    await daemon.until("config.reloaded")
    assert (await run("connections")).err == ""
    household.config.write_text(good + "mistake: true\n")
    hang_up(daemon)
    await daemon.until("config.refused", 2)
    await daemon.stop(signal.SIGKILL)
    assert "goes on with" not in (await run("connections")).err, "who is dead goes by nothing"


async def test_a_signal_between_the_start_and_being_ready_is_not_lost(
    household: Household, start: Start
) -> None:
    """The file may have been read already. (Before Python has come to our first line, it kills.)"""
    daemon = await start()
    await daemon.until("daemon.starting")
    hang_up(daemon)
    await daemon.until("config.reloaded")
    assert (await daemon.stop(signal.SIGTERM))[0] == 0


@pytest.mark.parametrize("pause", [0.0, 0.001, 0.01, 0.05])
async def test_signals_while_it_stops_are_nothing_to_it(
    household: Household, start: Start, pause: float
) -> None:
    daemon = await start()
    await first_refreshes(daemon)
    daemon.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(20):
        while daemon.process.returncode is None:
            hang_up(daemon)
            await asyncio.sleep(pause)
    assert daemon.process.returncode == 0


async def test_a_stop_in_the_middle_of_a_reload_is_a_stop(household: Household, start: Start) -> None:
    daemon = await start()
    await first_refreshes(daemon)
    household.movies.server.fault = Stall(seconds=600, phase=Phase.LIST)
    household.modes["movies"] = "none"
    household.write_config()
    hang_up(daemon)
    await struck(household.movies)
    hang_up(daemon)
    code, seconds = await daemon.stop(signal.SIGTERM)
    assert (code, seconds < 5) == (0, True)


async def test_a_changed_file_is_noticed_and_a_broken_one_kept_out_without_a_signal(
    household: Household, start: Start
) -> None:
    """The key is in a file of its own, and an editor puts a new file in the place of the old one."""
    key = household.home / "radarr.key"
    key.write_text("wrong")
    household.settings = "watch_config: true\nrefresh: {interval: 1h}\n"
    household.write_config()
    text = household.config.read_text().replace("!env TEST_ARR_KEY", "!file radarr.key", 1)
    household.config.write_text(text)
    daemon = await start()
    await daemon.until("connection.down", connection="movies", kind="rejected")
    key.write_text(household.movies.server.api_key + "\n")
    await daemon.until("config.reloaded", changed=["movies"])
    await daemon.until("connection.back", connection="movies")

    other = household.home / "trailarrd.yaml~"
    other.write_text("connections: [\n")
    other.replace(household.config)
    await daemon.until("config.refused")
    other.write_text(text.replace("monitor: missing", "monitor: none"))
    other.replace(household.config)
    await daemon.until("config.reloaded", 2, changed=["movies"])
    assert (await daemon.stop(signal.SIGTERM))[0] == 0
    assert len(daemon.told("config.refused")) == 1
