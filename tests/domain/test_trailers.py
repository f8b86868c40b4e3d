"""Which names count as a trailer: reference values from the media servers' own documentation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.domain.trailers import STANDARD, FileFacts, Verdict, is_same_file, preference

REAL = FileFacts(regular=True, size=1)


@pytest.mark.parametrize(
    "path",
    [
        "Heat (1995)-trailer.mkv",
        "a-Trailer.MKV",
        "a-trailer1.mkv",
        "a.trailer23.mov",
        "_trailer.ts",
        "a trailer.dvr-ms",
        "Amélie-trailer.mkv",
        "Movie 1920x1080 x264 trailer.mkv",
        "Movie.AAC2.0x264.trailer.mkv",
        "2012 trailer.mkv",
    ],
)
def test_a_suffix_with_or_without_digits_makes_a_trailer(path: str) -> None:
    assert STANDARD.judge(path) is Verdict.SUFFIX


@pytest.mark.parametrize("path", ["trailer.mkv", "Trailer.MP4"])
def test_the_bare_word_makes_a_trailer(path: str) -> None:
    assert STANDARD.judge(path) is Verdict.STEM


@pytest.mark.parametrize("path", ["Trailers/x.mkv", "tRAILERS/trailer.mkv", "EXTRAS/Trailers/x.mkv"])
def test_every_video_in_a_trailers_folder_is_one(path: str) -> None:
    assert STANDARD.judge(path) is Verdict.FOLDER


@pytest.mark.parametrize(
    "name",
    [
        "The Trailer S01E02",
        "Show s1e2 trailer",
        "Show S2024E001.trailer",
        "Show.S01.E02_trailer",
        "Show S01E02-trailer2",
        "Show 1x02 trailer",
        "Show 10x123.trailer",
        "Show 2024.05.17 trailer",
        "Show 17-05-2024 trailer",
    ],
)
@pytest.mark.parametrize("folder", ["", "Trailers/"])
def test_an_episode_is_no_trailer_wherever_it_lies(folder: str, name: str) -> None:
    assert STANDARD.judge(f"{folder}{name}.mkv") is Verdict.EPISODE


@pytest.mark.parametrize("name", ["Show S01E02", "Show 1x02", "Show 2024-05-17"])
def test_exactly_the_trailer_suffix_outranks_an_episode_number(name: str) -> None:
    assert STANDARD.judge(f"{name}-trailer.mkv") is Verdict.SUFFIX
    assert STANDARD.judge(f"{name}-TRAILER.mkv") is Verdict.SUFFIX


@pytest.mark.parametrize(
    "path",
    [
        "Season 01/Trailers/x.mkv",
        "season 1/Extras/Trailers/x.mkv",
        "S01/trailer.mkv",
        "Specials/x-trailer.mkv",
        "Season 2024/Show S2024E01-trailer.mkv",
    ],
)
def test_a_trailer_of_a_season_or_an_episode_is_not_the_shows(path: str) -> None:
    assert STANDARD.judge(path) is Verdict.SEASON


@pytest.mark.parametrize(
    "path",
    [
        "Trailer/x-trailer.mkv",
        "Extras/x-trailer.mkv",
        "backdrops/trailer.mkv",
        "Trailers/more/x-trailer.mkv",
        "Extras/Extras/Trailers/x.mkv",
    ],
)
def test_other_folders_hold_no_trailers(path: str) -> None:
    assert STANDARD.judge(path) is Verdict.OTHER_FOLDER


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        ("x-trailer.jpg", Verdict.NOT_A_VIDEO),
        ("x-trailer.mkv.nfo", Verdict.NOT_A_VIDEO),
        ("x-trailer", Verdict.NOT_A_VIDEO),
        ("mkv", Verdict.NOT_A_VIDEO),
        ("Trailers/mkv", Verdict.NOT_A_VIDEO),
        ("x-trailer.mkv ", Verdict.NOT_A_VIDEO),
        ("", Verdict.NOT_A_VIDEO),
        ("Trailers/", Verdict.NOT_A_VIDEO),
        ("Trailers/x.mkv.part", Verdict.UNFINISHED),
        ("x-trailer.mkv.TMP", Verdict.UNFINISHED),
        ("._x-trailer.mkv", Verdict.HIDDEN),
        (".trailer.mkv", Verdict.HIDDEN),
        (".Trailers/x.mkv", Verdict.HIDDEN),
        ("Trailers/@eaDir/x.mkv", Verdict.HIDDEN),
        ("Season 01/@eaDir/x-trailer.mkv", Verdict.HIDDEN),
        ("Trailer Park Boys.mkv", Verdict.NOT_NAMED),
        ("trailer2.mkv", Verdict.NOT_NAMED),
        ("x-trailers.mkv", Verdict.NOT_NAMED),
        ("x-trailer-de.mkv", Verdict.NOT_NAMED),
        ("x-trailer٢.mkv", Verdict.NOT_NAMED),
    ],
)
def test_each_near_miss_has_its_reason(path: str, verdict: Verdict) -> None:
    assert STANDARD.judge(path, REAL) is verdict


@pytest.mark.parametrize(
    ("path", "main_file"),
    [
        ("The Trailer.mkv", "The Trailer.mkv"),
        ("the trailer.mkv", "The Trailer.MKV"),
        ("Ame\u0301lie trailer.mkv", "Am\u00e9lie trailer.mkv"),
        ("Trailers/x.mkv", "Trailers\\x.mkv"),
    ],
)
def test_the_items_own_video_is_never_its_trailer(path: str, main_file: str) -> None:
    assert STANDARD.judge(path, REAL).counts
    assert STANDARD.judge(path, REAL, main_file=main_file) is Verdict.MAIN_FILE


def test_another_file_than_the_items_own_is_judged_as_ever() -> None:
    assert STANDARD.judge("The Trailer-trailer.mkv", main_file="The Trailer.mkv").counts
    assert not is_same_file("sub/a.mkv", "a.mkv")


@pytest.mark.parametrize("path", ["x-trailer.mkv", "trailer.mkv", "Trailers/x.mkv"])
def test_a_fitting_name_needs_a_regular_file_that_holds_something(path: str) -> None:
    assert STANDARD.judge(path, FileFacts(regular=False, size=9)) is Verdict.NOT_A_FILE
    assert STANDARD.judge(path, FileFacts(regular=True, size=0)) is Verdict.EMPTY
    assert STANDARD.judge(path, FileFacts(regular=True, size=1)).counts


def test_of_several_trailers_the_order_is_suffix_bare_word_folder_then_name() -> None:
    ordered = [
        "a-trailer.mkv",
        "B-trailer.mkv",
        "b-trailer.mkv",
        "trailer.mkv",
        "Trailers/z.mkv",
        "Extras/Trailers/a.mkv",
    ]
    jumbled = [*ordered[3:], *ordered[:3]]
    assert sorted(jumbled, key=lambda p: preference(STANDARD.judge(p), p)) == ordered


def test_only_the_three_naming_rules_count() -> None:
    assert [verdict for verdict in Verdict if verdict.counts] == ["suffix", "stem", "folder"]


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_a_sentence_for_the_user(verdict: Verdict) -> None:
    assert verdict.sentence
    assert verdict.sentence[0].islower()
    assert not verdict.sentence.endswith(".")


# Any text, lone surrogates included, and texts made of the very pieces the rules look for.
pieces = st.sampled_from(
    [
        "trailer",
        "-trailer",
        "Trailers",
        "Extras",
        "/",
        ".",
        "..",
        "mkv",
        ".mkv",
        "S01E02",
        "1x02",
        "\\",
        "é",
        "\udcff",
    ]
)
names = st.text() | st.lists(pieces).map("".join)


@given(path=names, main_file=st.none() | names, regular=st.booleans(), size=st.integers(-1, 2))
def test_there_is_a_verdict_on_every_name(path: str, main_file: str | None, regular: bool, size: int) -> None:
    verdict = STANDARD.judge(path, FileFacts(regular, size), main_file=main_file)
    assert isinstance(verdict, Verdict)
    if verdict.counts:
        assert regular
        assert size > 0
        assert path != main_file
        assert STANDARD.judge(path) is verdict


@given(path=names)
def test_ascii_case_makes_no_difference(path: str) -> None:
    swapped = "".join(c.swapcase() if c.isascii() else c for c in path)
    assert STANDARD.judge(path) is STANDARD.judge(swapped)


@given(path=names)
def test_the_cheap_first_question_never_turns_a_trailer_away(path: str) -> None:
    assert STANDARD.may_count(path.rpartition("/")[2]) or not STANDARD.judge(path).counts
