"""Who may ask, and under which URL: keys, URL bases and the pages around the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trailarrd.testing import RADARR, SONARR, SimulatedArr, SimulatedLibrary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.testing.conftest import Client

KEY = "k3y-of-the-server"
BOTH = pytest.mark.parametrize("dialect", [RADARR, SONARR], ids=lambda d: d.app_name)


@pytest.fixture
async def radarr() -> AsyncIterator[SimulatedArr]:
    async with SimulatedArr(SimulatedLibrary(RADARR, size=6, seed=1), api_key=KEY) as arr:
        yield arr


@pytest.fixture
async def based() -> AsyncIterator[SimulatedArr]:
    """A server with a URL base."""
    library = SimulatedLibrary(RADARR, size=2)
    async with SimulatedArr(library, api_key=KEY, url_base="radarr/") as arr:
        yield arr


# -- who asks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("", {"X-Api-Key": KEY}, 200),
        ("", {"Authorization": f"Bearer {KEY}"}, 200),
        (f"?apikey={KEY}", {}, 200),
        (f"?ApiKey={KEY}", {}, 200),
        (f"?apikey={KEY}", {"X-Api-Key": "wrong"}, 200),
        ("?apikey=", {"X-Api-Key": KEY}, 401),
        ("?apikey=wrong", {"X-Api-Key": KEY}, 401),
        ("", {"X-Api-Key": KEY, "Authorization": "Bearer wrong"}, 200),
        ("", {"X-Api-Key": "wrong", "Authorization": f"Bearer {KEY}"}, 401),
        ("", {"X-Api-Key": KEY.upper()}, 401),
        ("", {"Authorization": "Basic YTpi"}, 401),
        ("", {}, 401),
    ],
)
async def test_the_first_way_to_send_a_key_that_is_used_decides(
    client: Client, radarr: SimulatedArr, query: str, headers: dict[str, str], status: int
) -> None:
    async with client.ask(radarr, f"/api/v3/system/status{query}", headers=headers) as response:
        assert response.status == status


@pytest.mark.parametrize("path", ["/api/v3/movie", "/api/v3/nosuch", "/api/v3/movie/999"])
async def test_a_wrong_key_gets_an_empty_401_that_tells_nothing(
    client: Client, radarr: SimulatedArr, path: str
) -> None:
    response = await client.get(radarr, path, key="wrong")
    assert (response.status, response.body) == (401, b"")
    assert response.headers["Content-Length"] == "0"
    assert not {"WWW-Authenticate", "X-Application-Version", "Content-Type"} & set(response.headers)


async def test_a_key_can_be_changed_while_the_server_runs(client: Client, radarr: SimulatedArr) -> None:
    radarr.api_key = "another"
    assert (await client.get(radarr, "/api", key=KEY)).status == 401
    assert (await client.get(radarr, "/api", key="another")).status == 200


# -- under which url ------------------------------------------------------------------------------


async def test_below_the_url_base_all_is_well(client: Client, based: SimulatedArr) -> None:
    assert based.url == f"http://127.0.0.1:{based.port}/radarr"
    assert len(await client.json(based, "/api/v3/movie")) == 2
    assert (await client.get(based, "/ping")).status == 200


@pytest.mark.parametrize("path", ["/api/v3/movie?tmdbId=603&x=1", "/ping", "/", "/other/api/v3/movie"])
async def test_without_the_url_base_a_relative_307_puts_it_in_front(
    client: Client, based: SimulatedArr, path: str
) -> None:
    headers = {"X-Api-Key": KEY}
    async with client.session.get(based.origin + path, headers=headers, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (307, "/radarr" + path)


async def test_a_wrong_key_wins_over_a_wrong_url(client: Client, based: SimulatedArr) -> None:
    async with client.session.get(based.origin + "/api/v3/movie", allow_redirects=False) as response:
        assert (response.status, await response.read()) == (401, b"")


@pytest.mark.parametrize("path", ["/radarr/api/v3/movie", "//api/v3/movie", "/", "/movies"])
async def test_whatever_is_not_the_api_gets_the_index_page(
    client: Client, radarr: SimulatedArr, path: str
) -> None:
    response = await client.get(radarr, path)
    assert (response.status, response.content_type) == (200, "text/html")
    assert b"<html>" in response.body


async def test_a_page_with_a_dot_is_not_there(client: Client, radarr: SimulatedArr) -> None:
    assert (await client.get(radarr, "/nosuch.js")).status == 404


async def test_with_a_login_the_pages_lead_to_it_and_the_api_does_not(client: Client) -> None:
    async with SimulatedArr(SimulatedLibrary(RADARR), url_base="/radarr", login=True) as arr:
        page = await client.get(arr, "/movies")
        assert page.status == 302
        assert page.headers["Location"] == f"{arr.url}/login?returnUrl=/radarr/movies"
        assert (await client.get(arr, "/login")).content_type == "text/html"
        assert (await client.get(arr, "/ping")).status == 200
        assert await client.json(arr, "/api/v3/movie") == []
        async with client.ask(arr, "/", headers={"X-Requested-With": "XMLHttpRequest"}) as response:
            assert (response.status, "Location" in response.headers) == (401, True)
