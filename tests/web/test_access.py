"""Who may what: every route is tried with the right key, a wrong one, and none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trailarrd.intercom import Intercom, socket_of
from trailarrd.web.api import ROUTES
from trailarrd.web.authentication import Access

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from tests.web.conftest import Client, Stage
    from trailarrd.web.route import Route

VALUES = {
    "connection": "movies",
    "media_id": "1",
    "key_name": "nobody",
    "session_id": "0" * 16,
    "name": "nobody",
}
READING = [route for route in ROUTES if route.access is Access.READ]
CHANGING = [route for route in ROUTES if route.access is Access.WRITE]


async def statuses(client: Client, routes: Iterable[Route]) -> dict[str, int]:
    """What each route answers, asked for something that is there."""
    answers = {}
    for route in routes:
        body: dict[str, object] = {"json": {}} if route.body else {}
        answer = await client.ask(route.method, f"/api/v1{route.path}".format(**VALUES), **body)
        answers[f"{route.method} {route.path}"] = answer.status
    return answers


OFF = [route for route in READING if route.tag == "downloads"]
"""Of what is not in the configuration nothing can be told."""


def all_of(routes: Iterable[Route], status: int) -> dict[str, int]:
    """That each route answers the same."""
    return {f"{route.method} {route.path}": status for route in routes}


def test_whatever_is_no_get_needs_the_right_to_write() -> None:
    assert {route.method for route in READING} == {"GET"}
    assert "GET" not in {route.method for route in CHANGING}
    assert len(READING) + len(CHANGING) == len(ROUTES)


async def test_a_wrong_key_opens_nothing_not_even_to_this_host(client: Client) -> None:
    stranger = client.knowing("trailarrd_wrong")
    assert await statuses(stranger, ROUTES) == all_of(ROUTES, 401)
    answer = await stranger.get("version")
    assert answer.document["detail"] == "there is no such API key"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="trailarrd"'


async def test_without_any_key_this_host_may_read_and_change_nothing(client: Client, stage: Stage) -> None:
    before = stage.household.database.content()
    assert await statuses(client, READING) == all_of(READING, 200) | all_of(OFF, 409)
    assert await statuses(client, CHANGING) == all_of(CHANGING, 401)
    assert stage.household.database.content() == before
    answer = await client.post("connections/movies/refresh")
    assert "trailarrd apikey create" in answer.document["detail"]


async def test_as_soon_as_there_is_a_key_nobody_does_without(client: Client, stage: Stage) -> None:
    await stage.key()
    assert await statuses(client, ROUTES) == all_of(ROUTES, 401)


async def test_a_key_for_reading_reads_and_changes_nothing(client: Client, stage: Stage) -> None:
    reader = client.knowing(await stage.key("grafana", may_write=False))
    assert await statuses(reader, READING) == all_of(READING, 200) | all_of(OFF, 409)
    assert await statuses(reader, CHANGING) == all_of(CHANGING, 403)
    answer = await reader.post("connections/movies/refresh")
    assert answer.document["detail"] == "the API key 'grafana' is for reading only"


async def test_a_key_that_may_write_is_let_in_everywhere(owner: Client) -> None:
    answers = await statuses(owner, ROUTES)
    assert {route for route, status in answers.items() if status in (401, 403)} == set()


async def test_who_is_not_on_this_host_needs_a_key_though_there_is_none(client: Client) -> None:
    for stranger in (client.saying(Host="evil.example"), client.saying(X_Forwarded_For="127.0.0.1")):
        assert await statuses(stranger, ROUTES) == all_of(ROUTES, 401)


async def test_a_key_may_come_as_a_bearer_token(client: Client, stage: Stage) -> None:
    token = await stage.key()
    assert (await client.saying(Authorization=f"Bearer {token}").get("version")).status == 200
    assert (await client.saying(Authorization="Bearer wrong").get("version")).status == 401


async def test_a_revoked_key_is_refused_within_seconds(
    client: Client, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trailarrd.web.authentication._AGE", 0.0)
    owner = client.knowing(await stage.key())
    assert (await owner.get("version")).status == 200
    await stage.key("another")
    await stage.daemon.store.revoke_api_key("test")
    assert (await owner.get("version")).status == 401


async def test_the_database_holds_no_key(stage: Stage) -> None:
    token = await stage.key()
    database = stage.household.database
    files = [file.read_bytes() for file in database.path.parent.iterdir() if file.is_file()]
    assert not any(token.encode() in content for content in files)
    assert database.sql("SELECT name, length(digest) FROM api_keys") == [("test", 64)]


async def test_whoever_may_open_the_socket_beside_the_database_may_do_everything(stage: Stage) -> None:
    path = socket_of(stage.household.database.url)
    assert path
    await stage.key()  # which does not close it
    discard = Intercom(path).ask
    assert await asyncio.to_thread(discard, "POST", "/connections/movies/removals/discard") == {"items": 0}
