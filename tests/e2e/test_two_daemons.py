"""Two daemons of one database, by the compose example: each answers for both, and goes on alone."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import pytest
import yaml

from tests.depth import IS_DEEP
from tests.e2e.test_http import address

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.conftest import Daemon, Start
    from tests.household import Household
    from tests.postgres import DatabaseServer

COMPOSE: Final = Path(__file__).parents[2] / "packaging/container/compose.postgres.yaml"
OF_IMAGE: Final = ("TRAILARRD_CONFIG", "PUID", "PGID", "RADARR_API_KEY", "SONARR_API_KEY")
"""What is for the container's own start."""


class Asked:
    """A daemon over HTTP."""

    def __init__(self, daemon: Daemon, session: aiohttp.ClientSession, url: str) -> None:
        self.daemon = daemon
        self._session = session
        self._url = url

    async def get(self, path: str) -> Any:
        async with self._session.get(f"{self._url}{path}") as answer:
            return json.loads(await answer.read())

    async def post(self, path: str, body: object = None, **headers: str) -> Any:
        async with self._session.post(f"{self._url}{path}", json=body, headers=headers) as answer:
            assert answer.status < 300, await answer.text()
            return json.loads(await answer.read() or b"null")

    async def page(self, path: str = "/media") -> str:
        async with self._session.get(f"{self._url}{path}") as answer:
            return await answer.text()

    async def hears(self, word: str, heard: asyncio.Event) -> float:
        """When its stream of events has told of that word."""
        async with self._session.get(f"{self._url}/api/v1/events") as answer:
            assert await answer.content.readline()
            heard.set()
            async for line in answer.content:
                if word in line.decode():
                    return time.monotonic()
        raise AssertionError("the stream has ended")


@pytest.mark.slow
async def test_a_webhook_reaches_the_other_one_and_when_one_is_killed_the_other_goes_on(
    household: Household, postgres: DatabaseServer, start: Start, run: Callable[..., Any]
) -> None:
    postgres.empty()
    household.server = postgres
    household.settings = "defaults: {live: false}\n"
    household.lease = "15s" if IS_DEEP else "3s"
    household.write_config()
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    environments = [
        {name: value for name, value in services[one]["environment"].items() if name not in OF_IMAGE}
        | {"TRAILARRD_DATABASE__URL": postgres.url, "TRAILARRD_DATABASE__PASSWORD": "none"}
        for one in ("trailarrd-a", "trailarrd-b")
    ]
    token = (await run("apikey", "create", "test")).out.strip()
    posted = (await run("webhook", "token", "movies", "--url", "http://trailarrd")).out
    secret = posted.strip().rpartition("/")[2]
    daemons = [await start(**environ) for environ in environments]
    async with aiohttp.ClientSession(headers={"X-Api-Key": token}) as session:
        first, second = [Asked(daemon, session, await address(daemon)) for daemon in daemons]
        holder, other = await shared(first, second)

        told = asyncio.Event()
        hearing = asyncio.create_task(other.hears("Renamed", told))
        await told.wait()
        household.movies.library.edit(1, title="Renamed")
        event = {"eventType": "MovieAdded", "movie": {"id": 1, "title": "Renamed", "folderPath": "/x"}}
        await other.post("/hooks/movies", event, **{"X-Api-Key": secret})
        seen = await asyncio.wait_for(hearing, 30)
        ((at,),) = postgres.sql("SELECT extract(epoch FROM clock_timestamp() - max(last_changed)) FROM media")
        assert float(at) - (time.monotonic() - seen) < 1.0, "on the other's page within a second"
        assert "Renamed" in await other.page()
        assert "Renamed" in await holder.page()
        assert (await other.page("/system")).count('id="daemon-') == 2

        reports = (await other.post("/api/v1/refreshes", {}))["refreshes"]
        assert {one["connection"]: one["outcome"] for one in reports} == {"movies": "ok", "series": "ok"}

        before = len(other.daemon.told("refresh.finished", connection="movies"))
        holder.daemon.process.send_signal(signal.SIGKILL)
        began = time.monotonic()
        await other.daemon.until("refresh.finished", before + 1, within=30, connection="movies")
        took = time.monotonic() - began
        health = await other.get("/health")
        assert [len(one["connections"]) for one in health["daemons"]] == [2]
        wrong = [issue for issue in health["ailments"] if issue["code"] != "loop-lag"]  # on a busy machine
        assert wrong == []
        assert "Renamed" in await other.page()
        assert took < (30 if IS_DEEP else 10)


async def shared(first: Asked, second: Asked) -> tuple[Asked, Asked]:
    """Who works at the movies, and the other one, once each has one of the two connections."""
    async with asyncio.timeout(60):
        while True:
            health = await first.get("/health")
            held = {
                one["process"]: [had["connection"] for had in one["connections"]] for one in health["daemons"]
            }
            if sorted(held.values()) == [["movies"], ["series"]]:
                (process,) = [process for process, names in held.items() if names == ["movies"]]
                is_first = f"(pid {first.daemon.process.pid} " in process
                return (first, second) if is_first else (second, first)
            await asyncio.sleep(0.1)
