"""A folder that is as it was is not listed again, and one that may not be, always."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.disk.conftest import shown
from tests.disk.items import ABSENT, PRESENT, TRAILER, make_item, request
from tests.disk.visitor import Visitor, later
from trailarrd.disk.roots import Roots
from trailarrd.disk.scanner import Scanner
from trailarrd.disk.trust import RootTrust
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.plan import UNSEEN, Observation
from trailarrd.domain.trailers import STANDARD, TrailerRules

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.disk.conftest import Disk


@pytest.fixture
def make(tmp_path: Path, disk: Disk) -> Callable[..., Visitor]:
    def visitor(*files: str, clock: Callable[[], int] = later) -> Visitor:
        return Visitor(make_item(tmp_path / "movies" / "Heat", "Heat.mkv", *files), disk, clock)

    return visitor


@pytest.mark.parametrize(
    ("files", "stats"),
    [
        ([], 1),
        ([TRAILER], 1),
        (["Trailers/x.mkv"], 2),
        (["trailers/x.mkv"], 2),
        (["TRAILERS/x.txt"], 2),
        ([TRAILER, "Trailers/x.mkv"], 1),
    ],
)
async def test_an_unchanged_folder_costs_a_stat_and_one_more_for_a_trailers_folder(
    make: Callable[..., Visitor], files: list[str], stats: int
) -> None:
    visitor = make(*files)
    first = await visitor.look()
    assert first is not None
    assert first.signature
    assert await visitor.look() is None
    assert visitor.costs == (0, stats)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a trailer appears beside the film": lambda folder: (folder / TRAILER).write_bytes(b"x"),
    "a trailer appears in the trailers folder": lambda folder: (folder / "Trailers/y.mkv").write_bytes(b"x"),
    "the trailers folder goes": lambda folder: shutil.rmtree(folder / "Trailers"),
    "another folder took its place": lambda folder: (
        shutil.move(folder, folder.parent / "old"),
        shutil.copytree(folder.parent / "old", folder),
    ),
    "a file goes, and the folder's time is set back": lambda folder: _keep_time(
        folder, (folder / "Heat.mkv").unlink
    ),
    "a file goes in the trailers folder, and its time is set back": lambda folder: _keep_time(
        folder / "Trailers", (folder / "Trailers/x.mkv").unlink
    ),
}


def _keep_time(folder: Path, action: Callable[[], object]) -> None:
    before = folder.stat()
    time.sleep(0.02)  # more than a step of the file system's clock
    action()
    os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("what", CHANGES)
async def test_a_folder_that_changed_is_listed(make: Callable[..., Visitor], what: str) -> None:
    visitor = make("Trailers/x.mkv")
    await visitor.look()
    await asyncio.sleep(0.02)  # more than a step of the file system's clock
    CHANGES[what](visitor.folder)
    seen = await visitor.look()
    assert seen is not None
    assert visitor.costs[0] >= 1
    assert await visitor.look() is None


async def test_a_movie_in_a_folder_within_has_its_trailers_there_and_is_watched_there(
    make: Callable[..., Visitor],
) -> None:
    visitor = make("x-trailer.mkv", "Film/Heat.mkv", "Film/Trailers/x.mkv")
    visitor.main_file = "Film/Heat.mkv"
    assert shown(await visitor.look()) == Observation(TrailerState.PRESENT, "Film/Trailers/x.mkv")
    assert await visitor.look() is None
    assert visitor.costs == (0, 2)
    (visitor.folder / "Film" / TRAILER).write_bytes(b"x")
    assert shown(await visitor.look()) == Observation(TrailerState.PRESENT, f"Film/{TRAILER}")
    shutil.rmtree(visitor.folder / "Film")
    assert shown(await visitor.look()) == ABSENT


@pytest.mark.parametrize("reported", ["Cafe\u0301/FILM/Heat.mkv", "Caf\u00e9/film/Heat.mkv"])
async def test_that_folder_is_found_however_it_is_spelled(
    make: Callable[..., Visitor], reported: str
) -> None:
    visitor = make("Caf\u00e9/Film/x-trailer.mkv")
    visitor.main_file = reported
    assert shown(await visitor.look()) == Observation(TrailerState.PRESENT, "Caf\u00e9/Film/x-trailer.mkv")


async def test_a_folder_is_listed_anew_by_other_rules(make: Callable[..., Visitor]) -> None:
    """As by those that a newer version of a plugin brings."""
    visitor = make(TRAILER)
    visitor.rules = TrailerRules(suffixes=())
    assert shown(await visitor.look()) == ABSENT
    assert await visitor.look() is None
    visitor.rules = STANDARD
    assert shown(await visitor.look()) == PRESENT
    assert await visitor.look() is None


async def test_a_folder_that_changed_a_moment_ago_is_listed_until_it_is_old_enough(
    make: Callable[..., Visitor],
) -> None:
    """Its file system may count in steps of two seconds: another change might not show."""
    now = [0]
    visitor = make(TRAILER, clock=lambda: now[0])
    changed = max(visitor.folder.stat().st_mtime_ns, visitor.folder.stat().st_ctime_ns)
    for age in (-1, 0.5, 2.5):
        now[0] = changed + int(age * 10**9)
        seen = await visitor.look()
        assert seen == PRESENT
    now[0] = changed + 4 * 10**9
    listed = await visitor.look()
    assert listed is not None
    assert listed.signature
    assert await visitor.look() is None


@pytest.mark.parametrize(
    ("name", "prepare"),
    [
        ("an empty file may be filled", lambda folder: (folder / "a-trailer.mkv").touch()),
        ("a link may come to mean something", lambda folder: (folder / "a-trailer.mkv").symlink_to("no")),
        ("a link may cease to", lambda folder: (folder / "a-trailer.mkv").symlink_to("Heat.mkv")),
        ("a linked folder may be another", lambda folder: (folder / "Trailers").symlink_to("/no")),
        ("a folder may have an unusual name", lambda folder: (folder / "tRAILERS").mkdir()),
    ],
)
async def test_what_can_change_without_its_folder_is_listed_every_time(
    make: Callable[..., Visitor], name: str, prepare: Callable[[Path], object]
) -> None:
    visitor = make()
    prepare(visitor.folder)
    first, again = await visitor.look(), await visitor.look()
    assert first is not None
    assert again is not None
    assert (first.signature, again.signature) == (b"", b""), name


async def test_a_folder_that_is_gone_has_no_trailer_and_no_signature(make: Callable[..., Visitor]) -> None:
    visitor = make(TRAILER)
    make_item(visitor.folder.parent / "Alien")
    await visitor.look()
    shutil.rmtree(visitor.folder)
    seen = await visitor.look()
    assert seen == ABSENT._replace(vanished=True)


async def test_below_a_root_that_was_not_believed_everything_is_listed_again(
    make: Callable[..., Visitor],
) -> None:
    """Who knows what happened to it meanwhile."""
    visitor = make(TRAILER)
    await visitor.look()
    signature, root = visitor.signature, visitor.folder.parent
    root.rename(root.with_name("away"))
    assert shown(await visitor.look()) == UNSEEN
    root.with_name("away").rename(root)
    visitor.signature = signature
    seen = await visitor.look()
    assert (shown(seen), visitor.costs[0]) == (PRESENT, 1)
    assert await visitor.look() is None


async def test_below_another_root_everything_is_listed_whatever_its_times(
    make: Callable[..., Visitor], disk: Disk
) -> None:
    visitor = make(TRAILER)
    await visitor.look()
    disk.put_on_device(visitor.folder.parent, 4711)
    assert shown(await visitor.look()) == PRESENT
    assert visitor.costs[0] == 1
    assert await visitor.look() is None


async def test_a_share_that_is_slow_gets_more_threads_and_a_fast_disk_one(tmp_path: Path) -> None:
    busy, most, delay = set[int](), 0, 0.0

    def slow(path: str) -> os.stat_result:
        nonlocal most
        busy.add(threading.get_ident())
        most = max(most, len(busy))
        time.sleep(delay)
        busy.discard(threading.get_ident())
        return Path(path).stat()

    async def threads(seconds: float) -> int:
        """How many there are at a time when each stat takes so long."""
        nonlocal most, delay
        most, delay = 0, seconds
        roots = Roots(stat=slow)
        for _ in range(2):
            await Scanner(RootTrust(roots)).look([request(folder) for folder in folders])
        assert roots.paces[LocalPath(str(tmp_path))] > 0
        return most

    folders = [make_item(tmp_path / f"{number:03}") for number in range(120)]
    assert await threads(0.005) in range(4, 17)
    fast = [await threads(0.0) for _ in range(5)]
    assert min(fast) == 1, "on a busy host a fast disk may now and then look like a slow one"
