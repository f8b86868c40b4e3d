"""Our webhook in an Arr server: made once, brought up to date, taken away, and nobody else's touched."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
import pytest

from trailarrd.discovery.plugins import discover, providers_by_name
from trailarrd.domain.connection import ArrServer
from trailarrd.domain.secret import Secret
from trailarrd.errors import ProviderRejectedError, ProviderResponseError
from trailarrd.plugin import ArrApiManager, WebhookRegistrar, WebhookTarget
from trailarrd.plugin.session import open_session
from trailarrd.testing import RADARR, Notifications, SimulatedArr, SimulatedLibrary
from trailarrd.testing.notifications import value_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KEY = "a key that must not be seen"
TARGET = WebhookTarget(
    name="trailarrd movies",
    url="http://trailarrd:7979/hooks/movies",
    username="trailarrd",
    password=Secret("the password"),
)
SOMEBODYS = {
    "id": 4,
    "name": "Somebody's",
    "implementation": "Webhook",
    "onDownload": True,
    "fields": [{"name": "url", "value": "http://elsewhere/"}],
}


class Record(msgspec.Struct):
    id: int


class Manager(ArrApiManager[Record]):
    app_name = "Radarr"
    resource = "movie"
    record_type = Record
    webhook_switches: ClassVar[tuple[str, ...]] = ("onDownload", "onMovieAdded")


@asynccontextmanager
async def manager(notifications: Notifications, key: str = KEY) -> AsyncIterator[Manager]:
    simulated = SimulatedArr(SimulatedLibrary(RADARR), api_key=KEY, notifications=notifications)
    async with simulated as server:
        arr = ArrServer(url=server.url, api_key=Secret(key))
        async with open_session(arr) as session:
            yield Manager(session, arr)


def switches(definition: dict[str, Any]) -> dict[str, bool]:
    return {name: value for name, value in definition.items() if name.startswith("on")}


async def test_a_webhook_is_made_with_what_every_version_takes_and_is_tested() -> None:
    server = Notifications()
    async with manager(server) as api:
        assert isinstance(api, WebhookRegistrar)
        await api.put_webhook(TARGET)
    (made,) = server.saved.values()
    assert made["name"] == "trailarrd movies"
    assert (made["implementation"], made["configContract"], made["tags"]) == (
        "Webhook",
        "WebhookSettings",
        [],
    )
    assert switches(made) == {"onDownload": True, "onMovieAdded": True}
    assert {one["name"]: one["value"] for one in made["fields"]} == {
        "url": "http://trailarrd:7979/hooks/movies",
        "method": 1,
        "username": "trailarrd",
        "password": "the password",
    }
    # The last test is that of the saved webhook, which ends the time in which its events are dropped.
    assert server.tests == [TARGET.url, TARGET.url]


async def test_a_second_time_the_same_webhook_is_brought_up_to_date_and_others_are_let_be() -> None:
    server = Notifications(saved={4: SOMEBODYS})
    moved = replace(TARGET, url="http://other:7979/hooks/movies", password=Secret("another password"))
    async with manager(server) as api:
        await api.put_webhook(TARGET)
        await api.put_webhook(moved)
    assert set(server.saved) == {4, 5}
    assert server.saved[4] == SOMEBODYS
    assert value_of(server.saved[5], "url") == moved.url
    assert value_of(server.saved[5], "password") == "another password"


async def test_a_webhook_that_was_renamed_by_hand_is_known_by_where_it_posts_to() -> None:
    renamed = {**SOMEBODYS, "name": "Trailers", "fields": [{"name": "url", "value": TARGET.url}]}
    server = Notifications(saved={4: renamed})
    async with manager(server) as api:
        await api.put_webhook(TARGET)
    assert {number: one["name"] for number, one in server.saved.items()} == {4: "trailarrd movies"}


@pytest.mark.parametrize(
    ("crashes", "said"),
    [(False, "Unable to send test message: HTTP 401"), (True, "Connection refused (trailarrd:7979)")],
)
async def test_a_server_that_does_not_reach_us_says_why_and_saves_nothing(
    *, crashes: bool, said: str
) -> None:
    server = Notifications(reaches=False, crashes=crashes)
    async with manager(server) as api:
        with pytest.raises(ProviderResponseError) as caught:
            await api.put_webhook(TARGET)
    assert str(caught.value) == f"Radarr does not take the webhook: {said}"
    assert server.saved == {}


async def test_untested_it_is_saved_even_if_the_server_does_not_reach_us_yet() -> None:
    server = Notifications(reaches=False)
    async with manager(server) as api:
        await api.put_webhook(TARGET, tested=False)
    (made,) = server.saved.values()
    assert switches(made) == {"onDownload": True, "onMovieAdded": True}
    assert server.tests == []


async def test_it_is_taken_away_and_nothing_else_is() -> None:
    server = Notifications(saved={4: SOMEBODYS})
    async with manager(server) as api:
        await api.put_webhook(TARGET)
        assert await api.remove_webhook(TARGET)
        assert not await api.remove_webhook(TARGET)
    assert server.saved == {4: SOMEBODYS}


async def test_a_wrong_key_is_told_as_such() -> None:
    async with manager(Notifications(), "another key") as api:
        with pytest.raises(ProviderRejectedError, match="refuses the API key"):
            await api.put_webhook(TARGET)


SWITCHES = {
    "radarr": "onDownload onUpgrade onRename onMovieAdded onMovieDelete onMovieFileDelete",
    "sonarr": "onDownload onUpgrade onRename onSeriesAdd onSeriesDelete onEpisodeFileDelete",
    "lidarr": "onReleaseImport onUpgrade onRename onArtistAdd onArtistDelete onAlbumDelete onTrackRetag",
}


@pytest.mark.parametrize("name", SWITCHES)
async def test_every_shipped_provider_can_register_its_webhook(name: str) -> None:
    provider, notifications = providers_by_name(discover())[name], Notifications()
    dialect = replace(RADARR, api_root="api/v1" if name == "lidarr" else "api/v3")
    simulated = SimulatedArr(SimulatedLibrary(dialect), api_key=KEY, notifications=notifications)
    async with simulated as server:
        arr = ArrServer(url=server.url, api_key=Secret(KEY))
        async with open_session(arr) as session:
            api = provider.api_manager(session, arr)
            assert isinstance(api, WebhookRegistrar)
            await api.put_webhook(TARGET)
    (made,) = notifications.saved.values()
    assert provider.webhook is not None
    assert switches(made) == dict.fromkeys(SWITCHES[name].split(), True)


async def test_a_provider_that_names_no_events_says_so() -> None:
    class Silent(Manager):
        webhook_switches: ClassVar[tuple[str, ...]] = ()

    async with manager(Notifications()) as api:
        silent = Silent(api._client.session, api._server)
        with pytest.raises(ProviderRejectedError, match="cannot be told"):
            await silent.put_webhook(TARGET)
