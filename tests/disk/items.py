"""Items on a disk, and a scanner to look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.disk.folder import LookRequest
from trailarrd.disk.roots import Roots
from trailarrd.disk.scanner import Scanner
from trailarrd.disk.trust import RootTrust
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.plan import Observation

if TYPE_CHECKING:
    from pathlib import Path

    from tests.disk.conftest import Disk

ABSENT = Observation(TrailerState.ABSENT)
TRAILER = "x-trailer.mkv"
PRESENT = Observation(TrailerState.PRESENT, TRAILER)


def request(folder: Path, root: Path | None = None) -> LookRequest:
    return LookRequest(LocalPath(str(folder)), None, LocalPath(str(root or folder.parent)))


def make_item(folder: Path, *files: str) -> Path:
    folder.mkdir(parents=True)
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(b"video")
    return folder


def make_library(root: Path, size: int) -> list[Path]:
    """Every second item has a trailer."""
    return [make_item(root / f"{n:04}", *([TRAILER] if n % 2 else ["x.mkv"])) for n in range(size)]


def scanner(disk: Disk, deadline: float = 30) -> Scanner:
    return Scanner(RootTrust(Roots(deadline=deadline, scandir=disk.scandir)))
