"""Sonarr's series becomes a Media; the fixtures have the shapes of Sonarr 3, 4 and 5."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from trailarrd.plugin import Details, Media, ReleaseStatus, RemotePath
from trailarrd_sonarr.api import SeriesRecord
from trailarrd_sonarr.parser import parse_series

FIXTURES = Path(__file__).parent / "fixtures"

EXPECTED = {
    "series-4": Media(
        arr_id=8,
        title="Quiet Ports",
        path=RemotePath("/tv/Quiet Ports"),
        monitored_remotely=True,
        year=2024,
        external_ids={"tvdb": "412000", "tmdb": "138000", "tvmaze": "58000", "imdb": "tt15570000"},
        has_file=True,
        details=Details(
            sort_title="quiet ports",
            original_language="English",
            status=ReleaseStatus.ENDED,
            release_date=date(2024, 9, 18),
            added=datetime(2024, 8, 25, 23, 4, 2, tzinfo=UTC),
            runtime=40,
            genres=(),
            studio="Net",
            tags=(),
            seasons=1,
            slug="quiet-ports",
            overview="Nine harbours.",
        ),
    ),
    "series-5": Media(
        arr_id=21,
        title="Salt Roads",
        path=RemotePath("/tv/Salt Roads"),
        monitored_remotely=True,
        year=2026,
        external_ids={"tvdb": "500005"},
        details=Details(
            sort_title="salt roads",
            original_language="German",
            status=ReleaseStatus.ANNOUNCED,
            release_date=date(2026, 12, 1),
            added=datetime(2026, 6, 21, 8, tzinfo=UTC),
            runtime=45,
            genres=("Drama", "History"),
            certification="TV-14",
            tags=(4,),
            seasons=2,  # specials are none
            slug="salt-roads",
            overview="Carts, and who pulls them.",
        ),
    ),
    "series-3": Media(
        arr_id=3,
        title="Lamplighters",
        path=RemotePath("\\\\nas\\tv\\Lamplighters"),
        monitored_remotely=False,
        external_ids={"tvdb": "70001"},
        details=Details(
            sort_title="lamplighters",
            status=ReleaseStatus.CONTINUING,
            added=datetime(2020, 12, 5, 23, 59, 37, 661947, tzinfo=UTC),
        ),
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_series_of_each_version_becomes_the_media_that_it_is(name: str) -> None:
    record = msgspec.json.decode((FIXTURES / f"{name}.json").read_bytes(), type=SeriesRecord)
    assert parse_series(record).fitting() == EXPECTED[name]


@pytest.mark.parametrize(
    ("statistics", "has_file"),
    [
        ({"episodeFileCount": 9, "totalEpisodeCount": 12}, True),
        ({"episodeFileCount": 0, "totalEpisodeCount": 12}, False),
        ({"episodeFileCount": 0}, False),
        ({"episodeFileCount": 0, "totalEpisodeCount": 0}, None),
        ({}, None),
        (None, None),
    ],
)
def test_sonarr_has_a_file_if_it_has_one_of_any_episode(statistics: object, has_file: bool | None) -> None:
    record = {"id": 7, "title": "T", "path": "/tv/T", "statistics": statistics}
    assert parse_series(msgspec.convert(record, SeriesRecord)).has_file is has_file


def test_every_field_but_id_title_and_path_may_be_absent() -> None:
    record = msgspec.convert({"id": 7, "title": "T", "path": "/tv/T"}, SeriesRecord)
    assert parse_series(record) == Media(
        arr_id=7, title="T", path=RemotePath("/tv/T"), monitored_remotely=False
    )
