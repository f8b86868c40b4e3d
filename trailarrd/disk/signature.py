"""How a folder was when it was listed, in ten bytes: as long as it is still so, nobody need list it again.

A signature goes by the times and inode numbers of the item's folder and of those folders in it that
were listed too, most often none or `Trailers`. It is taken before the listing, and never from a folder
that changed a moment ago: file systems count time in steps, of up to two seconds, and a change within
the same step would not show. It fits only while the same rules say what a trailer is: a plugin that
brings others has every folder listed once more.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trailarrd.disk.roots import Stat
    from trailarrd.disk.times import FolderTimes
    from trailarrd.domain.trailers import TrailerRules

YOUNG_NS: Final = 3 * 10**9
"""A folder that changed so lately may change again without showing it."""

_HASH: Final = 8
_WIDTH: Final = 2
_ALONE: Final = bytes(_WIDTH)
"""How a signature ends that stands for the item's folder alone."""
_MOST_INNER: Final = 8 * _WIDTH


@dataclass(frozen=True)
class Signatures:
    """Takes and compares the signatures of folders that are listed by certain rules."""

    rules: TrailerRules
    times: FolderTimes
    """Only those that are trusted make a signature, and let one fit."""
    stat: Stat = os.stat
    clock_ns: Callable[[], int] = field(default=time.time_ns)

    @cached_property
    def inner(self) -> Sequence[str]:
        """The folders in an item's that a signature can stand for, as they are usually spelled."""
        chains = [chain[:depth] for chain in self.rules.folders for depth in range(1, len(chain) + 1)]
        spellings = (str.title, str.lower, str.upper)
        names = dict.fromkeys("/".join(map(spell, chain)) for spell in spellings for chain in chains)
        return list(names)[:_MOST_INNER]

    @cached_property
    def entrances(self) -> frozenset[str]:
        """The lower-case names of those folders in an item's through which a way leads to trailers."""
        return frozenset(chain[0] for chain in self.rules.folders)

    def still_fits(self, signature: bytes, folder: str) -> bool:
        """Whether the folder is as it was; OSError where that cannot be told."""
        facts = self.stat(folder)
        times = self.times
        if facts.st_dev not in times.trusted and not times.are_trusted(folder, facts):
            return False
        if signature[_HASH:] == _ALONE:
            return self._hash(facts) == signature[:_HASH]
        bits = int.from_bytes(signature[_HASH:], "big")
        names = (name for bit, name in enumerate(self.inner) if bits >> bit & 1)
        return self._hash(facts, *(self.stat(f"{folder}/{name}") for name in names)) == signature[:_HASH]

    def of(self, facts: Sequence[tuple[str, os.stat_result]]) -> bytes:
        """The signature of a folder (`""`) and those in it, by what they were before they were listed.

        Empty if it could not be relied on.
        """
        (_, folder), *inside = facts
        latest = max(folder.st_mtime_ns, folder.st_ctime_ns)
        for _, one in inside:
            latest = max(latest, one.st_mtime_ns, one.st_ctime_ns)
        if self.clock_ns() - latest < YOUNG_NS:
            return b""
        if not inside:
            return self._hash(folder) + _ALONE
        if any(name not in self._bits for name, _ in inside):
            return b""
        inside.sort(key=lambda pair: self._bits[pair[0]])
        bits = sum([self._bits[name] for name, _ in inside])
        return self._hash(folder, *(one for _, one in inside)) + bits.to_bytes(_WIDTH, "big")

    @cached_property
    def _bits(self) -> dict[str, int]:
        """By which bit a signature says that it stands for such a folder, too."""
        return {name: 1 << bit for bit, name in enumerate(self.inner)}

    def _hash(self, folder: os.stat_result, *inside: os.stat_result) -> bytes:
        """64 bits; a Python that hashes otherwise has every folder listed once more, and no harm done.

        Not of the file system's number, which network shares change with every mount. The time of the
        last change of any kind tells on programs that set a folder's time back.
        """
        digest = hash((self._key, folder.st_mtime_ns, folder.st_ctime_ns, folder.st_ino))
        for one in inside:
            digest = hash((digest, one.st_mtime_ns, one.st_ctime_ns, one.st_ino))
        return digest.to_bytes(_HASH, "big", signed=True)

    @cached_property
    def _key(self) -> int:
        """Another one for other rules."""
        return int.from_bytes(self.rules.mark, "big")
