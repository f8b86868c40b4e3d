"""Commands beside a running daemon: it does the work, and they say so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_start import loaded
from tests.world import KEY
from trailarrd.daemon.supervisor import Service, at_once

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household
    from trailarrd.daemon.daemon import Daemon

SAYS = "the running daemon does it"


async def test_a_refresh_is_the_daemons_and_its_report_is_shown_as_ever(
    household: Household, trailarrd: CommandLine, daemon: Daemon
) -> None:
    household.movies.add("Delta", 2004)
    done = await trailarrd("refresh", "movies", "--json")
    (report,) = done.document["refreshes"]
    assert (done.code, SAYS in done.err, report["added"]) == (0, True, 1)
    table = await trailarrd("refresh")
    assert (table.code, "movies" in table.out, "series" in table.out) == (0, True, True)


async def test_a_refresh_needs_no_keys_where_a_daemon_has_them(
    trailarrd: CommandLine, household: Household, daemon: Daemon
) -> None:
    config = str(household.config)
    done = await trailarrd.bare("--config", config, "refresh", "movies", TEST_ARR_KEY=None)
    assert done.code == 0


async def test_a_refresh_that_fails_says_why_and_ends_with_1(
    household: Household, trailarrd: CommandLine, daemon: Daemon
) -> None:
    await household.movies.server.stop()
    done = await trailarrd("refresh", "movies")
    assert (done.code, "movies: unavailable: " in done.err) == (1, True)


@pytest.mark.parametrize("command", ["connections", "history", "status"])
async def test_who_asks_the_daemon_loads_neither_database_nor_plugins_nor_http(
    household: Household, daemon: Daemon, command: str
) -> None:
    modules = await asyncio.to_thread(loaded, "--config", str(household.config), command, "--json")
    assert {name.partition(".")[0] for name in modules} & (
        {"aiohttp", "aiosqlite", "pluggy", "rich", "sqlalchemy", "structlog", "trailarrd_radarr"}
    ) == set()


async def test_a_long_history_comes_from_the_daemon_in_pages(
    trailarrd: CommandLine, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (await trailarrd("history", "--json")).lines
    monkeypatch.setattr("trailarrd.cli.history._PAGE", 2)
    assert (await trailarrd("history", "--json")).lines == whole
    assert (await trailarrd("history", "--json", "--limit", "3")).lines == whole[:3]
    assert len(whole) > 3


async def test_what_the_daemon_does_not_know_is_wrong_usage(trailarrd: CommandLine, daemon: Daemon) -> None:
    for words in (["refresh", "nobody"], ["removals", "approve", "nobody"], ["trust", "nobody"]):
        done = await trailarrd(*words)
        assert (done.code, "nobody" in done.err) == (2, True)


async def test_your_word_is_given_to_the_daemon(trailarrd: CommandLine, daemon: Daemon) -> None:
    done = await trailarrd("unmonitor", "1", "999")
    assert (done.code, SAYS in done.err) == (1, True)
    assert "1 changed, 0 were so already" in done.err
    assert "no item has the ID 999" in done.err
    (item,) = [one for one in (await trailarrd("media", "--json")).lines if one["id"] == 1]
    assert (item["intent"], item["monitored"]) == (False, False)


async def test_removals_are_approved_and_discarded_by_the_daemon(
    household: Household, trailarrd: CommandLine, daemon: Daemon
) -> None:
    household.movies.library.delete(1, 2, 3)
    await trailarrd("refresh", "movies")
    done = await trailarrd("removals", "discard", "movies")
    assert (done.code, SAYS in done.err, "3 items of movies are held no longer" in done.err) == (
        0,
        True,
        True,
    )
    await trailarrd("refresh", "movies")
    done = await trailarrd("removals", "approve", "movies")
    assert (done.code, SAYS in done.err, "3 items of movies are removed" in done.err) == (0, True, True)


async def test_trust_is_said_as_well_by_its_old_name_believe(trailarrd: CommandLine, daemon: Daemon) -> None:
    for name in ("series", "nobody"):
        now, before = await trailarrd("trust", name), await trailarrd("believe", name)
        same = before.err.replace("trailarrd believe", "trailarrd trust")
        assert (now.code, now.out, now.err) == (before.code, before.out, same)
        assert now.code == (0 if name == "series" else 2)
    overview = (await trailarrd("--help")).out
    assert ("\n  trust " in overview, "believe" in overview) == (True, False)


async def test_what_only_asks_does_not_mention_the_daemon(trailarrd: CommandLine, daemon: Daemon) -> None:
    for words in (["media"], ["connections"], ["history"], ["removals"]):
        assert SAYS not in (await trailarrd(*words)).err


async def test_status_comes_from_the_daemon_and_says_when_all_is_well(
    trailarrd: CommandLine, daemon: Daemon
) -> None:
    done = await trailarrd("status")
    assert (done.code, "the daemon runs" in done.err, "movies" in done.out) == (0, True, True)
    document = (await trailarrd("status", "--json")).document
    assert (document["status"], document["daemon"], document["ailments"]) == ("ok", True, [])


async def test_status_says_what_is_not_well(
    household: Household, trailarrd: CommandLine, daemon: Daemon
) -> None:
    await household.movies.server.stop()
    await trailarrd("refresh", "movies")
    done = await trailarrd("status")
    assert (done.code, "connection-failed: movies: unavailable: " in done.out) == (1, True)


async def test_without_a_daemon_status_says_what_the_database_tells(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    done = await trailarrd("status", "--json")
    document = done.document
    assert (done.code, document["status"], document["daemon"]) == (0, "ok", False)
    assert [one["connection"] for one in document["connections"]] == ["movies", "series"]
    household.movies.library.delete(1, 2, 3)
    await trailarrd("refresh")
    done = await trailarrd("status")
    assert (done.code, "removals-held: movies: 3 removals wait" in done.out) == (1, True)
    assert "no daemon runs" in done.err


async def test_what_ends_unexpectedly_is_told_by_health_and_status(
    trailarrd: CommandLine, daemon: Daemon
) -> None:
    assert (await trailarrd("status")).code == 0

    async def returns() -> None:
        pass

    async def fails() -> None:
        raise OSError(f"unseen {KEY}")

    asyncio.create_task(fails(), name="left alone")  # noqa: RUF006  # nobody keeps it: that is the point
    await daemon.supervisor.start(Service(name="odd", run=at_once(returns)))
    health = (await trailarrd("status", "--json")).document
    assert health["status"] == "not-well"
    told = {one["message"] for one in health["ailments"] if one["code"] == "service-crashed"}
    assert told == {
        "left alone: OSError: unseen ***",
        "odd: EndedError: it returned, though nobody has ended it",
    }
    done = await trailarrd("status")
    assert (done.code, done.out.count("service-crashed: ")) == (1, 2)


async def test_a_reload_says_what_changed_or_what_is_wrong(
    household: Household, trailarrd: CommandLine, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_ARR_KEY", KEY)  # this process is the daemon, too
    del household.modes["series"]
    household.write_config()
    done = await trailarrd("reload")
    assert (done.code, done.out) == (0, "the configuration is in force\n  removed: series\n")
    household.config.write_text(household.config.read_text() + "    monitro: all\n")
    refused = await trailarrd("reload", "--json")
    assert refused.code == 78
    assert "monitro" in refused.document["error"]
    assert daemon.reloader.state.error == refused.document["error"]
    assert list(daemon.pollers) == ["movies"]


async def test_a_reload_without_a_daemon_says_so(trailarrd: CommandLine) -> None:
    done = await trailarrd("reload")
    assert (done.code, "no daemon runs" in done.err) == (1, True)
