"""From the Arr server's paths to this host's: whole components, longest prefix, prefix only."""

from __future__ import annotations

import posixpath
from itertools import permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.domain.mappings import Pairs, mappings_of
from trailarrd.domain.paths import (
    PathMapper,
    RemotePath,
)

WINDOWS = [("D:\\Movies", "/mnt/movies")]
UNC = [("\\\\nas\\tv", "/mnt/tv")]

ENCODABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\0/")
POSIX_NAME = st.text(ENCODABLE, min_size=1, max_size=12).filter(lambda name: name not in {".", ".."})
POSIX_NAMES = st.lists(POSIX_NAME, min_size=1, max_size=4)
WINDOWS_NAME = POSIX_NAME.map(lambda name: name.replace("\\", "")).filter(
    lambda name: name not in {"", ".", ".."}
)
WINDOWS_NAMES = st.lists(WINDOWS_NAME, min_size=1, max_size=4)
ASCII_NAMES = st.lists(st.text("aBcDeF", min_size=1, max_size=6), min_size=1, max_size=4)
WINDOWS_ROOT = st.sampled_from(["D:\\", "e:\\", "\\\\nas\\tv\\", "\\\\10.0.0.2\\Media\\"])
SLASHES = st.sampled_from(["", "/", "//"])


def to_local(pairs: Pairs, path: str) -> str | None:
    return PathMapper(mappings_of(pairs)).to_local(RemotePath(path))


def posix(*names: str) -> str:
    return "/" + "/".join(names)


@pytest.mark.parametrize(
    ("pairs", "path", "expected"),
    [
        pytest.param([("/movies/", "/mnt/m/")], "/movies-4k/A", "/movies-4k/A", id="S1 boundary"),
        pytest.param([("/tv/", "/mnt/tv/")], "/tv/Foo/tv/", "/mnt/tv/Foo/tv", id="S2 only the prefix"),
        pytest.param([("/", "/mnt/")], "/data/A/B", "/mnt/data/A/B", id="S3 from the root"),
        pytest.param(
            [("/data", "/x"), ("/data/movies", "/m")],
            "/data/movies/A",
            "/m/A",
            id="S4 longest, not first stored",
        ),
        pytest.param([], "D:\\Movies\\A", None, id="S5 Windows without a mapping"),
        pytest.param([], "/srv/AC\\DC", "/srv/AC\\DC", id="S5 backslash name without a mapping"),
        pytest.param(
            [("/movies", "/mnt/m")],
            "/movies-4k/A",
            "/movies-4k/A",
            id="S6 root of one level without a slash",
        ),
        pytest.param([("/movies", "/mnt/m")], "/movies/A", "/mnt/m/A", id="S6 and it matches"),
        pytest.param(
            [("/data/", "/x/"), ("/data/media/movies/", "/m/")],
            "/data/media/movies/A",
            "/m/A",
            id="H2 a short mapping hides no longer one",
        ),
        pytest.param([("/", "/mnt/all")], "/tv/Show", "/mnt/all/tv/Show", id="H3 the root matches"),
        pytest.param([("/movies", "/")], "/movies", "/", id="H3 a root onto the root"),
        pytest.param([("/movies", "/")], "/movies/A", "/A", id="H3 below a root onto the root"),
        pytest.param([("/movies", "/mnt/m")], "/movies/../etc", None, id="H3 dots are refused"),
        pytest.param([], "/movies/../etc", None, id="H3 dots are refused without a mapping"),
        pytest.param(
            [("/music", "/mnt/music")],
            "/music/AC\\DC/Live",
            "/mnt/music/AC\\DC/Live",
            id="H3 AC backslash DC stays one folder",
        ),
    ],
)
def test_a_weakness_of_our_ancestor_stays_away(pairs: Pairs, path: str, expected: str | None) -> None:
    """field-notes 1.2, the numbers in the ids."""
    assert to_local(pairs, path) == expected


