"""Somebody who looks at one folder again and again, as refreshes do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tests.disk.items import request
from trailarrd.disk.mounts import Mount
from trailarrd.disk.roots import Roots
from trailarrd.disk.scanner import Scanner
from trailarrd.disk.trust import NO_HISTORY, RootTrust
from trailarrd.domain.keys import file_hash
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.roots import RootHistory
from trailarrd.domain.times import AUTO
from trailarrd.domain.trailers import STANDARD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.disk.conftest import Disk
    from trailarrd.domain.plan import Observation

MINUTE = 60 * 10**9


def later() -> int:
    """A clock that is a minute ahead, so that what tests make is old enough to be believed."""
    return time.time_ns() + MINUTE


class Visitor:
    """Looks at one folder again and again, as refreshes do."""

    rules = STANDARD
    main_file: str | None = None
    has_file = False

    def __init__(self, folder: Path, disk: Disk, clock: Callable[[], int] = later) -> None:
        self.folder = folder
        self._disk = disk
        self._clock = clock
        self._history = NO_HISTORY
        self.signature = b""
        self.trailer_hash = 0
        self.due = False
        self.policy = AUTO
        # Whatever disk the tests run on.
        self.mounts = lambda: [Mount(LocalPath("/"), "ext4", folder.parent.stat().st_dev)]

    async def look(self) -> Observation | None:
        """Another refresh, which remembers the one before."""
        root = self.folder.parent
        self._disk.forget()
        trust = RootTrust(self._roots, self._history)
        asked = replace(
            request(self.folder, root),
            signature=self.signature,
            trailer_hash=self.trailer_hash,
            main_file=self.main_file,
            due=self.due,
            has_file=self.has_file,
        )
        scanner = Scanner(trust, rules=self.rules, clock_ns=self._clock)
        (seen,) = await scanner.look([asked])
        hashes = {
            one.path: one.directory_hash for one in trust.observations if one.directory_hash is not None
        }
        doubted = {one.path for one in trust.observations if one.state.value != "ok"}
        caught = {one.path for one in trust.observations if one.caught_lying}
        self._history = RootHistory(hashes, NO_HISTORY.folders, frozenset(doubted), frozenset(caught))
        self.notes = scanner.notes
        if seen is not None:
            self.signature, self.trailer_hash = seen.signature, file_hash(seen.file)
        return seen

    @property
    def _roots(self) -> Roots:
        disk = self._disk
        return Roots(scandir=disk.scandir, stat=disk.stat, trust_times=self.policy, mounts=self.mounts)

    @property
    def costs(self) -> tuple[int, int]:
        """Listings and stats of the item's folder and what is in it."""
        inside = [str(self.folder), f"{self.folder}/"]
        counts = (self._disk.listed, self._disk.asked)
        listed, asked = (
            sum(n for path, n in count.items() if path == inside[0] or path.startswith(inside[1]))
            for count in counts
        )
        return listed, asked
