"""Sonarr's series becomes a Media; the fixtures have the shapes of Sonarr 3 and 4."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from trailarrd.plugin import Media, RemotePath
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
    ),
    "series-3": Media(
        arr_id=3,
        title="Lamplighters",
        path=RemotePath("\\\\nas\\tv\\Lamplighters"),
        monitored_remotely=False,
        external_ids={"tvdb": "70001"},
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_series_of_each_version_becomes_the_media_that_it_is(name: str) -> None:
    record = msgspec.json.decode((FIXTURES / f"{name}.json").read_bytes(), type=SeriesRecord)
    assert parse_series(record) == EXPECTED[name]


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
