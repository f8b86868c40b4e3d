"""Events that Arr servers post: who may, what is answered, and what follows."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from tests.web.hooks import NOW, TEST, basic, download, post, titles, until
from trailarrd.domain.apikey import digest_of, new_token
from trailarrd.testing import Notifications

if TYPE_CHECKING:
    from tests.web.conftest import Client, Stage

PLUGINS = Path(__file__).parents[2] / "plugins"


async def test_the_token_is_taken_as_basic_password_as_header_and_in_the_path(
    client: Client, token: str
) -> None:
    for headers, path in ((basic(token), ""), ({"X-Api-Key": token}, ""), ({}, f"/{token}")):
        answer = await client.ask("POST", f"/hooks/movies{path}", headers=headers, json=TEST)
        assert (answer.status, answer.document) == (200, {})
    assert (await client.ask("PUT", "/hooks/movies", headers=basic(token), json=TEST)).status == 200


async def test_a_storm_of_wrong_tokens_is_one_line_in_the_log_for_each_address(client: Client) -> None:
    with capture_logs() as logs:
        posts = [post(client, f"wrong{number}", TEST, f"name{number}") for number in range(20)]
        assert set(await asyncio.gather(*posts)) == {401}
    assert [line["event"] for line in logs].count("webhook.wrong_token") == 1


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


async def test_a_deletion_is_believed_once_the_server_confirms_it(
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


async def test_what_is_no_event_is_refused(client: Client, token: str, subtests: pytest.Subtests) -> None:
    for body in [b"", b"no json", b"[]", b"7", b'"\xff"', b"[" * 100_000]:
        with subtests.test(body=body):
            answer = await client.ask("POST", "/hooks/movies", headers=basic(token), data=body)
            assert answer.status == 400
            assert answer.document["detail"] == "an event is a JSON object"


async def test_an_event_of_more_than_a_mebibyte_asks_for_the_whole_library_if_its_token_is_right(
    client: Client, token: str, stage: Stage
) -> None:
    renamed = [{"id": number, "relativePath": "x" * 1500} for number in range(700)]
    event = {**download(2), "eventType": "Rename", "renamedEpisodeFiles": renamed}
    finished = stage.daemon.pollers["movies"].state.last
    for password, status in (("wrong", 401), (token, 200)):
        body = io.BytesIO(json.dumps(event).encode())
        with capture_logs() as logs:
            answer = await client.ask("POST", "/hooks/movies", headers=basic(password), data=body)
        assert answer.status == status
    assert [line["event"] for line in logs] == ["webhook.received"]

    async def refreshed() -> bool:
        return stage.daemon.pollers["movies"].state.last is not finished

    await until(refreshed)


async def test_a_test_costs_nothing(client: Client, token: str, stage: Stage) -> None:
    stage.household.movies.server.requests.clear()
    assert await post(client, token, TEST) == 200
    await asyncio.sleep(0.5)
    assert stage.household.movies.server.requests == []


@pytest.mark.parametrize("name", ["radarr", "sonarr"])
async def test_every_event_of_the_real_servers_is_answered(client: Client, stage: Stage, name: str) -> None:
    connection = {"radarr": "movies", "sonarr": "series"}[name]
    token = new_token()
    await stage.daemon.store.put_webhook_token(connection, digest_of(token), NOW)
    events = json.loads((PLUGINS / name / "tests/fixtures/webhooks.json").read_text())
    for event in events.values() if isinstance(events, dict) else events:
        assert await post(client, token, event, connection) == 200


async def test_what_was_found_of_a_webhook_stands_among_the_checks_beside_its_connections(
    stage: Stage, owner: Client
) -> None:
    url = "http://nas:7979/hooks/movies"
    webhook = {
        "id": 7,
        "name": "mine",
        "implementation": "Webhook",
        "fields": [{"name": "url", "value": url}],
    }
    stage.household.movies.server._application.notifications = Notifications(saved={7: webhook})
    await stage.daemon.store.put_webhook_token("movies", "its digest", NOW, url)
    for checks in (await owner.post("checks"), await owner.get("checks")):
        areas = [one["area"] for one in checks.document["items"]]
        facts = {one["code"]: one["fact"] for one in checks.document["items"]}
        assert facts["webhook-lost"] == f"the server posted a test to {url}, and none came here"
        assert areas.index("series") > len(areas) - 1 - areas[::-1].index("movies")
