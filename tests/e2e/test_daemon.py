"""`trailarrd run`, the real process: refreshes at once and again, outlives its servers, ends when told."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.process import completed
from tests.world import KEY
from trailarrd.testing import Latency, Phase, Refusal, Stall

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.e2e.conftest import Daemon, Start
    from tests.household import Household
    from tests.world import Shelf
    from trailarrd.testing import Fault

SHORTEST = "refresh: {interval: 10s}\n"


async def struck(shelf: Shelf) -> None:
    """The fault of the shelf's server was met."""
    while not shelf.server.struck:
        await asyncio.sleep(0.01)


async def first_refreshes(daemon: Daemon) -> None:
    """Both connections were refreshed once."""
    await daemon.until("refresh.finished", connection="movies")
    await daemon.until("refresh.finished", connection="series")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
async def test_it_refreshes_at_once_and_ends_cleanly_when_told(
    household: Household, start: Start, number: signal.Signals
) -> None:
    household.movies.put(1, "Trailers/Teaser.mkv")
    daemon = await start()
    await first_refreshes(daemon)
    code, seconds = await daemon.stop(number)
    assert (code, seconds < 9) == (0, True)
    assert household.database.sql("SELECT kind, title, trailer FROM media ORDER BY kind, title") == [
        *(("movie", "Alpha", "present"), ("movie", "Beta", "absent"), ("movie", "Gamma", "absent")),
        *(("series", "Alpha", "absent"), ("series", "Beta", "absent"), ("series", "Gamma", "absent")),
    ]
    at_any_time = ("refresh.finished", "live.connected", "check.finished")
    events = [line["event"] for line in daemon.lines if line["event"] not in at_any_time]
    assert events[:3] == ["daemon.starting", "http.listening", "daemon.ready"]
    assert events[-2:] == ["daemon.stopping", "daemon.stopped"]
    assert daemon.lines[0]["config"] == str(household.config), "it says which configuration is used"


async def test_logs_are_json_when_stderr_is_a_pipe(household: Household, start: Start) -> None:
    household.movies.library.edit(2, title=17)
    daemon = await start()
    await first_refreshes(daemon)
    await daemon.stop(signal.SIGTERM)
    for line in daemon.lines:
        assert {"event", "level", "timestamp"} <= set(line)
    (finished,) = daemon.told("refresh.finished", connection="movies")
    counts = ("fetched", "added", "updated", "removed", "restored", "held", "quarantined")
    assert [finished[name] for name in counts] == [2, 2, 0, 0, 0, 0, 1]
    assert (finished["level"], finished["outcome"]) == ("info", "partial")
    (named,) = daemon.told("record.quarantined")
    assert (named["connection"], named["arr_id"], named["position"]) == ("movies", 2, 1)


async def test_at_level_debug_libraries_neither_drown_our_lines_nor_tell_where_messages_go(
    household: Household, start: Start, run: CommandLine
) -> None:
    told = asyncio.Event()

    async def take(_request: web.Request) -> web.Response:
        told.set()
        return web.Response()

    application = web.Application()
    application.router.add_post("/a-hidden-token", take)
    async with TestServer(application) as service:
        url = f"json://127.0.0.1:{service.port}/a-hidden-token"
        notify = f"{{urls: ['{url}'], gather: 1s, tell: {{intent_set: true}}}}"
        household.settings = f"log: {{level: debug}}\nnotify: {notify}\n"
        household.write_config()
        daemon = await start()
        await first_refreshes(daemon)
        assert (await run("monitor", "1")).code == 0
        await asyncio.wait_for(told.wait(), 60)
        await daemon.stop(signal.SIGTERM)
    assert "a-hidden-token" not in "".join(daemon.raw)
    events = {line["event"] for line in daemon.lines}
    assert [event for event in events if event.startswith(("executing ", "operation "))] == []
    assert len(daemon.lines) < 50


@pytest.mark.parametrize(
    ("fault", "number"),
    [
        (Stall(seconds=600, phase=Phase.LIST), signal.SIGTERM),
        (Latency(seconds=600, phase=Phase.LIST), signal.SIGINT),
    ],
    ids=["stalled-SIGTERM", "waiting-SIGINT"],
)
async def test_it_ends_in_the_middle_of_a_refresh_and_the_next_one_makes_good(
    household: Household, start: Start, fault: Fault, number: signal.Signals
) -> None:
    household.movies.server.fault = fault
    daemon = await start()
    await daemon.until("refresh.finished", connection="series")
    await struck(household.movies)
    code, seconds = await daemon.stop(number)
    assert (code, seconds < 9) == (0, True)
    assert daemon.told("connection.down") == []
    assert household.database.sql("SELECT COUNT(*) FROM media WHERE kind = 'movie'") == [(0,)]

    household.movies.server.fault = None
    again = await start()
    await again.until("refresh.finished", connection="movies", outcome="ok", added=3)
    assert (await again.stop(number))[0] == 0


