"""A folder's times are trusted only where its file system promises them, and where they never lied."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.disk.conftest import shown
from tests.disk.items import ABSENT, PRESENT, TRAILER, make_item
from tests.disk.visitor import Visitor
from trailarrd.disk.mounts import Mount
from trailarrd.disk.times import FileSystems, FolderTimes
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.times import AUTO, TimesPolicy, TrustTimes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.disk.conftest import Disk

LOCAL = ("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay")
OTHERS = (
    *("fuse.mergerfs", "fuse.rclone", "fuse.sshfs", "fuse", "fuseblk", "9p", "virtiofs", "nfs", "nfs4"),
    *("cifs", "smb3", "vfat", "exfat", "ntfs3", "autofs", "something-new"),
)
ROOT = LocalPath("/mnt/pool")


def facts(device: int) -> os.stat_result:
    return os.stat_result((0o40755, 1, device, 2, 0, 0, 0, 0, 0, 0))


def times(
    *table: Mount, policy: TimesPolicy = AUTO, caught: bool = False, root: Path | None = None
) -> FolderTimes:
    """Of a root folder on device 1."""
    path = LocalPath(str(root)) if root else ROOT
    return FolderTimes(path, 1, policy, FileSystems(lambda: list(table)), caught)


def mount(kind: str, device: int = 1, point: str = ROOT) -> Mount:
    return Mount(LocalPath(point), kind, device)


@pytest.mark.parametrize("kind", [*LOCAL, *OTHERS])
def test_local_kinds_are_trusted_and_all_others_are_not(kind: str) -> None:
    told = times(mount("ext4", 9, "/"), mount(kind))
    assert told.are_trusted(f"{ROOT}/Heat", facts(1)) is (kind in LOCAL)
    assert told.never is (kind in OTHERS)


def test_a_device_that_no_table_has_is_not_trusted() -> None:
    """As where the system tells of no mounts."""
    assert not times(mount("ext4", 9, "/")).are_trusted(f"{ROOT}/Heat", facts(1))
    assert not times().are_trusted(f"{ROOT}/Heat", facts(1))


@pytest.mark.parametrize(
    ("kind", "trusted"), [("btrfs", True), ("overlay", True), ("ext4", False), ("nfs4", False)]
)
def test_a_sub_volume_has_a_number_of_its_own_and_is_known_by_where_it_lies(
    tmp_path: Path, kind: str, trusted: bool
) -> None:
    (tmp_path / "link").symlink_to(make_item(tmp_path / "volume" / "Heat"))
    told = times(mount("cifs", 9, "/"), mount(kind, 44, str(tmp_path)))
    for folder in ("volume/Heat", "link"):
        assert told.are_trusted(f"{tmp_path}/{folder}", facts(4711)) is trusted


def test_a_bind_mount_is_of_the_kind_of_what_it_shows() -> None:
    table = [mount("ext4", 9, "/"), mount("ext4", 9, "/mnt/pool/bound"), mount("fuse.mergerfs", 1)]
    told = times(*table)
    assert told.are_trusted("/mnt/pool/bound/Heat", facts(9))
    assert not told.are_trusted("/mnt/pool/Heat", facts(1))


def test_the_folders_own_device_decides_and_not_its_root_folders() -> None:
    pool_in_disk = times(mount("ext4"), mount("fuse.mergerfs", 2, f"{ROOT}/a"))
    assert pool_in_disk.are_trusted(f"{ROOT}/Heat", facts(1))
    assert not pool_in_disk.are_trusted(f"{ROOT}/a/Heat", facts(2))
    disk_in_pool = times(mount("fuse.mergerfs"), mount("ext4", 2, f"{ROOT}/a"))
    assert not disk_in_pool.never
    assert not disk_in_pool.are_trusted(f"{ROOT}/Heat", facts(1))
    assert disk_in_pool.are_trusted(f"{ROOT}/a/Heat", facts(2))


def test_what_was_mounted_meanwhile_is_known_too() -> None:
    table = [mount("ext4")]
    told = FolderTimes(ROOT, 1, AUTO, FileSystems(lambda: table))
    assert told.are_trusted(f"{ROOT}/Heat", facts(1))
    table.append(mount("xfs", 2, f"{ROOT}/a"))
    assert told.are_trusted(f"{ROOT}/a/Heat", facts(2))


ALWAYS, NEVER = TrustTimes.ALWAYS, TrustTimes.NEVER


@pytest.mark.parametrize(
    ("policy", "trusted"),
    [
        (TimesPolicy(ALWAYS), {"Heat", "a/Heat"}),
        (TimesPolicy(NEVER), set()),
        (TimesPolicy(paths={ROOT: ALWAYS}), {"Heat", "a/Heat"}),
        (TimesPolicy(ALWAYS, {LocalPath("/mnt"): NEVER}), set()),
        (TimesPolicy(NEVER, {LocalPath(f"{ROOT}/a"): ALWAYS}), {"a/Heat"}),
        (TimesPolicy(ALWAYS, {ROOT: NEVER, LocalPath(f"{ROOT}/a"): ALWAYS}), {"a/Heat"}),
        (TimesPolicy(paths={LocalPath("/mnt/po"): ALWAYS}), set()),
    ],
)
def test_the_users_word_for_the_deepest_path_outranks_the_kind(
    policy: TimesPolicy, trusted: set[str]
) -> None:
    told = times(mount("nfs4"), policy=policy)
    assert {one for one in ("Heat", "a/Heat") if told.are_trusted(f"{ROOT}/{one}", facts(1))} == trusted
    assert told.never is (not trusted)


def test_one_that_was_caught_lying_is_trusted_only_by_the_users_always() -> None:
    assert times(mount("ext4"), caught=True).never
    assert not times(mount("ext4"), caught=True).are_trusted(f"{ROOT}/Heat", facts(1))
    told = times(mount("ext4"), caught=True, policy=TimesPolicy(paths={ROOT: ALWAYS}))
    assert told.are_trusted(f"{ROOT}/Heat", facts(1))


@pytest.fixture
def visitor(tmp_path: Path, disk: Disk) -> Visitor:
    return Visitor(make_item(tmp_path / "movies" / "Heat", "Heat.mkv"), disk)


async def test_a_folder_that_is_not_trusted_costs_a_listing_and_no_question(visitor: Visitor) -> None:
    visitor.policy = TimesPolicy(NEVER)
    for _ in range(3):
        assert await visitor.look() == ABSENT
        assert visitor.costs == (1, 0)
    (visitor.folder / TRAILER).write_bytes(b"x")
    assert await visitor.look() == PRESENT


async def test_what_was_trusted_is_not_once_the_setting_says_so_and_the_other_way_round(
    visitor: Visitor,
) -> None:
    await visitor.look()
    assert await visitor.look() is None
    visitor.policy = TimesPolicy(NEVER)
    assert await visitor.look() is not None
    visitor.policy = TimesPolicy(ALWAYS)
    assert await visitor.look() is not None
    assert await visitor.look() is None


CHANGES: dict[str, Callable[[Path], object]] = {
    "a trailer came": lambda folder: (folder / TRAILER).write_bytes(b"x"),
    "a trailer came in a new folder": lambda folder: make_item(folder / "Trailers", "x.mkv"),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_a_root_that_is_caught_lying_is_never_trusted_again(
    visitor: Visitor, disk: Disk, what: str
) -> None:
    await visitor.look()
    disk.freeze(visitor.folder)
    CHANGES[what](visitor.folder)
    assert await visitor.look() is None, "the times hide it"
    visitor.due = True
    seen = await visitor.look()
    assert seen is not None
    assert seen.file
    told = f"its times hid a trailer, so those in {visitor.folder.parent} are not trusted any more"
    assert visitor.notes == [f"{visitor.folder}: {told}"]
    visitor.due = False
    for _ in range(2):
        assert await visitor.look() is not None
        assert visitor.notes == []
    visitor.policy = TimesPolicy(ALWAYS)
    assert await visitor.look() is not None
    assert await visitor.look() is None


async def test_a_trailer_that_goes_unseen_is_a_lie_too(visitor: Visitor, disk: Disk) -> None:
    trailer = visitor.folder / TRAILER
    trailer.write_bytes(b"x")
    await visitor.look()
    disk.freeze(visitor.folder)
    trailer.unlink()
    assert await visitor.look() is None
    visitor.due = True
    assert shown(await visitor.look()) == ABSENT
    assert visitor.notes


def _fill(folder: Path) -> None:
    (folder / TRAILER).write_bytes(b"x")


async def test_what_comes_while_it_is_listed_is_no_lie(visitor: Visitor, disk: Disk) -> None:
    """It stands in the listing, and the times before it could not tell of it."""
    await visitor.look()
    visitor.due = True
    disk.before(visitor.folder, lambda: _fill(visitor.folder))
    assert shown(await visitor.look()) == PRESENT
    assert visitor.notes == []


async def test_a_file_that_is_emptied_is_no_lie(visitor: Visitor) -> None:
    """No file system promises that this moves the times of its folder."""
    _fill(visitor.folder)
    await visitor.look()
    os.truncate(visitor.folder / TRAILER, 0)
    visitor.due = True
    assert shown(await visitor.look()) == ABSENT
    assert not any("its times hid" in note for note in visitor.notes)


async def test_another_folder_in_its_place_is_no_lie(visitor: Visitor) -> None:
    await visitor.look()
    shutil.rmtree(visitor.folder)
    make_item(visitor.folder, TRAILER)
    visitor.due = True
    assert shown(await visitor.look()) == PRESENT
    assert visitor.notes == []
