"""`trailarrd plugins listen`: what a server tells, and what its plugin makes of it."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import aiohttp

from tests.shipped import shipped_providers
from trailarrd.cli.overhearing import Overhearing
from trailarrd.domain.secret import Redactor
from trailarrd.plugin import ArrServer, Secret
from trailarrd.testing import News

if TYPE_CHECKING:
    import pytest

    from tests.cli.conftest import CommandLine
    from tests.household import Household


async def test_each_message_of_the_hub_is_shown_with_what_follows_from_it(
    household: Household, trailarrd: CommandLine
) -> None:
    body = {"movieIds": [1, 2]}
    command = {"name": "RescanMovie", "status": "completed", "body": body}
    household.movies.server.hub, household.movies.server._news = (
        None,
        [
            News("movie", "updated", {"id": 1, "title": "Alpha"}),
            News("movie", "deleted", {"id": 2}),
            News("command", "updated", command),
            News("queue", "updated", {"id": 9}),
        ],
    )
    household.movies.server._application.has_hub = True
    ended = await trailarrd("plugins", "listen", "movies")
    lines = [line[9:] for line in ended.out.splitlines()]
    assert lines[0] == "hub     connected: the whole library is asked for"
    assert lines[1] == "hub     version: nothing"
    assert lines[3:] == [
        "hub     movie updated: item 1 is asked for",
        '{"action":"updated","resource":{"id":1,"title":"Alpha"}}',
        "hub     movie deleted: item 2 is gone, if the server confirms it",
        '{"action":"deleted","resource":{"id":2}}',
        "hub     command updated: item 1, 2 is asked for",
        '{"action":"updated","resource":{"name":"RescanMovie","status":"completed","body":{"movieIds":[1,2]}}}',
        "hub     queue updated: nothing",
        '{"action":"updated","resource":{"id":9}}',
    ]
    assert ended.code != 0
    assert "the hub says that it closes" in ended.err
    assert (await trailarrd("plugins", "listen", "nowhere")).code == 2


async def test_an_event_that_is_posted_is_shown_too_whatever_the_hub_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = ArrServer(url="http://127.0.0.1:9", api_key=Secret("a-key-that-must-not-be-seen"))
    running = asyncio.create_task(
        Overhearing(server, shipped_providers()["radarr"], Redactor(server.secrets)).run(port)
    )
    events = ({"eventType": "Download", "movie": {"id": 3}}, {"eventType": "New", "show": 1}, ["no event"])
    async with aiohttp.ClientSession() as session:
        for event in events:
            while True:
                try:
                    async with session.post(f"http://127.0.0.1:{port}/x", json=event) as answer:
                        assert answer.status == 200
                        break
                except aiohttp.ClientError:
                    await asyncio.sleep(0.01)
    told = ""
    async with asyncio.timeout(10):
        while "refused" not in told:
            told += capsys.readouterr().out
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait({running})
    shown = [line[9:] for line in told.splitlines()]
    assert "webhook Download: item 3 is asked for" in shown
    assert "webhook New: the whole library is asked for, as it cannot be read:" in told
    assert "webhook what is no JSON object: refused" in shown
