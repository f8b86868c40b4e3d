"""Radarr's movie becomes a Media; the fixtures have the shapes of Radarr 3 and 6."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from trailarrd.plugin import Media, RemotePath
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
    ),
    "movie-6-announced": Media(
        arr_id=340,
        title="Untitled Sequel",
        path=RemotePath("D:\\Movies\\Untitled Sequel ()"),
        monitored_remotely=False,
        has_file=False,
    ),
    "movie-3": Media(
        arr_id=1,
        title="Old Lantern",
        path=RemotePath("/data/movies/Old Lantern (2008)"),
        monitored_remotely=False,
        year=2008,
        external_ids={"tmdb": "155001"},
        has_file=False,
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_movie_of_each_version_becomes_the_media_that_it_is(name: str) -> None:
    record = msgspec.json.decode((FIXTURES / f"{name}.json").read_bytes(), type=MovieRecord)
    assert parse_movie(record) == EXPECTED[name]


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
