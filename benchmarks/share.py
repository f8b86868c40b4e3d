"""A share that takes 2.5 ms for each call: the local disk behind a pause."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from trailarrd.disk.roots import Roots
from trailarrd.domain.times import TimesPolicy, TrustTimes

if TYPE_CHECKING:
    from collections.abc import Iterator

CALL: Final = 0.0025
"""Seconds that each call takes."""


class Share:
    """Below which folder times are trusted always or never."""

    def __init__(self, trust: str) -> None:
        self.calls: Counter[str] = Counter()
        """How often it was asked for what."""
        self._counting = threading.Lock()
        self.roots = Roots(stat=self._stat, scandir=self._scandir, trust_times=TimesPolicy(TrustTimes(trust)))

    def pause(self, call: str) -> None:
        with self._counting:
            self.calls[call] += 1
        time.sleep(CALL)

    def _stat(self, path: str) -> os.stat_result:
        self.pause("stats")
        return Path(path).stat()

    @contextmanager
    def _scandir(self, path: str) -> Iterator[Iterator[os.DirEntry[str]]]:
        self.pause("listings")
        with os.scandir(path) as entries:
            yield (cast("os.DirEntry[str]", _Entry(entry, self)) for entry in entries)


class _Entry:
    """An entry as a listing shows it: its kind is in the listing, and all else takes a call."""

    def __init__(self, entry: os.DirEntry[str], share: Share) -> None:
        self._entry, self._share = entry, share
        self.name, self.path = entry.name, entry.path
        self.is_dir, self.is_symlink = entry.is_dir, entry.is_symlink

    def stat(self) -> os.stat_result:
        self._share.pause("stats")
        return self._entry.stat()
