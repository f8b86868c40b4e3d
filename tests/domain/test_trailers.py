"""Which names count as a trailer: reference values from the media servers' own documentation."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.domain.trailers import STANDARD, FileFacts, TrailerRules, Verdict, is_same_file, preference

REAL = FileFacts(regular=True, size=1)


@pytest.mark.parametrize(
    "path",
    [
        "Heat (1995)-trailer.mkv",
        "a-Trailer.MKV",
        "a-trailer1.mkv",
        "a.trailer23.mov",
        "_trailer.ts",
        "a - trailer.dvr-ms",
        "a- Trailer3.mkv",
        "Amélie-trailer.mkv",
        "Movie 1920x1080 x264-trailer.mkv",
        "Movie.AAC2.0x264.trailer.mkv",
        "2012_trailer.mkv",
        "sample-trailer.mkv",
        "Ronja S01E02-trailer.mkv",
    ],
)
def test_a_suffix_with_or_without_digits_makes_a_trailer(path: str) -> None:
    assert STANDARD.judge(path) is Verdict.SUFFIX


@pytest.mark.parametrize("path", ["trailer.mkv", "Trailer.MP4"])
def test_the_bare_word_makes_a_trailer(path: str) -> None:
    assert STANDARD.judge(path) is Verdict.STEM


@pytest.mark.parametrize(
    "path", ["Trailers/x.mkv", "tRAILERS/trailer.mkv", "Trailers/x-clip.mkv", "Trailers/S01E01.mkv"]
)
def test_every_video_in_a_trailers_folder_is_one(path: str) -> None:
    assert STANDARD.judge(path) is Verdict.FOLDER


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        ("Side A trailer.mkv", Verdict.PART),
        ("Trailers/Side B.mkv", Verdict.FOLDER),
        ("Side A-trailer.mkv", Verdict.SUFFIX),
        ("Side A.trailer2.mkv", Verdict.SUFFIX),
        ("Disc 1/Trailers/x.mkv", Verdict.PART_FOLDER),
        ("Disc 1/x-trailer.mkv", Verdict.PART_FOLDER),
        ("Disc 1/x.mkv", Verdict.NOT_NAMED),
        ("Disc 1/Other/x-trailer.mkv", Verdict.OTHER_FOLDER),
        ("Disc 1/@eaDir/x-trailer.mkv", Verdict.HIDDEN),
        ("Discs/Trailers/x.mkv", Verdict.OTHER_FOLDER),
        ("x-trailer.mkv", Verdict.SUFFIX),
    ],
)
def test_of_a_kind_with_parts_a_parts_trailer_is_not_the_items(path: str, verdict: Verdict) -> None:
    rules = TrailerRules(parts=re.compile("side [ab]"), part_folders=re.compile("disc [0-9]"))
    assert rules.judge(path) is verdict


@pytest.mark.parametrize("path", ["x S01E02.trailer.mkv", "1x02-trailer.mkv", "Trailers/2024-05-17.mkv"])
def test_an_item_has_no_parts_unless_its_provider_says_so(path: str) -> None:
    assert STANDARD.judge(path).counts


def test_a_kind_can_have_its_own_folders_and_no_suffix() -> None:
    artists = TrailerRules(suffixes=(), stems=frozenset(), folders=(("trailers",), ("music videos",)))
    assert artists.judge("Music Videos/Song.mkv") is Verdict.FOLDER
    assert artists.judge("Trailers/Tour.mkv") is Verdict.FOLDER
    assert artists.judge("Song-trailer.mkv") is Verdict.NOT_NAMED
    assert artists.judge("trailer.mkv") is Verdict.NOT_NAMED
    assert artists.judge("Extras/Trailers/Tour.mkv") is Verdict.OTHER_FOLDER


def test_rules_of_which_nothing_is_said_are_the_standard_ones() -> None:
    assert TrailerRules() == STANDARD
    assert hash(TrailerRules()) == hash(STANDARD)


def test_the_same_rules_are_told_in_the_same_words_and_others_in_others() -> None:
    """In every process, although sets have no order and patterns no words of their own."""
    others = [
        TrailerRules(stems=frozenset({"teaser"})),
        TrailerRules(extensions=frozenset({"mkv"})),
        TrailerRules(parts=re.compile("side a")),
        TrailerRules(parts=re.compile("side a", re.ASCII)),
        TrailerRules(part_folders=re.compile("side a")),
    ]
    told = [rules.canonical for rules in (STANDARD, *others)]
    assert len(set(told)) == len(told)
    assert TrailerRules().canonical == STANDARD.canonical
    assert "frozenset" not in STANDARD.canonical


@pytest.mark.parametrize(
    ("rules", "error", "field"),
    [
        ({"suffixes": "-trailer"}, TypeError, "suffixes"),
        ({"suffixes": ["-trailer"]}, TypeError, "suffixes"),
        ({"suffixes": ("",)}, ValueError, "suffixes"),
        ({"suffixes": ("-Trailer",)}, ValueError, "suffixes"),
        ({"stems": frozenset({7})}, TypeError, "stems"),
        ({"folders": ("trailers",)}, TypeError, "folders"),
        ({"folders": ((),)}, ValueError, "folders"),
        ({"folders": (("extras/trailers",),)}, ValueError, "folders"),
        ({"extensions": {"mkv": "video"}}, TypeError, "extensions"),
        ({"part_suffix": ""}, ValueError, "part_suffix"),
        ({"parts": "s01e01"}, TypeError, "parts"),
        ({"halves": "temp"}, TypeError, "halves"),
        ({"samples": ("",)}, ValueError, "samples"),
        ({"part_folders": "season"}, TypeError, "part_folders"),
    ],
    ids=str,
)
def test_rules_that_fit_nothing_or_everything_are_refused_by_the_fields_name(
    rules: dict[str, Any], error: type[Exception], field: str
) -> None:
    with pytest.raises(error, match=rf"^{field} "):
        TrailerRules(**rules)


@pytest.mark.parametrize(
    "path",
    [
        "Trailer/x-trailer.mkv",
        "Extras/x-trailer.mkv",
        "backdrops/trailer.mkv",
        "Trailers/more/x-trailer.mkv",
        "Extras/Trailers/x.mkv",
        "Clips/Trailers/x.mkv",
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
        ("Trailer Park Boys.mkv", Verdict.NOT_NAMED),
        ("trailer2.mkv", Verdict.NOT_NAMED),
        ("x-trailers.mkv", Verdict.NOT_NAMED),
        ("x-trailer-de.mkv", Verdict.NOT_NAMED),
        ("x-trailer٢.mkv", Verdict.NOT_NAMED),
        ("x trailer.mkv", Verdict.NOT_NAMED),
        ("I rented a trailer.mp4", Verdict.NOT_NAMED),
        ("Official Trailer.mkv", Verdict.NOT_NAMED),
        ("x  -  trailer.mkv", Verdict.NOT_NAMED),
        ("x - Trailer 1.mkv", Verdict.NOT_NAMED),
        ("x – trailer.mkv", Verdict.NOT_NAMED),
        ("x-tra\u0131ler.mkv", Verdict.NOT_NAMED),
        ("x-trailer.ogg", Verdict.NOT_A_VIDEO),
        ("sample.mkv", Verdict.SAMPLE),
        ("Trailers/Sample.MP4", Verdict.SAMPLE),
        ("x-trailer.f137.mp4", Verdict.UNFINISHED),
        ("Trailers/x.f251-drc.webm", Verdict.UNFINISHED),
        ("Trailers/x.fhls-1080p.mp4", Verdict.UNFINISHED),
        ("Trailers/x.temp.mkv", Verdict.UNFINISHED),
    ],
)
def test_each_near_miss_has_its_reason(path: str, verdict: Verdict) -> None:
    assert STANDARD.judge(path, REAL) is verdict


@pytest.mark.parametrize(
    ("path", "main_file"),
    [
        ("The.Trailer.mkv", "The.Trailer.mkv"),
        ("the.trailer.mkv", "The.Trailer.MKV"),
        ("Ame\u0301lie_trailer.mkv", "Am\u00e9lie_trailer.mkv"),
        ("Trailers/x.mkv", "Trailers\\x.mkv"),
    ],
)
def test_the_items_own_video_is_never_its_trailer(path: str, main_file: str) -> None:
    assert STANDARD.judge(path, REAL).counts
    assert STANDARD.judge(path, REAL, main_file=main_file) is Verdict.MAIN_FILE


@pytest.mark.parametrize(
    "name", ["Grand.Prix.F1.mkv", "Grand Prix f137.mkv", "temp.mkv", "Trailer.Temp.Two.mkv"]
)
def test_what_only_resembles_a_half_is_whole(name: str) -> None:
    assert STANDARD.judge(f"Trailers/{name}").counts


@pytest.mark.parametrize(
    ("main_file", "path", "verdict"),
    [
        ("disk 2/Ronja.mkv", "disk 2/Ronja-trailer.mkv", Verdict.SUFFIX),
        ("disk 2/Ronja.mkv", "DISK 2/trailer.mkv", Verdict.STEM),
        ("disk 2/Ronja.mkv", "disk 2/Trailers/x.mkv", Verdict.FOLDER),
        ("disk 2/Ronja.mkv", "disk 2/Extras/x-trailer.mkv", Verdict.OTHER_FOLDER),
        ("disk 2/Ronja.mkv", "Ronja-trailer.mkv", Verdict.OTHER_FOLDER),
        ("disk 2/Ronja.mkv", "Trailers/x.mkv", Verdict.OTHER_FOLDER),
        ("a/b/Ronja.mkv", "a/Ronja-trailer.mkv", Verdict.OTHER_FOLDER),
        ("a/b/Ronja.mkv", "a/b/Ronja-trailer.mkv", Verdict.SUFFIX),
        ("Ame\u0301lie/x.mkv", "Am\u00e9lie/x-trailer.mkv", Verdict.SUFFIX),
        ("BDMV/index.bdmv", "x-trailer.mkv", Verdict.SUFFIX),
        ("disk 2/VIDEO_TS/VIDEO_TS.IFO", "disk 2/x-trailer.mkv", Verdict.SUFFIX),
        ("disk 2/VIDEO_TS/VIDEO_TS.IFO", "x-trailer.mkv", Verdict.OTHER_FOLDER),
        ("../Ronja.mkv", "x-trailer.mkv", Verdict.SUFFIX),
        ("/movies/Ronja/Ronja.mkv", "x-trailer.mkv", Verdict.SUFFIX),
    ],
)
def test_a_trailer_lies_where_the_items_own_video_lies(main_file: str, path: str, verdict: Verdict) -> None:
    assert STANDARD.judge(path, REAL, main_file=main_file) is verdict


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
