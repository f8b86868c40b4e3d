"""Which trailers in a show's folder are the show's, and which a season's or an episode's."""

from __future__ import annotations

import pytest

from trailarrd_sonarr.trailers import TRAILERS


@pytest.mark.parametrize(
    "path",
    [
        "a-trailer1.mkv",
        "Show 1920x1080 x264-trailer.mkv",
        "Show.AAC2.0x264.trailer.mkv",
        "2012_trailer.mkv",
        "trailer.mkv",
        "Trailers/x.mkv",
    ],
)
def test_the_shows_own_trailers_count_as_for_any_item(path: str) -> None:
    assert TRAILERS.judge(path).counts


@pytest.mark.parametrize(
    "name",
    ["Show S01E02", "Show S2024E001", "Show.S01.E02", "Show 1x02", "Show 2024.05.17", "Show 17-05-2024"],
)
def test_an_episodes_number_or_date_changes_nothing_in_a_trailers_folder_or_before_a_suffix(
    name: str,
) -> None:
    assert TRAILERS.judge(f"Trailers/{name}.mkv") == "folder"
    assert TRAILERS.judge(f"{name}-TRAILER.mkv") == "suffix"
    assert TRAILERS.judge(f"{name}.trailer2.mkv") == "suffix"


@pytest.mark.parametrize(
    "name",
    [
        "The Trailer S01E02",
        "Show s1e2 trailer",
        "Show 10x123 trailer",
        "Show 2024.05.17 trailer",
        "Show 17-05-2024 Official Trailer",
    ],
)
def test_an_episode_is_no_trailer(name: str) -> None:
    assert TRAILERS.judge(f"{name}.mkv") == "part"


@pytest.mark.parametrize(
    "path",
    [
        "Season 01/Trailers/x.mkv",
        "S01/trailer.mkv",
        "Specials/x-trailer.mkv",
        "Season 2024/Show S2024E01-trailer.mkv",
    ],
)
def test_a_trailer_of_a_season_or_an_episode_is_not_the_shows(path: str) -> None:
    assert TRAILERS.judge(path) == "part-folder"


def test_thumbnails_of_a_nas_are_hidden_in_a_season_too() -> None:
    assert TRAILERS.judge("Season 01/@eaDir/x-trailer.mkv") == "hidden"
