"""What the host will lack soon: told before it hurts, and without waking a disk."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from trailarrd.health import Shortage

LEAST_ROOM: Final = 64 * 2**20
"""Bytes: several times what a refresh of a large library writes at once."""
LEAST_DESCRIPTORS: Final = 64
"""Less than a refresh, its disks and a few commands need."""
_OPEN: Final = "/proc/self/fd"


def shortages(folder: Path | None) -> Iterator[Shortage]:
    """Of room where the database lies, and of open files; what cannot be asked is not missing."""
    if folder and (room := _room(folder)) is not None and room < LEAST_ROOM:
        yield Shortage("disk", f"{room // 2**20} MiB are left in {folder}, where the database lies")
    if (left := _descriptors()) is not None and left < LEAST_DESCRIPTORS:
        yield Shortage("descriptors", f"{left} more files and sockets can be opened: raise LimitNOFILE")


def _room(folder: Path) -> int | None:
    """Bytes that this user may still write."""
    try:
        facts = os.statvfs(folder)
    except OSError:
        return None
    return facts.f_bavail * facts.f_frsize if facts.f_blocks else None


def _descriptors() -> int | None:
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return None
    try:
        return max(0, limit - len(os.listdir(_OPEN)))  # noqa: PTH208  # of names alone
    except OSError:
        return None
