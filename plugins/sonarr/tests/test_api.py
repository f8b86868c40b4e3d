"""Sonarr is asked at the right address, and a series is decoded from what it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from aiohttp import ClientSession
from aioresponses import aioresponses
from yarl import URL

from trailarrd.plugin import ArrServer, ProviderRejectedError, Secret, SystemStatus
from trailarrd_sonarr.api import SeriesRecord, SonarrApiManager, Statistics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

FIXTURES = Path(__file__).parent / "fixtures"
API = "http://nas.example:8989/sonarr/api/v3"

EXPECTED = {
    "series-4": SeriesRecord(
        id=8,
        title="Quiet Ports",
        path="/tv/Quiet Ports",
        monitored=True,
        year=2024,
        tvdb_id=412000,
        tmdb_id=138000,
        tv_maze_id=58000,
        imdb_id="tt15570000",
        statistics=Statistics(episode_file_count=9),
    ),
    "series-3": SeriesRecord(
        id=3,
        title="Lamplighters",
        path="\\\\nas\\tv\\Lamplighters",
        tvdb_id=70001,
    ),
}


@pytest.fixture
def mocked() -> Iterator[aioresponses]:
    with aioresponses() as mocked:
        yield mocked


@pytest.fixture
async def sonarr() -> AsyncIterator[SonarrApiManager]:
    server = ArrServer(url="http://nas.example:8989/sonarr", api_key=Secret("k3y"))
    async with ClientSession() as session:
        yield SonarrApiManager(session, server)


def without_facts(record: object) -> SeriesRecord:
    """What the parser's tests follow to its end is not looked at twice."""
    assert isinstance(record, SeriesRecord)
    blank = SeriesRecord(id=1, title="", path="")
    names = SeriesRecord.__struct_fields__
    facts = names[names.index("seasons") :]
    return msgspec.structs.replace(record, **{name: getattr(blank, name) for name in facts})


def _fixture(name: str) -> str:
    return (FIXTURES / f"{name}.json").read_text(encoding="utf-8")


async def test_the_library_is_asked_for_once_and_without_a_query(
    mocked: aioresponses, sonarr: SonarrApiManager
) -> None:
    url = URL(f"{API}/series")
    mocked.get(url, body="[]", content_type="application/json; charset=utf-8")
    assert [record async for batch in sonarr.all_media() for record in batch] == []
    assert list(mocked.requests) == [("GET", url)]
    (call,) = mocked.requests["GET", url]
    assert call.kwargs["headers"]["X-Api-Key"] == "k3y"
    assert call.kwargs["allow_redirects"] is False


async def test_series_of_every_version_are_decoded_from_one_list(
    mocked: aioresponses, sonarr: SonarrApiManager
) -> None:
    body = "[" + ",".join(map(_fixture, EXPECTED)) + "]"
    mocked.get(f"{API}/series", body=body, content_type="application/json")
    records = [record async for batch in sonarr.all_media() for record in batch]
    assert [without_facts(record) for record in records] == list(EXPECTED.values())


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_series_is_decoded_from_its_own_address(
    mocked: aioresponses, sonarr: SonarrApiManager, name: str
) -> None:
    series = EXPECTED[name]
    mocked.get(f"{API}/series/{series.id}", body=_fixture(name), content_type="application/json")
    assert without_facts(await sonarr.media(series.id)) == series


async def test_a_series_that_sonarr_3_does_not_know_is_gone(
    mocked: aioresponses, sonarr: SonarrApiManager
) -> None:
    said = {"message": "Series with ID 23 does not exist", "description": "NzbDrone.Core.Exception: at /app"}
    mocked.get(f"{API}/series/23", status=404, payload=said)
    assert await sonarr.media(23) is None


async def test_root_folders_are_asked_for_at_the_api(mocked: aioresponses, sonarr: SonarrApiManager) -> None:
    folders = [{"path": "/tv/", "accessible": False, "id": 1}]
    mocked.get(f"{API}/rootfolder", payload=folders)
    assert list(await sonarr.root_folders()) == ["/tv/"]


async def test_sonarr_is_known_by_its_name(mocked: aioresponses, sonarr: SonarrApiManager) -> None:
    mocked.get(f"{API}/system/status", payload={"appName": "Sonarr", "version": "4.0.19.2979"})
    assert await sonarr.system_status() == SystemStatus(app_name="Sonarr", version="4.0.19.2979")


async def test_a_radarr_at_sonarrs_address_is_refused(mocked: aioresponses, sonarr: SonarrApiManager) -> None:
    mocked.get(f"{API}/system/status", payload={"appName": "Radarr", "version": "6.3.0.10514"})
    with pytest.raises(ProviderRejectedError, match="is Radarr, not Sonarr"):
        await sonarr.system_status()
