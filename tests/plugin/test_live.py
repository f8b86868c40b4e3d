"""The hub of an Arr server, read as hints: what it may tell, and what it may do wrong."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from tests.plugin.hub import END, Hub, open_hub, told
from trailarrd.domain.connection import ArrServer
from trailarrd.domain.secret import Secret
from trailarrd.errors import (
    ProviderError,
    ProviderRejectedError,
    ProviderResponseError,
    ProviderUnavailableError,
)
from trailarrd.plugin import WebhookHint
from trailarrd.plugin.live import CONNECTED, ArrLive
from trailarrd.plugin.session import open_session

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

KEY = "a key that must not be seen"
MOVIES = ArrLive(item="movie", parts={"moviefile": "movieId"}, whole_library={"RefreshMovie"}, silence=5.0)


async def hints(
    hub: Hub, live: ArrLive = MOVIES, *, key: str = KEY, base: str = ""
) -> AsyncGenerator[WebhookHint, None]:
    async with open_hub(hub, base) as url:
        server = ArrServer(url=url, api_key=Secret(key))
        async with open_session(server) as session, aclosing(live(session, server)) as feed:
            async for hint in feed:
                yield hint


async def all_until_lost(hub: Hub, base: str = "") -> list[WebhookHint]:
    """Every hint of a hub that ends the connection."""
    found: list[WebhookHint] = []

    async def listen() -> None:
        async for hint in hints(hub, base=base):
            found.append(hint)  # noqa: PERF401  # the ones before the end count

    with pytest.raises(ProviderUnavailableError, match="closed"):
        await listen()
    return found


async def fails(hub: Hub, key: str = KEY, live: ArrLive = MOVIES) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        [hint async for hint in hints(hub, live, key=key)]
    assert KEY not in repr(caught.value)
    return caught.value


async def test_first_of_all_the_whole_library_is_asked_for_as_nothing_was_told_before() -> None:
    assert await all_until_lost(Hub(KEY)) == [CONNECTED]
    assert CONNECTED.whole


@pytest.mark.parametrize(
    ("word", "arr_ids"),
    [
        (told("movie", "updated", {"id": 7, "title": "Any"}), {7}),
        (told("movie", "deleted", {"id": 7, "title": None}), {7}),
        (told("movie", "created", {"id": 8}), {8}),
        (told("moviefile", "updated", {"id": 90, "movieId": 7}), {7}),
    ],
)
async def test_a_message_about_an_item_or_its_part_names_the_item(word: str, arr_ids: set[int]) -> None:
    _, hint = await all_until_lost(Hub(KEY, words=[word + END]))
    assert (set(hint.arr_ids), hint.whole, hint.deleted) == (arr_ids, False, '"deleted"' in word)


def ended(name: str, status: str = "completed", **body: object) -> str:
    """A command as its server tells of it."""
    resource = {"name": name, "status": status, "body": {**body, "trigger": "manual"}, "id": 62}
    return told("command", "updated", resource)


@pytest.mark.parametrize(
    ("word", "arr_ids"),
    [
        (ended("RescanMovie", movieId=7), {7}),
        (ended("RefreshMovie", movieIds=[7, 8], isNewMovie=False), {7, 8}),
        (ended("MoveMovie", status="failed", movieId=7), {7}),  # the path is put back
        (ended("RenameFiles", status="aborted", movieId=7, files=[10]), {7}),
        (ended("BulkMoveMovie", movies=[{"movieId": 7}, {"movieId": 9}]), {7, 9}),
        (ended("ManualImport", files=[{"movieId": 7, "path": "/x"}, {"path": "/y"}, 3]), {7}),
        (ended("RefreshMovie", movieIds=[7, None, "8", 0, -1, True]), {7}),
        (ended("RefreshMovie", movieIds=[]), None),
        (ended("RefreshMovie", movieIds=None), None),
        (ended("RefreshMovie", status="failed"), None),
    ],
)
async def test_a_command_that_has_ended_names_its_items_or_the_library(
    word: str, arr_ids: set[int] | None
) -> None:
    _, hint = await all_until_lost(Hub(KEY, words=[word + END]))
    assert (set(hint.arr_ids), hint.whole, hint.deleted) == (arr_ids or set(), arr_ids is None, False)


async def test_series_and_artists_have_commands_too() -> None:
    for item in ("series", "artist"):
        live = ArrLive(item=item, silence=5.0)
        body: dict[str, Any] = {f"{item}Ids": [7], item: [{f"{item}Id": 8}]}
        word = ended("Refresh", **body)
        feed = hints(Hub(KEY, words=[word + END], stays=True), live)
        assert [set((await anext(feed)).arr_ids) for _ in range(2)] == [set(), {7, 8}]
        await feed.aclose()


async def test_a_message_without_its_resource_asks_for_the_whole_library() -> None:
    _, hint = await all_until_lost(Hub(KEY, words=[told("movie", "sync") + END]))
    assert hint == WebhookHint(event="movie sync", whole=True)


@pytest.mark.parametrize(
    "word",
    [
        told("queue", "updated", {"id": 7}),
        told("version", "updated"),
        told("moviefile", "deleted", {"id": 90}),
        told("moviefile", "deleted", {"id": 90, "movieId": 0}),
        told("command", "sync"),
        told("command", "updated", {"name": "RefreshMovie", "status": "completed", "body": None}),
        ended("RescanMovie", status="started", movieId=7),
        ended("RefreshMovie", status="queued", movieIds=[]),
        ended("RssSync"),
        ended("MissingMoviesSearch", movieIds=[]),
        told("movie", "updated", {"id": "7"}),
        told("movie", "updated", {"id": 0}),
        '{"type":6}',
        '{"type":1,"target":"somethingElse","arguments":[]}',
        '{"type":1,"target":"receiveMessage","arguments":["odd",{"name":"movie"},{"body":3,"name":null}]}',
    ],
)
async def test_what_is_about_no_item_is_passed_over(word: str) -> None:
    assert await all_until_lost(Hub(KEY, words=[word + END])) == [CONNECTED]


async def test_frames_may_share_a_message_also_with_the_greeting() -> None:
    hub = Hub(KEY, greeting="{}" + END + told("movie", "updated", {"id": 1}) + END)
    hub.words = [told("movie", "updated", {"id": 2}) + END + told("movie", "updated", {"id": 3}) + END]
    found = await all_until_lost(hub)
    assert [sorted(hint.arr_ids) for hint in found] == [[], [1], [2], [3]]


async def test_the_key_is_in_the_headers_and_nowhere_else() -> None:
    hub = Hub(KEY)
    await all_until_lost(hub, base="/radarr")
    assert [path for path, _, _ in hub.headers] == [
        "/radarr/signalr/messages/negotiate",
        "/radarr/signalr/messages",
    ]
    assert all(headers["X-Api-Key"] == KEY for _, headers, _ in hub.headers)
    assert [query for _, _, query in hub.headers] == ["negotiateVersion=1", "id=the token"]


async def test_a_wrong_key_is_told_as_such() -> None:
    assert isinstance(await fails(Hub("another key")), ProviderRejectedError)


@pytest.mark.parametrize(
    "hub",
    [
        Hub(KEY, negotiation=web.Response(text="<html>", content_type="text/html")),
        Hub(KEY, negotiation=web.Response(status=404)),
        Hub(KEY, instead=web.Response(status=404)),
        Hub(KEY, instead=web.Response(text="<html>", content_type="text/html")),
        Hub(KEY, greeting='{"error":"no such protocol"}' + END),
        Hub(KEY, words=["no json" + END]),
        Hub(KEY, words=["[" * 100_000 + END]),
    ],
    ids=["web page", "no hub", "no socket", "page for a socket", "other protocol", "garbage", "deep garbage"],
)
async def test_what_is_no_hub_is_told_as_such(hub: Hub) -> None:
    assert isinstance(await fails(hub), ProviderResponseError)


@pytest.mark.parametrize(
    ("hub", "said"),
    [
        (Hub(KEY, words=['{"type":7,"allowReconnect":true}' + END]), "says that it closes"),
        (Hub(KEY, binary=b"\0"), "closed"),
    ],
)
async def test_a_hub_that_goes_is_unavailable(hub: Hub, said: str) -> None:
    error = await fails(hub)
    assert isinstance(error, ProviderUnavailableError)
    assert said in str(error)


async def test_a_silent_hub_is_dead_and_hears_from_us_until_then() -> None:
    hub = Hub(KEY, stays=True)
    error = await fails(hub, live=ArrLive(item="movie", silence=0.4))
    assert isinstance(error, ProviderUnavailableError)
    assert "silent" in str(error)
    await asyncio.wait_for(hub.gone.wait(), 5)
    assert hub.heard[:2] == ['{"protocol":"json","version":1}' + END, '{"type":6}' + END]


async def test_a_redirect_of_the_socket_does_not_take_the_key_elsewhere() -> None:
    elsewhere = Hub(KEY)
    async with open_hub(elsewhere) as url:
        away = web.Response(status=302, headers={"Location": f"{url}signalr/messages"})
        assert isinstance(await fails(Hub(KEY, instead=away)), ProviderResponseError)
    assert elsewhere.headers == []


async def test_whoever_listens_no_more_leaves_nothing_open() -> None:
    hub = Hub(KEY, stays=True)
    listening = hints(hub)
    assert await anext(listening) == CONNECTED
    await listening.aclose()
    await asyncio.wait_for(hub.gone.wait(), 5)
