"""Where a trailer belongs: a name that our own rules count, and that as many servers show as can."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.domain.media import Media
from trailarrd.domain.misnamed import Judged
from trailarrd.domain.paths import LocalPath, RemotePath
from trailarrd.domain.target import NoTarget, Target, target_of
from trailarrd.domain.trailers import STANDARD, TrailerRules

FOLDER = LocalPath("/media/Ronja (1984)")
SHOWS = TrailerRules(part_folders=re.compile("season [0-9]+"), parts=re.compile("s[0-9]+e[0-9]+"))
ARTISTS = TrailerRules(stems=frozenset(), suffixes=(), folders=(("music videos",), ("trailers",)))


def media(main_file: str | None = "Ronja.mkv", title: str = "Ronja", has_file: bool | None = True) -> Media:
    return Media(
        arr_id=1,
        title=title,
        path=RemotePath("/movies/Ronja (1984)"),
        monitored_remotely=True,
        year=1984,
        main_file=main_file,
        has_file=has_file,
    )


def target(main_file: str | None, rules: TrailerRules = STANDARD, files: tuple[str, ...] = ()) -> Target:
    judged = [Judged(file, rules.judge(file, main_file=main_file)) for file in files]
    found = target_of(media(main_file), FOLDER, rules, files=judged)
    assert isinstance(found, Target)
    return found


@pytest.mark.parametrize(
    ("main_file", "rules", "inside", "stem", "blind"),
    [
        ("Ronja.1984.1080p.mkv", STANDARD, "", "Ronja.1984.1080p-trailer", ()),
        ("Film/Ronja.mkv", STANDARD, "Film", "Ronja-trailer", ()),
        (f"{'ü' * 122}.mkv", STANDARD, "", "movie-trailer", ()),
        ("BDMV/index.bdmv", STANDARD, "", "movie-trailer", ()),
        ("VIDEO_TS/VIDEO_TS.IFO", STANDARD, "", "movie-trailer", ("Jellyfin",)),
        (None, STANDARD, "Trailers", "Ronja (1984)", ("Kodi",)),
        (None, SHOWS, "Trailers", "Ronja (1984)", ()),
        (None, ARTISTS, "Music Videos", "Ronja (1984)", ()),
    ],
)
def test_beside_the_own_video_or_in_a_folder_for_trailers(
    main_file: str | None, rules: TrailerRules, inside: str, stem: str, blind: tuple[str, ...]
) -> None:
    assert target(main_file, rules) == Target(FOLDER, inside, stem, blind)


@pytest.mark.parametrize(
    ("file", "path", "blind"),
    [
        ("Bonus/Making of.mkv", "Trailers/Ronja (1984)", ("Kodi",)),
        ("Trailer/x.mkv", "Trailers/Ronja (1984)", ("Kodi",)),
        ("Ronja teaser.mkv", "Ronja-trailer", ("Jellyfin",)),
        ("Featurettes/x.mkv", "Ronja-trailer", ()),
        ("Subs/Ronja.srt", "Ronja-trailer", ()),
        ("Ronja cd2.mkv", "Ronja-trailer", ()),
        ("Trailers/x.mkv", "Ronja-trailer", ()),
    ],
)
def test_another_video_that_hides_it_sends_it_where_jellyfin_looks(
    file: str, path: str, blind: tuple[str, ...]
) -> None:
    found = target("Ronja.mkv", files=("Ronja.mkv", file))
    assert (found.path, found.not_shown_by) == (f"{FOLDER}/{path}", blind)


def test_where_no_trailer_belongs_the_reason_is_told() -> None:
    nothing = TrailerRules(stems=frozenset(), suffixes=(), folders=())
    assert target_of(media(), None, STANDARD) is NoTarget.NO_LOCAL_PATH
    assert target_of(media(has_file=False), FOLDER, STANDARD) is NoTarget.NO_FILE
    assert target_of(media(), FOLDER, STANDARD, contradicted=True) is NoTarget.CONTRADICTED
    assert target_of(media(), FOLDER, nothing) is NoTarget.NO_NAME


names = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="/\0"), min_size=1).filter(
    lambda name: name.strip() and name not in (".", "..") and len(name.encode()) <= 255
)
main_files = st.none() | names | st.builds("{}/{}".format, names, names)


@given(names, main_files, st.sampled_from([STANDARD, SHOWS, ARTISTS]), st.lists(names | main_files))
def test_whatever_is_put_there_counts(
    title: str, main_file: str | None, rules: TrailerRules, others: list[str | None]
) -> None:
    files = [Judged(one, rules.judge(one, main_file=main_file)) for one in others if one]
    found = target_of(media(main_file, title), FOLDER, rules, files=files)
    assert isinstance(found, Target)
    path = f"{found.path}.webm".removeprefix(f"{FOLDER}/")
    assert rules.judge(path, main_file=main_file).counts
    assert all(0 < len(name.encode()) <= 255 for name in path.split("/"))
