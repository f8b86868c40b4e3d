"""Webhooks as they really come: by the thousand, for what nobody knows, from whom nobody knows."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from tests.web.hooks import basic, download, post, titles, until
from trailarrd.testing.asked import Phase

if TYPE_CHECKING:
    from tests.web.conftest import Client, Stage


async def test_webhook_storm(stage: Stage, token: str) -> None:
    """1,000 events at once are answered one and all, and cost one refresh."""
    async with stage.client(rate_limit=1) as client:
        stage.household.movies.server.requests.clear()
        gate = asyncio.Semaphore(30)  # sockets of one client

        async def event(number: int) -> int:
            async with gate:
                return await post(client, token, download(number))

        assert set(await asyncio.gather(*map(event, range(1, 1001)))) == {200}
        await asyncio.sleep(3)
    phases = Counter(asked.phase for asked in stage.household.movies.server.requests)
    assert phases[Phase.LIST] == 1
    assert phases[Phase.ITEM] <= 50  # those that had come when the first one was asked about
    assert phases.total() - phases[Phase.ITEM] <= 3


async def test_webhook_for_an_unknown_id(client: Client, token: str, stage: Stage) -> None:
    """It removes nothing: that the server has none, and we have none, settles it without a list."""
    before = await titles(stage)
    requests = stage.household.movies.server.requests
    requests.clear()
    assert await post(client, token, download(4711)) == 200

    async def asked() -> bool:
        return any(one.phase is Phase.ITEM for one in requests)

    await until(asked)
    await asyncio.sleep(0.3)
    assert await titles(stage) == before
    assert Phase.LIST not in {one.phase for one in requests}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("wrong"),
        {"X-Api-Key": "wrong"},
        {"Authorization": "Basic ???"},
        {"Authorization": "Bearer x"},
    ],
    ids=["none", "basic", "header", "no base64", "bearer"],
)
async def test_webhook_with_wrong_credentials(
    stage: Stage, client: Client, token: str, headers: dict[str, str]
) -> None:
    """Refused, said once in the log without the token, and nobody is asked for anything."""
    stage.household.movies.server.requests.clear()
    with capture_logs() as logs:
        answer = await client.ask("POST", "/hooks/movies", headers=headers, json=download(1))
    assert answer.status == 401
    # The daemon's own checks may end meanwhile.
    assert [line["event"] for line in logs if line["event"] != "check.finished"] == ["webhook.wrong_token"]
    assert token not in json.dumps(logs)
    await asyncio.sleep(0.1)
    assert stage.household.movies.server.requests == []
