"""The real disk but for folder times, which tell of what lies in a folder alone, or stand still."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trailarrd.disk.mounts import Mount
from trailarrd.disk.roots import Roots
from trailarrd.domain.paths import LocalPath, is_below

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

_LONG_AGO: Final = 10**18


class Disk:
    """Real times are too coarse and too young for a test: nothing would ever be taken for unchanged."""

    def __init__(self, home: Path) -> None:
        self._home = Mount(LocalPath(str(home)), "ext4", home.stat().st_dev)
        self._still: dict[Path, dict[str, int]] = {}
        self._starts = Counter[Path]()
        self.turns = 0
        """How often times were stopped or started."""
        self.liars: set[Path] = set()
        """The root folders whose times lie or did."""
        self.listed: set[str] = set()
        """The folders that were listed since this was last emptied."""

    @property
    def roots(self) -> Roots:
        return Roots(deadline=5.0, scandir=self._scandir, stat=self._stat, mounts=lambda: [self._home])

    def stop_or_start(self, root: Path) -> None:
        """From now on the times of the folders in it hide whatever happens there, or do no longer."""
        self.turns += 1
        self.liars.add(root)
        if self._still.pop(root, None) is None:
            self._still[root] = {}
        else:
            self._starts[root] += 1

    def lies(self, root: Path) -> bool:
        return root in self._still

    def _scandir(self, path: str) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        self.listed.add(path)
        return os.scandir(path)

    def _stat(self, path: str) -> os.stat_result:
        facts = Path(path).stat()
        time = self._time(path)
        return os.stat_result((*facts[:7], 0, 0, 0), {"st_mtime_ns": time, "st_ctime_ns": time})

    def _time(self, path: str) -> int:
        """Another one for each content, also after times that stood still have gone on."""
        place = LocalPath(path)
        root = next((root for root in self.liars if is_below(place, LocalPath(str(root)))), None)
        now = "/".join(sorted(entry.name for entry in Path(path).iterdir()))
        digest = hashlib.blake2b(
            f"{self._starts[root] if root else 0} {now}".encode(), digest_size=8
        ).digest()
        time = int.from_bytes(digest) % _LONG_AGO
        return self._still[root].setdefault(path, time) if root in self._still else time
