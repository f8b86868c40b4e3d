"""What is mounted where, as far as the system tells."""

import os
import re
from pathlib import Path
from typing import Final, NamedTuple

from trailarrd.domain.paths import LocalPath, is_below

_TABLE: Final = Path("/proc/self/mountinfo")
_ESCAPE: Final = re.compile(r"\\([0-7]{3})")
_SYSTEM: Final = ("/proc", "/sys", "/dev", "/run", "/boot", "/etc", "/snap", "/var/lib/docker", "/var/snap")
"""Where no media are, whatever is mounted there."""
_NO_DISK: Final = frozenset(
    {"proc", "sysfs", "cgroup", "cgroup2", "devtmpfs", "devpts", "mqueue", "autofs", "squashfs", "nsfs"}
)


class Mount(NamedTuple):
    point: LocalPath
    kind: str
    """`ext4`, `nfs4`, `cifs`, …"""
    device: int
    """The number that files on it have, unless they are a sub-volume's."""


def mounts(table: Path = _TABLE) -> list[Mount]:
    """All of them, the last mounted last; empty where the system does not tell."""
    try:
        lines = table.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []
    return [mount for line in lines if (mount := _parse(line))]


def _parse(line: str) -> Mount | None:
    # 36 35 98:0 /root /mnt/point rw,noatime shared:1 - ext3 /dev/sda rw
    before, dash, after = line.partition(" - ")
    fields, kind = before.split(" "), after.split(" ")[0]
    if not dash or len(fields) < 6:  # noqa: PLR2004  # as proc(5) has it
        return None
    point = _ESCAPE.sub(lambda match: chr(int(match[1], 8)), fields[4])
    major, _, minor = fields[2].partition(":")
    return Mount(LocalPath(point), kind, os.makedev(int(major), int(minor)))


def mount_of(path: LocalPath, table: list[Mount]) -> Mount | None:
    """The one that a path lies on: the deepest, and of several at one point the last."""
    above = [mount for mount in table if is_below(path, mount.point)]
    return max(enumerate(above), key=lambda pair: (len(pair[1].point), pair[0]))[1] if above else None


def may_hold_media(mount: Mount) -> bool:
    return mount.kind not in _NO_DISK and not any(is_below(mount.point, LocalPath(one)) for one in _SYSTEM)
