"""A connection that is `live`: the daemon listens, asks after what it hears, and stops when told to."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.plugin.hub import END, Hub, told
from trailarrd.config import load
from trailarrd.daemon.daemon import Daemon, start_daemon
from trailarrd.daemon.debouncer import DebounceLimits
from trailarrd.discovery.plugins import discover, providers_by_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

KEY = "a-key-that-must-not-be-seen"
CONFIG = """\
database: {{url: "sqlite+aiosqlite:///{home}/trailarrd.db"}}
http: {{enabled: false}}
connections:
  - {{name: movies, provider: radarr, url: "{url}", api_key: {key}, live: {live}, retry: {{attempts: 1}}}}
"""
MOVIE = {"id": 7, "title": "Alpha", "year": 2001, "path": "/movies/Alpha", "tmdbId": 1, "monitored": True}


@dataclass
class Server:
    """An Arr server with one movie, and a hub that says what it is told to."""

    hub: Hub = field(default_factory=lambda: Hub(KEY, stays=True))
    asked: list[str] = field(default_factory=list)

    async def api(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix("/api/v3/")
        self.asked.append(path)
        answers = {
            "system/status": {"appName": "Radarr", "version": "6.0.0.1"},
            "rootfolder": [{"path": "/movies", "id": 1}],
            "movie": [MOVIE],
            "movie/7": MOVIE,
        }
        return web.json_response(answers[path])


@asynccontextmanager
async def running(home: Path, server: Server, *, live: bool = True) -> AsyncIterator[Daemon]:
    application = web.Application()
    application.router.add_post("/signalr/messages/negotiate", server.hub.negotiate)
    application.router.add_get("/signalr/messages", server.hub.socket)
    application.router.add_get("/api/v3/{rest:.*}", server.api)
    async with TestServer(application) as arr:
        write(home, str(arr.make_url("/")), live=live)
        providers = providers_by_name(discover())
        settings = load(home / "trailarrd.yaml", providers=providers, environ={})
        async with start_daemon(settings, providers) as daemon:
            for debouncer in daemon.push._debouncers.values():
                debouncer._limits = DebounceLimits(gather=0.05, between_refreshes=0.1)
            yield daemon


def write(home: Path, url: str, *, live: bool) -> None:
    text = CONFIG.format(home=home, url=url, key=KEY, live=str(live).lower())
    (home / "trailarrd.yaml").write_text(text)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def test_after_it_is_heard_the_whole_library_is_asked_for(tmp_path: Path) -> None:
    server = Server()
    async with running(tmp_path, server) as daemon:
        await until(lambda: daemon.push.listeners["movies"].connected)
        await until(lambda: server.asked.count("movie") >= 2)  # that of the start, and that of the hub


async def test_what_it_hears_of_an_item_is_asked_for_alone(tmp_path: Path) -> None:
    server = Server()
    async with running(tmp_path, server) as daemon:
        await until(lambda: server.asked.count("movie") >= 2)
        await until(lambda: not daemon.pollers["movies"].state.running_since)
        server.asked.clear()
        await server.hub.say(told("movie", "updated", {"id": 7}) + END)
        await until(lambda: "movie/7" in server.asked)
        assert "movie" not in server.asked


async def test_a_connection_that_is_not_live_is_not_listened_to(tmp_path: Path) -> None:
    server = Server()
    async with running(tmp_path, server, live=False) as daemon:
        await until(lambda: "movie" in server.asked)
        assert daemon.push.listeners == {}
    assert server.hub.headers == []


async def test_a_reload_begins_and_ends_it_and_leaves_it_alone_otherwise(tmp_path: Path) -> None:
    server = Server()
    async with running(tmp_path, server) as daemon:
        await until(lambda: daemon.push.listeners["movies"].connected)
        listener, url = daemon.push.listeners["movies"], daemon.settings.connections[0].url
        await daemon.reloader.reload()
        assert daemon.push.listeners["movies"] is listener
        assert listener.connected
        write(tmp_path, url, live=False)
        await daemon.reloader.reload()
        assert daemon.push.listeners == {}
        await asyncio.wait_for(server.hub.gone.wait(), 5)
        assert not listener.connected
