"""The hub of a simulated server speaks as a real one does."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from trailarrd.domain.secret import Secret
from trailarrd.plugin import ArrLive, ArrServer
from trailarrd.plugin.live import CONNECTED
from trailarrd.plugin.session import open_session
from trailarrd.testing import RADARR, Hub, News, SimulatedArr, SimulatedLibrary
from trailarrd.testing.server import API_KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

END = "\x1e"
KEY = {"X-Api-Key": API_KEY}
HUB = "/signalr/messages"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def radarr(news: list[News] | None = None) -> SimulatedArr:
    return SimulatedArr(SimulatedLibrary(RADARR), url_base="/radarr", news=news)


async def test_it_greets_tells_and_closes(session: aiohttp.ClientSession) -> None:
    async with radarr([News("movie", "updated", {"id": 7}), News("movie", "sync")]) as server:
        async with session.post(f"{server.url}{HUB}/negotiate?negotiateVersion=1", headers=KEY) as answer:
            token = (await answer.json())["connectionToken"]
        async with session.ws_connect(f"{server.url}{HUB}?id={token}", headers=KEY) as socket:
            await socket.send_str(json.dumps({"protocol": "json", "version": 1}) + END)
            frames: list[Any] = [json.loads(message.data.removesuffix(END)) async for message in socket]
    told: list[dict[str, Any]] = [
        {"name": "version", "body": {"version": "6.3.0.10514"}},
        {"name": "movie", "body": {"action": "updated", "resource": {"id": 7}}},
        {"name": "movie", "body": {"action": "sync"}},
    ]
    messages = [{"type": 1, "target": "receiveMessage", "arguments": [one]} for one in told]
    assert frames == [{}, *messages, {"type": 7}]


async def test_it_wants_the_key(session: aiohttp.ClientSession) -> None:
    async with radarr([]) as server:
        async with session.post(f"{server.url}{HUB}/negotiate") as answer:
            assert answer.status == 401
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(f"{server.url}{HUB}")
        assert caught.value.status == 401


async def test_without_news_there_is_none(session: aiohttp.ClientSession) -> None:
    async with (
        radarr() as server,
        session.post(f"{server.url}{HUB}/negotiate", headers=KEY) as answer,
    ):
        assert answer.content_type == "text/html"


async def test_who_listens_at_rest_is_answered_each_ping() -> None:
    live = ArrLive(item="movie", silence=0.3)
    async with SimulatedArr(SimulatedLibrary(RADARR), hub=Hub()) as server:
        arr = ArrServer(url=server.url, api_key=Secret(API_KEY))
        async with open_session(arr) as session, aclosing(live(session, arr)) as feed:
            assert await anext(feed) == CONNECTED
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(feed), 1.0)
