"""What is mounted where, from the table that Linux keeps."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trailarrd.disk.mounts import Mount, may_hold_media, mount_of, mounts
from trailarrd.domain.paths import LocalPath

if TYPE_CHECKING:
    from pathlib import Path

TABLE = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:21 / /proc rw,nosuid - proc proc rw
90 22 0:44 / /mnt/my\040media ro,relatime shared:2 master:1 - nfs4 nas:/volume1 rw,vers=4.2
91 22 0:45 / /mnt rw - tmpfs none rw
broken line
"""


def at(path: str, kind: str, device: int = 0) -> Mount:
    return Mount(LocalPath(path), kind, device)


def test_each_line_is_a_mount_with_its_kind(tmp_path: Path) -> None:
    (tmp_path / "mountinfo").write_text(TABLE)
    assert mounts(tmp_path / "mountinfo") == [
        at("/", "ext4", os.makedev(8, 1)),
        at("/proc", "proc", os.makedev(0, 21)),
        at("/mnt/my media", "nfs4", os.makedev(0, 44)),
        at("/mnt", "tmpfs", os.makedev(0, 45)),
    ]


def test_a_system_without_the_table_has_none(tmp_path: Path) -> None:
    assert mounts(tmp_path / "nowhere") == []
    assert mount_of(LocalPath("/a"), []) is None


def test_a_path_lies_on_the_deepest_mount_and_on_the_last_at_one_point() -> None:
    table = [at("/", "ext4"), at("/mnt", "nfs4"), at("/mnt", "tmpfs"), at("/mn", "xfs")]
    assert mount_of(LocalPath("/mnt/films"), table) == at("/mnt", "tmpfs")
    assert mount_of(LocalPath("/mntx"), table) == at("/", "ext4")


def test_no_library_is_looked_for_in_what_the_system_mounts() -> None:
    assert may_hold_media(at("/mnt/nas", "cifs"))
    assert not may_hold_media(at("/proc", "proc"))
    assert not may_hold_media(at("/run/user/1000", "tmpfs"))
