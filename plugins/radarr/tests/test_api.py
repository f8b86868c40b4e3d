"""Radarr is asked at the right address, and a movie is decoded from what it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from aiohttp import ClientSession
from aioresponses import aioresponses
from yarl import URL

from trailarrd.plugin import ArrServer, ProviderRejectedError, Secret, SystemStatus
from trailarrd_radarr.api import MovieFile, MovieRecord, RadarrApiManager

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

FIXTURES = Path(__file__).parent / "fixtures"
API = "http://nas.example:7878/radarr/api/v3"

EXPECTED = {
    "movie-6": MovieRecord(
        id=12,
        title="The Long Harbour",
        path="/movies/The Long Harbour (2019)",
        monitored=True,
        year=2019,
        tmdb_id=501234,
        imdb_id="tt1234567",
        you_tube_trailer_id="a1B2c3D4e5F",
        movie_file=MovieFile(relative_path="The Long Harbour (2019) Bluray-1080p.mkv"),
        has_file=True,
    ),
    "movie-6-announced": MovieRecord(
        id=340,
        title="Untitled Sequel",
        path="D:\\Movies\\Untitled Sequel ()",
        imdb_id="",
        you_tube_trailer_id="",
        has_file=False,
    ),
    "movie-3": MovieRecord(
        id=1,
        title="Old Lantern",
        path="/data/movies/Old Lantern (2008)",
        year=2008,
        tmdb_id=155001,
        has_file=False,
    ),
}


@pytest.fixture
def mocked() -> Iterator[aioresponses]:
    with aioresponses() as mocked:
        yield mocked


@pytest.fixture
async def radarr() -> AsyncIterator[RadarrApiManager]:
    server = ArrServer(url="http://nas.example:7878/radarr", api_key=Secret("k3y"))
    async with ClientSession() as session:
        yield RadarrApiManager(session, server)


def without_facts(record: object) -> MovieRecord:
    """What the parser's tests follow to its end is not looked at twice."""
    assert isinstance(record, MovieRecord)
    blank = MovieRecord(id=1, title="", path="")
    names = MovieRecord.__struct_fields__
    facts = names[names.index("sort_title") :]
    return msgspec.structs.replace(record, **{name: getattr(blank, name) for name in facts})


def _fixture(name: str) -> str:
    return (FIXTURES / f"{name}.json").read_text(encoding="utf-8")


async def test_the_library_is_asked_for_once_without_a_look_at_every_cover(
    mocked: aioresponses, radarr: RadarrApiManager
) -> None:
    url = URL(f"{API}/movie?excludeLocalCovers=true")
    mocked.get(url, body="[]", content_type="application/json; charset=utf-8")
    assert [record async for batch in radarr.all_media() for record in batch] == []
    assert list(mocked.requests) == [("GET", url)]
    (call,) = mocked.requests["GET", url]
    assert call.kwargs["headers"]["X-Api-Key"] == "k3y"
    assert call.kwargs["allow_redirects"] is False


async def test_movies_of_every_version_are_decoded_from_one_list(
    mocked: aioresponses, radarr: RadarrApiManager
) -> None:
    body = "[" + ",".join(map(_fixture, EXPECTED)) + "]"
    mocked.get(f"{API}/movie?excludeLocalCovers=true", body=body, content_type="application/json")
    records = [record async for batch in radarr.all_media() for record in batch]
    assert [without_facts(record) for record in records] == list(EXPECTED.values())


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_movie_is_decoded_from_its_own_address(
    mocked: aioresponses, radarr: RadarrApiManager, name: str
) -> None:
    movie = EXPECTED[name]
    mocked.get(f"{API}/movie/{movie.id}", body=_fixture(name), content_type="application/json")
    assert without_facts(await radarr.media(movie.id)) == movie


async def test_a_movie_that_radarr_does_not_know_is_gone(
    mocked: aioresponses, radarr: RadarrApiManager
) -> None:
    problem = {"type": "https://tools.ietf.org/html/rfc9110", "title": "Not Found", "status": 404}
    signed = {"status": 404, "payload": problem, "headers": {"X-Application-Version": "6.3.0.10514"}}
    mocked.get(f"{API}/movie/99", content_type="application/problem+json", **signed)
    assert await radarr.media(99) is None


async def test_root_folders_are_asked_for_at_the_api(mocked: aioresponses, radarr: RadarrApiManager) -> None:
    folders = [{"path": "/movies", "accessible": True, "id": 1}, {"path": "D:\\Kids", "id": 2}]
    mocked.get(f"{API}/rootfolder", payload=folders)
    assert list(await radarr.root_folders()) == ["/movies", "D:\\Kids"]


async def test_radarr_is_known_by_its_name(mocked: aioresponses, radarr: RadarrApiManager) -> None:
    mocked.get(f"{API}/system/status", payload={"appName": "Radarr", "version": "6.3.0.10514"})
    assert await radarr.system_status() == SystemStatus(app_name="Radarr", version="6.3.0.10514")


async def test_a_whisparr_that_speaks_like_radarr_is_refused(
    mocked: aioresponses, radarr: RadarrApiManager
) -> None:
    mocked.get(f"{API}/system/status", payload={"appName": "Whisparr", "version": "3.0.0.1"})
    with pytest.raises(ProviderRejectedError, match="is Whisparr, not Radarr"):
        await radarr.system_status()
