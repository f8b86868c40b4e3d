"""Events that Arr servers post: who may, what is answered, and what follows."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from trailarrd.domain.apikey import digest_of, new_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.conftest import Client, Stage

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLUGINS = Path(__file__).parents[2] / "plugins"
TEST = {"eventType": "Test", "movie": {"id": 1, "title": "Test Title"}}


@pytest.fixture
async def token(stage: Stage) -> str:
    """That of the connection `movies`."""
    token = new_token()
    await stage.daemon.store.put_webhook_token("movies", digest_of(token), NOW)
    return token


def download(arr_id: int) -> dict[str, Any]:
    return {"movie": {"id": arr_id, "title": "Any"}, "isUpgrade": False, "eventType": "Download"}


def basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"trailarrd:{password}".encode()).decode()}


async def post(client: Client, token: str, body: object, name: str = "movies") -> int:
    return (await client.ask("POST", f"/hooks/{name}", headers=basic(token), json=body)).status


async def titles(stage: Stage) -> dict[int, str]:
    pages = stage.daemon.store.media(now=NOW)
    return {row.arr_id: row.title async for page in pages for row in page if row.connection == "movies"}


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not await true():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.05)


async def test_the_token_is_taken_as_basic_password_as_header_and_in_the_path(
    client: Client, token: str
) -> None:
    for headers, path in ((basic(token), ""), ({"X-Api-Key": token}, ""), ({}, f"/{token}")):
        answer = await client.ask("POST", f"/hooks/movies{path}", headers=headers, json=TEST)
        assert (answer.status, answer.document) == (200, {})
    assert (await client.ask("PUT", "/hooks/movies", headers=basic(token), json=TEST)).status == 200


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
async def test_webhook_with_wrong_credentials_is_refused_and_costs_nothing(
    stage: Stage, client: Client, token: str, headers: dict[str, str]
) -> None:
    stage.household.movies.server.requests.clear()
    with capture_logs() as logs:
        answer = await client.ask("POST", "/hooks/movies", headers=headers, json=download(1))
    assert answer.status == 401
    assert [line["event"] for line in logs] == ["webhook.wrong_token"]
    assert token not in json.dumps(logs)
    await asyncio.sleep(0.1)
    assert stage.household.movies.server.requests == []


async def test_a_storm_of_wrong_tokens_is_one_line_in_the_log_for_each_address(client: Client) -> None:
    with capture_logs() as logs:
        for number in range(20):
            assert await post(client, f"wrong{number}", TEST, f"name{number}") == 401
    assert [line["event"] for line in logs] == ["webhook.wrong_token"]


async def test_a_token_is_good_for_its_own_connection_alone(client: Client, token: str) -> None:
    assert await post(client, token, TEST, "series") == 401
    assert await post(client, token, TEST, "nobody") == 401


async def test_a_token_opens_nothing_else(client: Client, token: str, stage: Stage) -> None:
    await stage.key()
    assert (await client.knowing(token).get("connections")).status == 401


async def test_an_api_key_posts_no_events(client: Client, stage: Stage) -> None:
    assert await post(client, await stage.key(), TEST) == 401


async def test_a_new_token_is_good_at_once_and_the_old_one_is_not(
    client: Client, token: str, stage: Stage
) -> None:
    assert await post(client, token, TEST) == 200
    another = new_token()
    await stage.daemon.store.put_webhook_token("movies", digest_of(another), NOW)
    await asyncio.sleep(0.3)
    assert await post(client, another, TEST) == 200
    assert await post(client, token, TEST) == 401


async def test_an_event_is_looked_into_and_stored(client: Client, token: str, stage: Stage) -> None:
    arr_id = stage.household.movies.add("Delta", 2004)
    assert await post(client, token, download(arr_id)) == 200

    async def stored() -> bool:
        return arr_id in await titles(stage)

    await until(stored)


async def test_webhook_for_an_unknown_id_removes_nothing_and_ends_in_a_refresh(
    client: Client, token: str, stage: Stage
) -> None:
    before = await titles(stage)
    finished = stage.daemon.pollers["movies"].state.last
    assert await post(client, token, download(4711)) == 200

    async def refreshed() -> bool:
        return stage.daemon.pollers["movies"].state.last is not finished

    await until(refreshed)
    assert await titles(stage) == before


async def test_a_deletion_is_believed_only_after_a_whole_refresh(
    client: Client, token: str, stage: Stage
) -> None:
    stage.household.movies.library.delete(2)
    assert await post(client, token, {**download(2), "eventType": "MovieDelete", "deletedFiles": True}) == 200

    async def gone() -> bool:
        return 2 not in await titles(stage)

    await until(gone)
    assert set(await titles(stage)) == {1, 3}


@pytest.mark.parametrize(
    "event", [{}, {"eventType": 7}, {"eventType": "Download"}, {"eventType": "NewInVersion9", "movie": "?"}]
)
async def test_an_event_of_unknown_shape_is_taken_and_the_whole_library_is_asked_for(
    client: Client, token: str, stage: Stage, event: dict[str, Any]
) -> None:
    finished = stage.daemon.pollers["movies"].state.last
    with capture_logs() as logs:
        assert await post(client, token, event) == 200
    assert "webhook.not_understood" in [line["event"] for line in logs]

    async def refreshed() -> bool:
        return stage.daemon.pollers["movies"].state.last is not finished

    await until(refreshed)


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b"7", b'"\xff"', b"[" * 100_000])
async def test_what_is_no_event_is_refused(client: Client, token: str, body: bytes) -> None:
    answer = await client.ask("POST", "/hooks/movies", headers=basic(token), data=body)
    assert answer.status == 400
    assert answer.document["detail"] == "an event is a JSON object"


async def test_a_test_costs_nothing(client: Client, token: str, stage: Stage) -> None:
    stage.household.movies.server.requests.clear()
    assert await post(client, token, TEST) == 200
    await asyncio.sleep(2.5)
    assert stage.household.movies.server.requests == []


async def test_webhook_storm(stage: Stage, token: str) -> None:
    """2,000 events at once are answered one and all, and cost one refresh."""
    async with stage.client(rate_limit=1) as client:
        stage.household.movies.server.requests.clear()
        gate = asyncio.Semaphore(50)

        async def event(number: int) -> int:
            async with gate:
                return await post(client, token, download(number))

        assert set(await asyncio.gather(*map(event, range(1, 2001)))) == {200}
        await asyncio.sleep(3)
    lists = [asked for asked in stage.household.movies.server.requests if asked.path == "/api/v3/movie"]
    assert len(lists) == 1
    assert len(stage.household.movies.server.requests) <= 3


@pytest.mark.parametrize("name", ["radarr", "sonarr"])
async def test_every_event_of_the_real_servers_is_answered(client: Client, stage: Stage, name: str) -> None:
    connection = {"radarr": "movies", "sonarr": "series"}[name]
    token = new_token()
    await stage.daemon.store.put_webhook_token(connection, digest_of(token), NOW)
    events = json.loads((PLUGINS / name / "tests/fixtures/webhooks.json").read_text())
    for event in events.values() if isinstance(events, dict) else events:
        assert await post(client, token, event, connection) == 200
