"""Where a library is on this host: folders whose children carry its names, within bounds."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.mounts import hung
from trailarrd.disk.search import search, search_near, starting_points
from trailarrd.domain.paths import LocalPath

NAMES = frozenset(f"Film {number} (2001)" for number in range(10))


def library(folder: Path, count: int) -> Path:
    """A folder with so many of the library's folders."""
    for name in sorted(NAMES)[:count]:
        (folder / name).mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def found(*starts: Path, names: frozenset[str] = NAMES) -> tuple[str, int] | None:
    find = (await search({"films": names}, [LocalPath(str(start)) for start in starts])).get("films")
    return find and (find.folder, find.holds)


@pytest.mark.parametrize(("there", "enough"), [(10, True), (3, True), (2, False), (0, False)])
async def test_three_tenths_of_the_names_are_enough(tmp_path: Path, there: int, enough: bool) -> None:
    folder = library(tmp_path / "a" / "b", there)
    assert await found(tmp_path) == ((str(folder), there) if enough else None)


async def test_of_few_names_two_must_be_there_and_of_one_that_one(tmp_path: Path) -> None:
    folder = library(tmp_path / "a", 1)
    one, three = frozenset(sorted(NAMES)[:1]), frozenset(sorted(NAMES)[:3])
    assert await found(tmp_path, names=three) is None
    assert await found(tmp_path, names=one) == (str(folder), 1)


async def test_the_folder_with_most_of_the_names_wins_then_the_one_below_the_first_start(
    tmp_path: Path,
) -> None:
    near, far = library(tmp_path / "near" / "x", 4), library(tmp_path / "far", 4)
    assert await found(tmp_path / "near", tmp_path) == (str(near), 4)
    assert await found(tmp_path / "far", tmp_path) == (str(far), 4)
    library(far, 5)
    assert await found(tmp_path / "near", tmp_path) == (str(far), 5)


def test_below_the_top_of_the_file_system_a_path_has_one_slash() -> None:
    names = frozenset(path.name for path in Path("/usr").iterdir() if path.is_dir() and not path.is_symlink())
    find = asyncio.run(search_near(names, LocalPath("/")))
    assert find
    assert find.folder == "/usr"


async def test_four_folders_deep_and_no_deeper(tmp_path: Path) -> None:
    library(tmp_path / "1" / "2" / "3" / "4", 10)
    library(tmp_path / "1" / "2" / "3" / "other" / "5", 10)
    assert await found(tmp_path) == (str(tmp_path / "1/2/3/4"), 10)
    assert await found(tmp_path / "1") == (str(tmp_path / "1/2/3/4"), 10)


async def test_hidden_folders_and_links_are_not_entered(tmp_path: Path) -> None:
    library(tmp_path / "outside" / ".trash", 10)
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "link").symlink_to(tmp_path / "outside" / ".trash")
    assert await found(tmp_path / "inside") is None
    assert await found(tmp_path / "outside") is None


async def test_names_are_the_same_however_unicode_spells_them(tmp_path: Path) -> None:
    (tmp_path / "Ame\u0301lie").mkdir()
    assert await found(tmp_path, names=frozenset({"Am\u00e9lie"})) == (str(tmp_path), 1)


async def test_what_is_not_there_or_cannot_be_read_is_passed_by(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert await found(tmp_path / "nowhere", tmp_path / "file", tmp_path / ("x" * 300)) is None


async def test_a_share_that_hangs_costs_the_deadline_and_hides_nothing_else(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    folder = library(tmp_path / "films", 10)
    with hung(share):
        began = time.monotonic()
        starts = [LocalPath(str(share)), LocalPath(str(folder.parent / "films"))]
        result = await search({"films": NAMES}, starts, deadline=0.3)
    assert result["films"].folder == str(folder)
    assert 0.2 < time.monotonic() - began < 5


def test_it_begins_near_the_paths_that_are_known() -> None:
    starts = starting_points([LocalPath("/a/b/c/d/e")], "/home/me")
    assert starts[:3] == ["/a/b/c/d", "/a/b/c", "/a/b"]
    assert {"/mnt", "/media", "/srv", "/home/me"} <= set(starts)
    assert "/" not in starts