@pytest.mark.parametrize(
    ("pairs", "path", "expected"),
    [
        pytest.param([("/movies", "/mnt/m")], "/movies-4k/A", "/movies-4k/A", id="15 longer sibling"),
        pytest.param([("/tv", "/mnt")], "/tv/Show/tv/", "/mnt/Show/tv", id="16 source occurs again"),
        pytest.param([("/tv", "/mnt")], "/a/tv/Show", "/a/tv/Show", id="16 source only inside"),
        pytest.param([("/Movies", "/m")], "/Movies/Movies/A", "/m/Movies/A", id="16 source occurs twice"),
        pytest.param([("/a", "/x"), ("/a/b", "/y")], "/a/b/c", "/y/c", id="17 short one first"),
        pytest.param([("/a/b", "/y"), ("/a", "/x")], "/a/b/c", "/y/c", id="17 long one first"),
        pytest.param([("/a", "/x"), ("/a/b", "/y")], "/a/bc", "/x/bc", id="17 short one fits"),
        pytest.param(WINDOWS, "D:\\Movies\\A (2020)", "/mnt/movies/A (2020)", id="18 drive"),
        pytest.param(WINDOWS, "D:/Movies/A", "/mnt/movies/A", id="18 forward slashes"),
        pytest.param(WINDOWS, "D:\\Movies/A\\B", "/mnt/movies/A/B", id="18 mixed slashes"),
        pytest.param(WINDOWS, "d:\\Movies\\A", "/mnt/movies/A", id="18 drive letter case"),
        pytest.param(WINDOWS, "D:\\MOVIES\\Aa", "/mnt/movies/Aa", id="18 folder case"),
        pytest.param(WINDOWS, "D:\\Movies-4k\\A", None, id="18 Windows longer sibling"),
        pytest.param(WINDOWS, "E:\\Movies\\A", None, id="18 another drive"),
        pytest.param(WINDOWS, "D:\\Movies", "/mnt/movies", id="18 Windows path equals source"),
        pytest.param(WINDOWS, "D:\\Movies\\", "/mnt/movies", id="18 Windows trailing backslash"),
        pytest.param([("D:/Movies/", "/m")], "D:\\Movies\\A", "/m/A", id="18 slashes in source"),
        pytest.param([("D:\\", "/d")], "d:\\Movies\\A", "/d/Movies/A", id="18 whole drive"),
        pytest.param([("D:", "/d")], "D:\\Movies\\A", "/d/Movies/A", id="18 bare drive"),
        pytest.param([("D:\\", "/d")], "D:\\", "/d", id="18 drive equals source"),
        pytest.param(UNC, "\\\\nas\\tv\\Show", "/mnt/tv/Show", id="18 UNC"),
        pytest.param(UNC, "\\\\NAS\\TV\\Show", "/mnt/tv/Show", id="18 UNC case"),
        pytest.param(UNC, "\\\\nas\\tv/Show", "/mnt/tv/Show", id="18 UNC mixed slashes"),
        pytest.param(UNC, "\\\\nas\\tv2\\Show", None, id="18 UNC longer sibling"),
        pytest.param(UNC, "\\\\other\\tv\\Show", None, id="18 UNC another server"),
        pytest.param(UNC, "/nas/tv/Show", "/nas/tv/Show", id="18 UNC source, POSIX path"),
        pytest.param([("/nas/tv", "/m")], "\\\\nas\\tv\\A", None, id="18 POSIX source, UNC path"),
        pytest.param([("/m", "/x")], "/m/A/", "/x/A", id="18 trailing slash"),
        pytest.param([("/m", "/x/")], "/m/A", "/x/A", id="18 trailing slash of the target"),
        pytest.param([("/m", "/x")], "/m", "/x", id="18 path equals source"),
        pytest.param([("/m/", "/x")], "/m", "/x", id="18 path equals source but for the slash"),
        pytest.param([("/m", "/x")], "/M/A", "/M/A", id="18 POSIX case matters"),
        pytest.param([("/", "/mnt")], "/", "/mnt", id="19 the root itself"),
        pytest.param([("/", "/")], "/data/A", "/data/A", id="19 root to root"),
        pytest.param([("/", "/mnt"), ("/data", "/d")], "/data/A", "/d/A", id="19 root is shortest"),
        pytest.param([("/", "/mnt")], "D:\\Movies", None, id="19 the root is not of Windows"),
        pytest.param([("\\\\", "/mnt")], "D:\\Movies", None, id="19 no share is not a drive"),
        pytest.param([("D:\\", "/")], "D:\\Movies\\A", "/Movies/A", id="19 drive to the root"),
        pytest.param([("/tv", "/mnt")], "/movies/A", "/movies/A", id="20 no mapping fits"),
        pytest.param([], "/movies/A", "/movies/A", id="20 no mapping at all"),
    ],
)
def test_an_edge_case_from_the_field(pairs: Pairs, path: str, expected: str | None) -> None:
    """field-notes 4(c), the numbers in the ids."""
    assert to_local(pairs, path) == expected


@pytest.mark.parametrize(
    "path",
    ["", "movies/A", "./movies", "..", "../movies", "D:Movies\\A", "\\Movies\\A", "nas\\tv"],
)
@pytest.mark.parametrize("pairs", [[], [("/", "/mnt")], [("D:\\", "/mnt")]])
def test_a_relative_path_has_no_place_here(pairs: Pairs, path: str) -> None:
    assert to_local(pairs, path) is None


@pytest.mark.parametrize(
    "path",
    ["/m/..", "/..", "/m/../../etc", "/m/A/../B", "D:\\..\\x", "D:\\m/../x", "\\\\nas\\tv\\..\\x"],
)
@pytest.mark.parametrize("pairs", [[], [("/", "/mnt"), ("D:\\", "/mnt"), ("\\\\nas\\tv", "/mnt")]])
def test_dots_that_climb_are_refused(pairs: Pairs, path: str) -> None:
    assert to_local(pairs, path) is None


@pytest.mark.parametrize("name", ["...", "..A", "A..", "A\\..\\B", " ..", "a:b", "D:\\x"])
def test_dots_and_colons_inside_a_posix_name_are_just_a_name(name: str) -> None:
    assert to_local([("/m", "/x")], f"/m/{name}/B") == f"/x/{name}/B"


