"""Radarr's movie becomes a Media; the fixtures have the shapes of Radarr 3 to 6."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from trailarrd.plugin import Details, Media, ReleaseStatus, RemotePath
from trailarrd_radarr.api import MovieRecord
from trailarrd_radarr.parser import parse_movie

FIXTURES = Path(__file__).parent / "fixtures"

EXPECTED = {
    "movie-6": Media(
        arr_id=12,
        title="The Long Harbour",
        path=RemotePath("/movies/The Long Harbour (2019)"),
        monitored_remotely=True,
        year=2019,
        external_ids={"tmdb": "501234", "imdb": "tt1234567"},
        youtube_trailer_id="a1B2c3D4e5F",
        main_file="The Long Harbour (2019) Bluray-1080p.mkv",
        has_file=True,
        details=Details(
            sort_title="long harbour",
            original_title="Der lange Hafen",
            original_language="German",
            status=ReleaseStatus.RELEASED,
            added=datetime(2021, 1, 2, 3, 4, 5, tzinfo=UTC),
            runtime=101,
            genres=("Drama",),
            tags=(1,),
            slug="501234",
            overview='A pilot "comes" home.\nTwice.',
        ),
    ),
    "movie-5": Media(
        arr_id=61,
        title="Harbour Lights 2",
        path=RemotePath("/movies/Harbour Lights 2 (2024)"),
        monitored_remotely=True,
        year=2024,
        external_ids={"tmdb": "600061", "imdb": "tt7654321"},
        has_file=False,
        details=Details(
            sort_title="harbour lights 2",
            original_title="港の灯り 2",
            original_language="Japanese",
            status=ReleaseStatus.IN_CINEMAS,
            release_date=date(2024, 8, 20),
            added=datetime(2024, 3, 22, 14, 59, 23, tzinfo=UTC),
            runtime=97,
            genres=("Drama", "Family"),
            studio="Northlight",
            certification="PG-13",
            collection="Harbour Lights",
            tags=(2, 1),
            slug="600061",
            overview="The lamps again.",
        ),
    ),
    "movie-6-announced": Media(
        arr_id=340,
        title="Untitled Sequel",
        path=RemotePath("D:\\Movies\\Untitled Sequel ()"),
        monitored_remotely=False,
        has_file=False,
        details=Details(original_title="Untitled Sequel", status=ReleaseStatus.ANNOUNCED, genres=(), tags=()),
    ),
    "movie-4": Media(
        arr_id=18,
        title="Nine Salt Keys",
        path=RemotePath("/movies/Nine Salt Keys (2021)"),
        monitored_remotely=True,
        year=2021,
        external_ids={"tmdb": "640018", "imdb": "tt9080706"},
        youtube_trailer_id="kEyS_of-5aL",
        main_file="Nine Salt Keys (2021) WEBDL-1080p.mkv",
        has_file=True,
        details=Details(
            sort_title="nine salt keys",
            original_title="Neuf clés de sel",
            original_language="French",
            status=ReleaseStatus.RELEASED,
            release_date=date(2021, 7, 1),
            added=datetime(2022, 2, 11, 20, 15, tzinfo=UTC),
            runtime=93,
            genres=("Crime",),
            studio="Marais",
            certification="R",
            tags=(),
            slug="640018",
            overview="A locksmith by the sea.",
        ),
    ),
    "movie-3": Media(
        arr_id=1,
        title="Old Lantern",
        path=RemotePath("/data/movies/Old Lantern (2008)"),
        monitored_remotely=False,
        year=2008,
        external_ids={"tmdb": "155001"},
        has_file=False,
        details=Details(
            original_title="Old Lantern",
            status=ReleaseStatus.RELEASED,
            added=datetime(2020, 12, 5, 23, 59, 37, 661947, tzinfo=UTC),
            collection="Lanterns",
        ),
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_movie_of_each_version_becomes_the_media_that_it_is(name: str) -> None:
    record = msgspec.json.decode((FIXTURES / f"{name}.json").read_bytes(), type=MovieRecord)
    assert parse_movie(record).fitting() == EXPECTED[name]


@pytest.mark.parametrize(
    ("digital", "physical", "at_home"),
    [
        ("2020-05-01", "2020-07-01", date(2020, 5, 1)),
        ("2020-07-01", "2020-05-01", date(2020, 5, 1)),
        (None, "2020-05-01", date(2020, 5, 1)),
        ("2020-05-01", None, date(2020, 5, 1)),
        ("0001-01-01", "2020-05-01", date(2020, 5, 1)),
        ("2020-05-01", "0001-01-01", date(2020, 5, 1)),
        (None, None, None),
    ],
)
def test_it_can_be_watched_at_home_from_the_first_release_for_that_on(
    digital: str | None, physical: str | None, at_home: date | None
) -> None:
    days = {"digitalRelease": digital, "physicalRelease": physical}
    told = {name: f"{day}T00:00:00Z" for name, day in days.items() if day}
    assert parse_movie(msgspec.convert(_minimal(**told), MovieRecord)).details.release_date == at_home


def _minimal(**fields: Any) -> dict[str, Any]:
    return {"id": 7, "title": "T", "path": "/m/T", **fields}


def test_every_field_but_id_title_and_path_may_be_absent() -> None:
    media = parse_movie(msgspec.convert(_minimal(), MovieRecord))
    assert media == Media(arr_id=7, title="T", path=RemotePath("/m/T"), monitored_remotely=False)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"id": 0}, "arr_id"),
        ({"id": -3}, "arr_id"),
        ({"id": 2**63}, "arr_id"),
        ({"title": ""}, "title"),
        ({"title": " "}, "title"),
        ({"path": ""}, "path"),
        ({"year": 12345}, "year"),
        ({"title": "a\0b"}, "title"),
    ],
)
def test_a_value_that_cannot_be_stored_names_its_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=field):
        parse_movie(msgspec.convert(_minimal(**fields), MovieRecord))