async def test_a_process_that_is_killed_leaves_a_database_that_can_be_used(
    household: Household, start: Start
) -> None:
    household.movies.server.fault = Stall(seconds=600, phase=Phase.LIST)
    daemon = await start()
    await daemon.until("refresh.finished", connection="series")
    await struck(household.movies)
    assert (await daemon.stop(signal.SIGKILL))[0] == -signal.SIGKILL
    assert household.database.sql("PRAGMA integrity_check") == [("ok",)]
    household.movies.server.fault = None
    again = await start()
    await again.until("refresh.finished", connection="movies", outcome="ok", added=3)
    assert (await again.stop(signal.SIGTERM))[0] == 0


async def test_it_notices_changes_and_outlives_a_server_that_goes_and_comes_back(
    household: Household, start: Start
) -> None:
    """Radarr is down in the first round and back in the second; Sonarr goes on all the while."""
    household.settings = SHORTEST
    household.write_config()
    await household.movies.server.stop()
    daemon = await start()
    await daemon.until("connection.down", connection="movies", kind="unavailable")
    await daemon.until("refresh.finished", connection="series", added=3)

    await household.movies.server.start()
    household.series.library.edit(1, title="Alpha Prime")
    household.series.library.delete(2)
    household.series.put(3, "Trailers/Teaser.mkv")
    household.series.add("Delta", 2004)
    await daemon.until("refresh.finished", connection="series", added=1, updated=2, removed=1)
    await daemon.until("connection.back", connection="movies")

    assert (await daemon.stop(signal.SIGTERM))[0] == 0
    assert len(daemon.told("connection.down")) == len(daemon.told("connection.back")) == 1
    assert [line["added"] for line in daemon.told("refresh.finished", connection="movies")] == [3]
    titles = household.database.sql("SELECT title FROM media WHERE kind = 'series' AND removed_at IS NULL")
    assert sorted(titles) == [("Alpha Prime",), ("Delta",), ("Gamma",)]


LEAKY = """\
from trailarrd.plugin import ArrApiManager, MediaKind, Provider, hookimpl


class LeakyApiManager(ArrApiManager[dict]):
    app_name = "Leaky"

    async def system_status(self):
        key = self._server.api_key.reveal()
        raise RuntimeError("no luck with " + key)


@hookimpl
def trailarrd_providers():
    yield Provider(
        name="leaky", media_kind=MediaKind("leak"), api_manager=LeakyApiManager, parser=dict
    )
"""


@pytest.fixture
def leaky_plugin(household: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """A third connection, whose plugin fails and tells the key to everybody who asks why."""
    site = household.home / "site"
    dist = site / "trailarrd_leaky-0.0.1.dist-info"
    dist.mkdir(parents=True)
    (dist / "METADATA").write_text("Metadata-Version: 2.1\nName: trailarrd-leaky\nVersion: 0.0.1\n")
    (dist / "entry_points.txt").write_text("[trailarrd]\nleaky = trailarrd_leaky\n")
    (site / "trailarrd_leaky.py").write_text(LEAKY)
    before = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", f"{site}:{before}" if before else str(site))
    block = "  - {name: leaks, provider: leaky, url: http://127.0.0.1:9, api_key: !env TEST_ARR_KEY}\n"
    household.config.write_text(household.config.read_text() + block)


@pytest.mark.usefixtures("leaky_plugin")
async def test_no_secret_in_any_output_and_a_plugins_bug_stops_no_other_connection(
    household: Household, start: Start, run: CommandLine
) -> None:
    household.movies.server.fault = Refusal()
    daemon = await start()
    await daemon.until("connection.down", connection="movies", kind="rejected")
    await daemon.until("connection.down", connection="leaks", kind="internal")
    await daemon.until("refresh.finished", connection="series", added=3)
    assert (await daemon.stop(signal.SIGTERM))[0] == 0
    (bug,) = daemon.told("refresh.bug", connection="leaks")
    assert "RuntimeError: no luck with ***" in bug["exception"]
    for words in (["refresh"], ["refresh", "--json"], ["connections"], ["connections", "--json"]):
        done = await run(*words)
        assert KEY not in done.out + done.err
        assert "no luck with ***" in done.out + done.err
    assert KEY not in daemon.output
    assert {request.headers["X-Api-Key"] for request in household.movies.server.requests} == {KEY}


async def test_mistakes_at_the_start_end_it_at_once_with_their_exit_code(
    household: Household, run: CommandLine
) -> None:
    household.database.path.parent.mkdir()
    household.database.path.write_bytes(b"this is no database" * 100)
    done = await run("run")
    assert (done.code, done.out) == (75, "")
    assert "Traceback" not in done.err
    household.config.write_text("connections: []\n")
    done = await run("run")
    assert (done.code, done.out) == (78, "")
    assert f"{household.config}:1:" in done.err


async def test_a_stop_that_was_kept_for_it_before_it_could_hear_ends_it_well(household: Household) -> None:
    """As the image's start keeps one: who is first in a container hears no signal that it does not handle."""
    household.write_config()
    kept = "import signal, os, sys; signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM});"
    program = f"{kept} os.kill(os.getpid(), signal.SIGTERM); os.execv(sys.executable, sys.argv[1:])"
    words = (sys.executable, "-m", "trailarrd", "--config", str(household.config), "run")
    env = {**os.environ, **household.environ}
    ended = await completed(sys.executable, "-c", program, *words, env=env)
    assert (ended.code, "daemon.ready" in ended.err) == (0, False)
