"""The simulated server answers as the real ones do: status codes, headers, body."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientConnectorError

from trailarrd.testing import RADARR, SONARR, Dialect, Phase, SimulatedArr, SimulatedLibrary

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


# -- what it answers ------------------------------------------------------------------------------


@BOTH
async def test_status_names_the_application(client: Client, dialect: Dialect) -> None:
    async with SimulatedArr(SimulatedLibrary(dialect), url_base="/x") as arr:
        response = await client.get(arr, "/api/v3/system/status")
        status = response.json()
    assert status["appName"] == dialect.app_name
    assert status["version"] == response.headers["X-Application-Version"] == dialect.version
    assert (status["urlBase"], status["isWindows"]) == ("/x", False)


@BOTH
async def test_the_list_is_the_library(client: Client, dialect: Dialect) -> None:
    library = SimulatedLibrary(dialect, size=7, seed=3)
    async with SimulatedArr(library) as arr:
        assert await client.json(arr, f"/api/v3/{dialect.resource}") == library.records
        library.delete(2)
        library.edit(3, monitored="perhaps")
        assert await client.json(arr, f"/api/v3/{dialect.resource}") == library.records


async def test_the_list_is_indented_chunked_utf8_json_without_a_length(
    client: Client, radarr: SimulatedArr
) -> None:
    radarr.library.edit(1, title="Amélie 東京")
    response = await client.get(radarr, "/api/v3/movie")
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in response.headers
    body = response.body
    assert body.startswith(b'[\n  {\n    "title": "Am\xc3\xa9lie ')
    assert body.endswith(b',\n    "id": 6\n  }\n]')
    assert body.count(b"\n  },\n  {\n") == 5
    assert b'"tags": []' in body
    assert body.decode() == json.dumps(json.loads(body), indent=2, ensure_ascii=False)


async def test_an_empty_list_is_two_brackets(client: Client) -> None:
    async with SimulatedArr(SimulatedLibrary(RADARR)) as arr:
        assert (await client.get(arr, "/api/v3/movie")).body == b"[]"


async def test_api_answers_forbid_caching_and_offer_no_validators(
    client: Client, radarr: SimulatedArr
) -> None:
    headers = (await client.get(radarr, "/api/v3/movie")).headers
    assert headers["Cache-Control"] == "no-cache, no-store"
    assert (headers["Expires"], headers["Pragma"]) == ("-1", "no-cache")
    assert not {"ETag", "Last-Modified"} & set(headers)


async def test_the_list_can_be_asked_for_one_tmdb_id(client: Client, radarr: SimulatedArr) -> None:
    radarr.library.edit(4, tmdbId=603)
    assert [m["id"] for m in await client.json(radarr, "/api/v3/movie?tmdbId=603")] == [4]
    assert await client.json(radarr, "/api/v3/movie?tmdbId=604") == []
    response = await client.get(radarr, "/api/v3/movie?tmdbId=abc")
    assert (response.status, response.content_type) == (400, "application/problem+json")


async def test_local_covers_can_be_left_out(client: Client, radarr: SimulatedArr) -> None:
    images = [{"coverType": "poster", "url": "/MediaCover/1/poster.jpg", "remoteUrl": "https://x.invalid/p"}]
    radarr.library.edit(1, images=images)

    async def first(query: str) -> Any:
        return (await client.json(radarr, f"/api/v3/movie{query}"))[0]["images"]

    assert await first("") == images
    without = [{"coverType": "poster", "remoteUrl": "https://x.invalid/p"}]
    assert await first("?excludeLocalCovers=true") == without
    assert await first("?excludeLocalCovers=false") == images


async def test_one_item_or_a_problem(client: Client, radarr: SimulatedArr) -> None:
    assert await client.json(radarr, "/api/v3/movie/5") == radarr.library.record(5)
    response = await client.get(radarr, "/api/v3/movie/999999")
    assert (response.status, response.content_type) == (404, "application/problem+json")
    problem = response.json()
    assert (problem["title"], problem["status"]) == ("Not Found", 404)


async def test_a_single_series_has_statistics_even_without_episodes(client: Client) -> None:
    library = SimulatedLibrary(SONARR, size=1)
    library.clear(1, "statistics")
    async with SimulatedArr(library) as arr:
        (listed,) = await client.json(arr, "/api/v3/series")
        single = await client.json(arr, "/api/v3/series/1")
    assert "statistics" not in listed
    assert single["statistics"]["episodeFileCount"] == 0
    assert list(single)[-1] == "id"


async def test_root_folders_and_what_a_dead_one_leaves_out(client: Client) -> None:
    library = SimulatedLibrary(RADARR, roots=("/movies", "/dead"))
    library.unreachable_roots.add("/dead")
    async with SimulatedArr(library) as arr:
        alive, dead = await client.json(arr, "/api/v3/rootfolder")
    assert (alive["path"], alive["accessible"], alive["unmappedFolders"]) == ("/movies", True, [])
    assert dead == {"path": "/dead", "accessible": False, "id": 2}


async def test_a_server_on_windows_says_so_and_ends_lines_as_windows_does(client: Client) -> None:
    async with SimulatedArr(SimulatedLibrary(RADARR, size=2, roots=("D:\\Movies",))) as arr:
        assert (await client.json(arr, "/api/v3/system/status"))["isWindows"] is True
        body = (await client.get(arr, "/api/v3/movie")).body
    assert body.startswith(b'[\r\n  {\r\n    "title"')
    assert b"\r\n  },\r\n  {\r\n" in body
    assert body.count(b"\n") == body.count(b"\r\n")


async def test_a_lone_surrogate_leaves_as_its_json_escape(client: Client, radarr: SimulatedArr) -> None:
    radarr.library.edit(1, title="half \ud83d")
    body = (await client.get(radarr, "/api/v3/movie/1")).body
    assert b'"title": "half \\ud83d"' in body


@pytest.mark.parametrize(
    "path", ["/api/v3/nosuch", "/api/v3/movie/abc", "/api/v3", "/api/v1/artist", "/feed/v3/x"]
)
async def test_unknown_api_paths_are_404_without_a_body(
    client: Client, radarr: SimulatedArr, path: str
) -> None:
    response = await client.get(radarr, path)
    assert (response.status, response.body) == (404, b"")


@pytest.mark.parametrize("path", ["/API/V3/Movie", "/api/v3/movie/", "/Api/v3/MOVIE/"])
async def test_routes_ignore_case_and_a_trailing_slash(
    client: Client, radarr: SimulatedArr, path: str
) -> None:
    assert len(await client.json(radarr, path)) == 6


async def test_another_method_is_405_and_another_type_406(client: Client, radarr: SimulatedArr) -> None:
    key = {"X-Api-Key": KEY}
    async with client.ask(radarr, "/api/v3/system/status", "POST", headers=key) as response:
        assert (response.status, response.headers["Allow"]) == (405, "GET")
    async with client.ask(radarr, "/api/v3/movie", headers={**key, "Accept": "text/html"}) as response:
        assert response.status == 406


async def test_api_says_its_version_and_ping_needs_no_key(client: Client, radarr: SimulatedArr) -> None:
    assert await client.json(radarr, "/api") == {"current": "v3", "deprecated": []}
    assert (await client.get(radarr, "/api", key="wrong")).status == 401
    ping = await client.get(radarr, "/ping", key="wrong")
    assert ping.json() == {"status": "OK"}
    async with client.ask(radarr, "/ping", "HEAD") as response:
        assert (response.status, await response.read()) == (200, b"")


# -- as a server ----------------------------------------------------------------------------------


async def test_every_request_is_remembered_without_showing_the_key(
    client: Client, based: SimulatedArr
) -> None:
    await client.get(based, "/api/v3/movie?excludeLocalCovers=true")
    await client.get(based, "/api/v3/movie/2")
    listed, item = based.requests
    assert (listed.method, listed.path) == ("GET", "/radarr/api/v3/movie")
    assert dict(listed.query) == {"excludeLocalCovers": "true"}
    assert listed.headers["x-api-key"] == KEY
    assert [listed.phase, item.phase] == [Phase.LIST, Phase.ITEM]
    assert KEY not in repr(listed)


async def test_it_goes_and_comes_back_on_the_same_port(client: Client, radarr: SimulatedArr) -> None:
    url = radarr.url
    await radarr.stop()
    with pytest.raises(ClientConnectorError):
        await client.get(radarr, "/ping")
    await radarr.start()
    assert radarr.url == url
    assert (await client.get(radarr, "/ping")).status == 200


async def test_before_its_start_it_has_no_url_and_it_starts_once(radarr: SimulatedArr) -> None:
    with pytest.raises(RuntimeError, match="before it is started"):
        _ = SimulatedArr(SimulatedLibrary(RADARR)).url
    with pytest.raises(RuntimeError, match="running already"):
        await radarr.start()


async def test_gzip_is_for_those_who_ask_and_only_when_it_is_on(client: Client) -> None:
    library = SimulatedLibrary(RADARR, size=50)
    headers = {"X-Api-Key": KEY, "Accept-Encoding": "gzip"}
    async with SimulatedArr(library, api_key=KEY, gzip=True) as arr:
        async with client.ask(arr, "/api/v3/movie", headers=headers) as response:
            assert response.headers["Content-Encoding"] == "gzip"
            assert response.headers["Vary"] == "Accept-Encoding"
            assert await response.json() == library.records
        plain = {**headers, "Accept-Encoding": "identity"}
        async with client.ask(arr, "/api/v3/movie", headers=plain) as response:
            assert "Content-Encoding" not in response.headers
            body = await response.read()
    assert len(gzip.compress(body)) < len(body) / 4
    async with (
        SimulatedArr(library, api_key=KEY) as arr,
        client.ask(arr, "/api/v3/movie", headers=headers) as response,
    ):
        assert "Content-Encoding" not in response.headers


async def test_a_large_library_arrives_whole(client: Client) -> None:
    library = SimulatedLibrary(SONARR, size=2000, seed=9)
    async with SimulatedArr(library) as arr:
        listed = await client.json(arr, "/api/v3/series")
    assert [item["id"] for item in listed] == list(range(1, 2001))
    assert listed[-1] == library.record(2000)


async def test_a_dialect_of_ones_own_is_a_description(client: Client) -> None:
    lidarr = Dialect(
        app_name="Lidarr",
        version="2.14.5.0",
        api_root="api/v1",
        resource="artist",
        identity="foreignArtistId",
        identity_value=str,
        root="/music",
        record=lambda draft: {
            "artistName": draft.title,
            "foreignArtistId": f"guid-{draft.arr_id}",
            "path": draft.folder(draft.file_name),
            "id": draft.arr_id,
        },
    )
    async with SimulatedArr(SimulatedLibrary(lidarr, size=3)) as arr:
        assert (await client.json(arr, "/api/v1/system/status"))["appName"] == "Lidarr"
        assert await client.json(arr, "/api") == {"current": "v1", "deprecated": []}
        assert len(await client.json(arr, "/api/v1/artist")) == 3
        (found,) = await client.json(arr, "/api/v1/artist?foreignArtistId=guid-2")
        assert found == await client.json(arr, "/api/v1/artist/2")
        assert (await client.get(arr, "/api/v3/movie")).status == 404
