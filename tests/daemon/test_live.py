"""A connection that is `live`: the daemon listens, asks after what it hears, and stops when told to."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from tests.shipped import shipped_providers
from tests.world import DatabaseFile
from trailarrd.config import load
from trailarrd.daemon import push
from trailarrd.daemon.daemon import Daemon, start_daemon
from trailarrd.daemon.debouncer import DebounceLimits
from trailarrd.testing import NOISE, RADARR, Hub, News, Phase, SimulatedArr, SimulatedLibrary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    import pytest
    from aiohttp import web

KEY = "a-key-that-must-not-be-seen"
CONFIG = """\
database: {{url: "sqlite+aiosqlite:///{home}/trailarrd.db"}}
http: {{enabled: false}}
connections:
  - {{name: movies, provider: radarr, url: "{url}", api_key: {key}, retry: {{attempts: 1}}{live}}}
"""


def radarr(hub: Hub | None = None) -> SimulatedArr:
    return SimulatedArr(SimulatedLibrary(RADARR, size=9), api_key=KEY, hub=hub)


def lists(server: SimulatedArr) -> int:
    return sum(asked.phase is Phase.LIST for asked in server.requests)


@asynccontextmanager
async def running(home: Path, server: SimulatedArr, *, live: bool | None = None) -> AsyncIterator[Daemon]:
    async with server:
        write(home, server.url, live=live)
        providers = shipped_providers()
        settings = load(home / "trailarrd.yaml", providers=providers, environ={})
        async with start_daemon(settings, providers) as daemon:
            for debouncer in daemon.push._debouncers.values():
                debouncer._limits = DebounceLimits(gather=0.05, between_refreshes=0.1)
            yield daemon


def write(home: Path, url: str, *, live: bool | None) -> None:
    said = "" if live is None else f", live: {str(live).lower()}"
    (home / "trailarrd.yaml").write_text(CONFIG.format(home=home, url=url, key=KEY, live=said))


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def until_settled(daemon: Daemon) -> None:
    """The first refresh is over, and the hub is heard."""
    await until(lambda: daemon.pollers["movies"].state.last)
    await until(lambda: daemon.push.listeners["movies"].connected)


async def test_whoever_says_nothing_is_live_and_the_first_list_waits_for_the_greeting(tmp_path: Path) -> None:
    server = radarr(Hub())
    async with running(tmp_path, server) as daemon:
        await until_settled(daemon)
        await asyncio.sleep(0.2)
    asked = [asked.path.rpartition("/")[2] for asked in server.requests]
    asked = [
        name for name in asked if name not in ("status", "rootfolder", "tag")
    ]  # the doctor asks that, too
    assert asked == ["negotiate", "messages", "movie"]


async def test_it_does_not_wait_for_long_and_a_late_greeting_costs_a_second_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "_GREETING", 0.05)
    server = radarr(Hub(greets_after=0.5))
    async with running(tmp_path, server) as daemon:
        await until_settled(daemon)
        await until(lambda: lists(server) == 2)
        await asyncio.sleep(0.2)
    assert lists(server) == 2


class Restless(SimulatedArr):
    """At each request of the start another movie is changed before it is answered, and one after."""

    def __init__(self) -> None:
        super().__init__(SimulatedLibrary(RADARR, size=20), api_key=KEY, hub=Hub())
        self.changed: dict[str, int] = {}

    async def change(self, moment: str) -> None:
        if moment in self.changed or moment[-1].isdigit():
            return
        arr_id = self.changed[moment] = len(self.changed) + 1
        self.library.edit(arr_id, title=f"Changed {moment}")
        if self.hub:
            await self.hub.say(News("movie", "updated", {"id": arr_id}))

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        name = request.path.rpartition("/")[2]
        await self.change(f"before {name}")
        answer = await super()._handle(request)
        await self.change(f"after {name}")
        return answer


async def test_nothing_that_happens_at_the_start_is_missed(tmp_path: Path) -> None:
    server, database = Restless(), DatabaseFile(tmp_path / "trailarrd.db")
    async with running(tmp_path, server) as daemon:
        await until_settled(daemon)
        changed = {f"Changed {moment}" for moment in server.changed}
        await until(lambda: changed <= {title for (title,) in database.sql("SELECT title FROM media")})
    assert len(server.changed) >= 9  # before and after five requests; that for the socket ends with it
    assert lists(server) == 1


async def test_what_it_hears_of_an_item_is_asked_for_alone_whatever_noise_there_is(tmp_path: Path) -> None:
    hub = Hub(versions=(3, 5))
    server = radarr(hub)
    async with running(tmp_path, server) as daemon:
        await until_settled(daemon)
        server.requests.clear()
        await hub.say(*NOISE, News("movie", "updated", {"id": 7}), *NOISE)
        await until(lambda: server.requests)
        await asyncio.sleep(0.2)
    assert {asked.path for asked in server.requests} == {"/api/v3/movie/7"}


async def test_without_a_hub_all_is_well_and_it_is_told_once(tmp_path: Path) -> None:
    server = radarr()
    with capture_logs() as logs:
        async with running(tmp_path, server) as daemon:
            await until(lambda: lists(server))
            assert "instead of JSON" in daemon.push.unheard["movies"]
    told = [(line["event"], line["log_level"]) for line in logs if line["event"].startswith("live.")]
    assert told == [("live.unavailable", "info")]


async def test_a_connection_that_is_not_live_is_not_listened_to(tmp_path: Path) -> None:
    server = radarr(Hub())
    async with running(tmp_path, server, live=False) as daemon:
        await until(lambda: lists(server))
        assert daemon.push.listeners == {}
    assert "negotiate" not in "".join(asked.path for asked in server.requests)


async def test_a_reload_begins_and_ends_it_and_leaves_it_alone_otherwise(tmp_path: Path) -> None:
    hub = Hub()
    async with running(tmp_path, radarr(hub)) as daemon:
        await until(lambda: daemon.push.listeners["movies"].connected)
        listener, url = daemon.push.listeners["movies"], daemon.settings.connections[0].url
        await daemon.reloader.reload()
        assert daemon.push.listeners["movies"] is listener
        assert listener.connected
        write(tmp_path, url, live=False)
        await daemon.reloader.reload()
        assert daemon.push.listeners == {}
        await until(lambda: not hub.listening)
        assert not listener.connected
