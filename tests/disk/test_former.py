"""A trailer's file that no longer counts by its name: seen, and told apart from one that is gone."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from tests.disk.items import make_item, scanner
from trailarrd.disk.folder import LookRequest
from trailarrd.domain.keys import file_hash
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath

if TYPE_CHECKING:
    from pathlib import Path

    from tests.disk.conftest import Disk
    from trailarrd.domain.plan import Observation

FORMER = [
    "Heat trailer.mkv",
    "Extras/Trailers/two.mkv",
    "a/b/c/x.mkv",
    "x-trailer.ogg",
    "Caf\u00e9 trailer.mkv",
]


async def look(folder: Path, disk: Disk, former: str | None, main_file: str | None = None) -> Observation:
    here = LocalPath(str(folder))
    asked = LookRequest(here, main_file, LocalPath(str(folder.parent)), trailer_hash=file_hash(former))
    (seen,) = await scanner(disk).look([asked])
    assert seen
    return seen


def told(seen: Observation) -> tuple[TrailerState, bool]:
    return seen.trailer, seen.counted_before


@pytest.mark.parametrize("former", FORMER)
async def test_it_is_known_by_the_hash_of_its_name_wherever_it_lies(
    tmp_path: Path, disk: Disk, former: str
) -> None:
    folder = make_item(tmp_path / "Heat", "Heat.mkv", former)
    seen = await look(folder, disk, former)
    assert (told(seen), seen.tells) == ((TrailerState.ABSENT, True), False)
    assert seen.signature == b""  # the next refresh must see whether it is still there


@pytest.mark.parametrize("former", FORMER)
async def test_one_that_is_gone_is_gone(tmp_path: Path, disk: Disk, former: str) -> None:
    folder = make_item(tmp_path / "Heat", "Heat.mkv", former)
    (folder / former).unlink()
    seen = await look(folder, disk, former)
    assert (told(seen), seen.tells) == ((TrailerState.ABSENT, False), True)


async def test_one_that_holds_nothing_any_more_is_none(tmp_path: Path, disk: Disk) -> None:
    folder = make_item(tmp_path / "Heat", "Heat trailer.mkv")
    (folder / "Heat trailer.mkv").write_bytes(b"")
    assert told(await look(folder, disk, "Heat trailer.mkv")) == (TrailerState.ABSENT, False)


async def test_one_that_the_server_now_calls_the_items_own_video_is_none(tmp_path: Path, disk: Disk) -> None:
    folder = make_item(tmp_path / "Heat", "Heat.trailer.mkv")
    seen = await look(folder, disk, "Heat.trailer.mkv", "Heat.trailer.mkv")
    assert told(seen) == (TrailerState.ABSENT, False)


async def test_another_that_counts_takes_its_place(tmp_path: Path, disk: Disk) -> None:
    folder = make_item(tmp_path / "Heat", "Heat trailer.mkv", "Heat-trailer.mkv")
    seen = await look(folder, disk, "Heat trailer.mkv")
    assert (told(seen), seen.file) == ((TrailerState.PRESENT, False), "Heat-trailer.mkv")


async def test_a_folder_that_cannot_be_read_may_hold_it(tmp_path: Path, disk: Disk) -> None:
    folder = make_item(tmp_path / "Heat", "Heat.mkv", "Extras/Trailers/two.mkv")
    disk.fail(folder / "Extras", errno.EACCES)
    assert told(await look(folder, disk, "Extras/Trailers/two.mkv")) == (TrailerState.UNKNOWN, False)
    assert told(await look(folder, disk, None)) == (TrailerState.ABSENT, False)


async def test_nothing_more_is_listed_for_an_item_without_one(tmp_path: Path, disk: Disk) -> None:
    folder = make_item(tmp_path / "Heat", "Heat.mkv", "Extras/x.mkv")
    await look(folder, disk, None)
    assert disk.listed[str(folder / "Extras")] == 0