@pytest.mark.parametrize(
    "name",
    ["Amélie", "Ame\u0301lie", "🎬 Film", "trailing space ", "trailing dot.", "b" * 255, "\udcff"],
)
def test_a_name_arrives_exactly_as_the_server_wrote_it(name: str) -> None:
    """field-notes 4(c) 24: NFC and NFD, emoji, spaces, dots, length, bytes that are no UTF-8."""
    assert to_local([("/m", "/x")], f"/m/{name}/{name}") == f"/x/{name}/{name}"
    assert to_local([("D:\\m", "/x")], f"D:\\m\\{name}\\{name}") == f"/x/{name}/{name}"


@given(POSIX_NAMES, POSIX_NAMES, st.lists(POSIX_NAME, max_size=4))
def test_only_the_prefix_is_replaced(source: list[str], to: list[str], rest: list[str]) -> None:
    there = to_local([(posix(*source), posix(*to))], posix(*source, *rest))
    assert there == posix(*to, *rest)
    back = to_local([(posix(*to), posix(*source))], posix(*to, *rest))
    assert back == posix(*source, *rest)


@given(WINDOWS_ROOT, WINDOWS_NAMES, POSIX_NAMES, st.lists(WINDOWS_NAME, max_size=4))
def test_only_the_prefix_is_replaced_on_windows(
    root: str, source: list[str], to: list[str], rest: list[str]
) -> None:
    pairs = [(root + "\\".join(source), posix(*to))]
    assert to_local(pairs, root + "\\".join(source + rest)) == posix(*to, *rest)


@given(POSIX_NAMES, st.sets(st.integers(1, 4), min_size=1), st.data())
def test_the_longest_prefix_wins_whatever_the_order(
    names: list[str], depths: set[int], data: st.DataObject
) -> None:
    """Every mapping but one is a shorter prefix or a sibling whose text begins the same way."""
    fitting = {min(depth, len(names)) for depth in depths}
    pairs = [(posix(*names[:depth]), f"/target/{depth}") for depth in fitting]
    pairs.append((posix(*names) + "-4k", "/sibling"))
    longest = max(fitting)
    expected = posix("target", str(longest), *names[longest:])
    assert to_local(data.draw(st.permutations(pairs)), posix(*names)) == expected


@pytest.mark.parametrize("path", ["/a/b/c", "/a/b", "/a/bc", "/a", "/z", "D:\\a\\b", "d:\\A"])
def test_the_order_of_mappings_never_matters(path: str) -> None:
    pairs = [("/", "/r"), ("/a", "/x"), ("/a/b", "/y"), ("D:\\", "/d"), ("D:\\a", "/w")]
    assert len({to_local(list(order), path) for order in permutations(pairs)}) == 1


@given(st.text("/\\.aD: ", max_size=24))
def test_no_path_escapes_its_target(path: str) -> None:
    """Whatever the server sends ends below the target or nowhere."""
    local = to_local([("/", "/box"), ("D:\\", "/box"), ("\\\\", "/box")], path)
    if local is not None:
        assert posixpath.normpath(local) == "/box" or posixpath.normpath(local).startswith("/box/")
        assert ".." not in local.split("/")


@given(ASCII_NAMES, st.lists(POSIX_NAME, max_size=3), SLASHES, SLASHES, SLASHES)
def test_trailing_slashes_are_irrelevant(
    source: list[str], rest: list[str], one: str, two: str, three: str
) -> None:
    pairs = [(posix(*source) + one, "/mnt/x" + two)]
    assert to_local(pairs, posix(*source, *rest) + three) == posix("mnt", "x", *rest)


@given(POSIX_NAMES, SLASHES)
def test_trailing_slashes_are_irrelevant_without_a_mapping(names: list[str], slash: str) -> None:
    assert to_local([], posix(*names) + slash) == posix(*names)


@given(WINDOWS_ROOT, ASCII_NAMES, ASCII_NAMES)
def test_windows_prefixes_match_in_any_case(root: str, source: list[str], rest: list[str]) -> None:
    pairs = [((root + "\\".join(source)).swapcase(), "/mnt/x")]
    assert to_local(pairs, root + "\\".join(source + rest)) == posix("mnt", "x", *rest)


@given(ASCII_NAMES, ASCII_NAMES)
def test_posix_prefixes_match_in_their_own_case_only(source: list[str], rest: list[str]) -> None:
    other = [name.swapcase() for name in source]
    assume(other != source)
    assert to_local([(posix(*other), "/mnt")], posix(*source, *rest)) == posix(*source, *rest)


@given(WINDOWS_NAMES, st.data())
def test_both_slashes_separate_on_windows(names: list[str], data: st.DataObject) -> None:
    separators = st.sampled_from(["\\", "/"])
    path = "D:" + "".join(data.draw(separators) + name for name in names)
    assert to_local([("D:\\", "/d")], path) == posix("d", *names)
