"""What a path tells by its look, and which mappings make no sense."""

from __future__ import annotations

import pytest

from tests.domain.mappings import Pairs, mappings_of
from trailarrd.domain.paths import (
    LocalPath,
    MappingFlaw,
    is_below,
    is_windows,
    lint_mappings,
    parent,
)


@pytest.mark.parametrize(
    ("path", "windows"),
    [
        ("D:\\Movies", True),
        ("d:/Movies", True),
        ("D:", True),
        ("\\\\nas\\tv", True),
        ("/movies", False),
        ("/D:\\Movies", False),
        ("/srv/AC\\DC", False),
        ("movies", False),
        ("DD:\\Movies", False),
        ("", False),
    ],
)
def test_windows_is_told_by_the_look_of_the_path(path: str, windows: bool) -> None:
    assert is_windows(path) is windows


@pytest.mark.parametrize(("path", "expected"), [("/m/A/B", "/m/A"), ("/m/A", "/m"), ("/m", "/"), ("/", "/")])
def test_the_parent_is_the_folder_that_holds_it(path: str, expected: str) -> None:
    assert parent(LocalPath(path)) == expected


@pytest.mark.parametrize(
    ("path", "root", "expected"),
    [
        ("/m/Alien", "/m", True),
        ("/m", "/m", True),
        ("/m/Aliens", "/m/Alien", False),  # field-notes S15
        ("/m", "/m/Alien", False),
        ("/m/a/m", "/a/m", False),
        ("/anything", "/", True),
        ("/", "/", True),
    ],
)
def test_below_means_whole_components(path: str, root: str, expected: bool) -> None:
    assert is_below(LocalPath(path), LocalPath(root)) is expected


@pytest.mark.parametrize(
    ("pairs", "flaws"),
    [
        pytest.param([("/m", "/mnt/m"), ("D:\\tv", "/tv"), ("\\\\nas\\x", "/x")], [], id="sound"),
        pytest.param([("/", "/mnt")], [], id="19 from the root"),
        pytest.param([("/m", "/")], [], id="19 to the root"),
        pytest.param([("", "/mnt")], [(0, "remote")], id="19 from nothing"),
        pytest.param([("movies", "/mnt")], [(0, "remote")], id="19 from a relative path"),
        pytest.param([("D:movies", "/mnt")], [(0, "remote")], id="from a path relative to a drive"),
        pytest.param([("/m/../x", "/mnt")], [(0, "remote")], id="from a path that climbs"),
        pytest.param([("/m", "")], [(0, "local")], id="19 to nothing"),
        pytest.param([("/m", "mnt/m")], [(0, "local")], id="19 to a relative path"),
        pytest.param([("/m", "D:\\m")], [(0, "local")], id="to a path of another system"),
        pytest.param([("/m", "/mnt/../x")], [(0, "local")], id="to a path that climbs"),
        pytest.param([("/m", "/mnt/\udcff")], [(0, "local")], id="to a path that no database stores"),
        pytest.param([("m", "n")], [(0, "remote"), (0, "local")], id="both sides"),
        pytest.param([("/m", "/x"), ("/m", "/x")], [(1, "remote")], id="duplicate"),
        pytest.param([("/m", "/x"), ("/m/", "/y")], [(1, "remote")], id="shadowed"),
        pytest.param([("D:\\M", "/x"), ("d:/m/", "/y")], [(1, "remote")], id="shadowed on Windows"),
        pytest.param([("/m", "/x"), ("/M", "/y")], [], id="POSIX case tells them apart"),
        pytest.param([("/m", "/x"), ("/m/a", "/y")], [], id="nested"),
        pytest.param([("/m", "/x"), ("/n", "/x")], [], id="two to one target"),
        pytest.param(
            [("m", "/x"), ("/a", "/y"), ("/b", "z"), ("/a", "/y")],
            [(0, "remote"), (2, "local"), (3, "remote")],
            id="each in its order",
        ),
    ],
)
def test_lint_tells_which_mapping_and_which_side(pairs: Pairs, flaws: list[tuple[int, str]]) -> None:
    found: list[MappingFlaw] = list(lint_mappings(mappings_of(pairs)))
    assert [(flaw.index, flaw.field) for flaw in found] == flaws
    for flaw in found:
        assert flaw.message
        assert not flaw.message.endswith(".")
        assert not flaw.message[0].isupper()
