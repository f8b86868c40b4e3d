"""What people mean as a trailer and no media server shows, and what hides the others in Jellyfin."""

from __future__ import annotations

import re

import pytest

from trailarrd.domain.misnamed import Judged, better_name, hiding
from trailarrd.domain.trailers import STANDARD, TrailerRules

SHOWS = TrailerRules(part_folders=re.compile("season [0-9]+"), parts=re.compile("s[0-9]+e[0-9]+"))
ARTISTS = TrailerRules(stems=frozenset(), suffixes=(), folders=(("music videos",), ("trailers",)))


def better(path: str, main_file: str | None = None, rules: TrailerRules = STANDARD) -> str | None:
    verdict = rules.judge(path, main_file=main_file)
    return better_name(rules, Judged(path, verdict), main_file, {"ronja-trailer.webm"})


@pytest.mark.parametrize(
    ("path", "main_file", "name"),
    [
        ("Official Trailer.mp4", "Ronja (1984).mkv", "Ronja (1984)-trailer.mp4"),
        ("Trailer/x.MKV", "Ronja (1984).mkv", "Ronja (1984)-trailer.MKV"),
        ("Extras/Trailers/x.mkv", "Ronja.1984.mkv", "Ronja.1984-trailer.mkv"),
        ("Ronja trailer.webm", "Ronja.mkv", "Ronja-trailer2.webm"),
        ("Ronja-trailer.mkv", "Film/Ronja.mkv", "Film/Ronja-trailer.mkv"),
        ("trailer 1.mkv", "BDMV/index.bdmv", "disc-trailer.mkv"),
        ("Official Trailer.mkv", None, "Trailers/Official Trailer.mkv"),
    ],
)
def test_the_name_that_would_count_is_the_one_that_most_servers_see(
    path: str, main_file: str | None, name: str
) -> None:
    assert better(path, main_file) == name
    assert STANDARD.judge(name, main_file=main_file).counts


@pytest.mark.parametrize(
    "path",
    [
        "Ronja.mkv",
        "Ronja-trailer.mkv",
        "Ronja trailer.jpg",
        "Ronja trailer.ogg",
        "Ronja trailer.mkv.part",
        ".Ronja trailer.mkv",
        "Trailers/sample.mkv",
    ],
)
def test_what_is_no_such_video_gets_no_other_name(path: str) -> None:
    assert better(path, "Ronja.mkv") is None


def test_an_episode_and_what_lies_with_a_season_stay_where_they_are() -> None:
    assert better("Show S01E02 The Trailer.mkv", rules=SHOWS) is None
    assert better("Season 1/Extras/x-trailer.mkv", rules=SHOWS) is None
    assert better("Season 1/The Trailer.mkv", rules=SHOWS) is None
    assert better("Show trailer.mkv", rules=SHOWS) == "Trailers/Show trailer.mkv"


def test_a_kind_without_suffixes_has_a_folder_for_it() -> None:
    assert better("Tour Trailer.mkv", rules=ARTISTS) == "Music Videos/Tour Trailer.mkv"
    nowhere = TrailerRules(suffixes=(), folders=())
    assert better("Tour Trailer.mkv", rules=nowhere) is None


def hides(
    *files: str, main_file: str | None = "Ronja (1984).mkv", rules: TrailerRules = STANDARD
) -> list[str]:
    judged = [Judged(path, rules.judge(path, main_file=main_file)) for path in (main_file or "", *files)]
    return hiding(rules, judged, "Ronja (1984)", main_file)


@pytest.mark.parametrize(
    "stray",
    [
        "Ronja trailer.mkv",
        "Ronja (1984) teaser.mkv",
        "trailer1.mkv",
        "teaser.mkv",
        "Making of.mp4",
        "Akira.mkv",
    ],
)
@pytest.mark.parametrize("trailer", ["Ronja (1984)-trailer.mkv", "Trailers/x.mkv"])
def test_another_video_beside_a_movie_hides_all_its_trailers(stray: str, trailer: str) -> None:
    assert hides(trailer, stray) == [stray]


@pytest.mark.parametrize("stray", ["Bonus/x.mkv", "Trailer/x.mkv", "Bonus/more/x-trailer.mkv"])
def test_a_video_in_another_folder_hides_those_beside_the_movie_only(stray: str) -> None:
    assert hides("Ronja (1984)-trailer.mkv", stray) == [stray]
    assert hides("Ronja (1984)-trailer.mkv", "Trailers/x.mkv", stray) == []


@pytest.mark.parametrize(
    "file",
    [
        "Ronja (1984) - 2160p.mkv",
        "Ronja - 2160p.mkv",
        "Ronja (1984) Bluray-1080p.mkv",
        "Ronja.1984.2160p.WEB.mkv",
        "Ronja (1984) [Extended].mkv",
        "Ronja cd2.mkv",
        "Ronja (1984) part 2.mkv",
        "Ronja (1984)-featurette.mkv",
        "anything-clip.mkv",
        "sample.mkv",
        "Ronja sample.mkv",
        "theme.mkv",
        "x_trailer.mkv",
        "teaser.jpg",
        ".teaser.mkv",
        "teaser.mkv.part",
        "Extras/x.mkv",
        "Behind the Scenes/x-trailer.mkv",
        "backdrops/x.mkv",
        "CD2/x.mkv",
        "@eaDir/x.mkv",
        "Bonus/x.srt",
    ],
)
def test_versions_parts_and_extras_do_no_harm(file: str) -> None:
    assert hides("Ronja (1984)-trailer.mkv", file) == []


def test_only_movies_have_strays_and_only_where_a_trailer_counts() -> None:
    assert hides("teaser.mkv") == []
    assert hides("x-trailer.mkv", "Pilot.mkv", main_file=None, rules=SHOWS) == []
    assert hides("Trailers/x.mkv", "Song.mkv", main_file="Album.mkv", rules=ARTISTS) == []


def test_a_movie_in_a_folder_within_is_hidden_by_what_lies_there() -> None:
    files = ("Film/Ronja-trailer.mkv", "Film/Teaser.mkv", "Making of.mkv")
    assert hides(*files, main_file="Film/Ronja.mkv") == ["Film/Teaser.mkv"]
    assert hides("Film/Ronja-trailer.mkv", "Making of.mkv", main_file="Film/Ronja.mkv") == []
