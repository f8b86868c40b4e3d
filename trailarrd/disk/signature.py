"""How a folder was when it was listed, in ten bytes: as long as it is still so, nobody need list it again.

A signature goes by the times and inode numbers of the item's folder and of those folders in it that
were listed too, most often none or `Trailers`. It is taken before the listing, and never from a folder
that changed a moment ago: file systems count time in steps, of up to two seconds, and a change within
the same step would not show. It fits only while the same rules say what a trailer is: a plugin that
brings others has every folder listed once more.
"""

from __future__ import annotations

import hashlib
import os
import struct
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from trailarrd.disk.roots import Stat
    from trailarrd.domain.trailers import TrailerRules

YOUNG_NS: Final = 3 * 10**9
"""A folder that changed so lately may change again without showing it."""

_SIGNATURE: Final = struct.Struct("=QH")
_MOST_INNER: Final = 16


@dataclass(frozen=True)
class Signatures:
    """Takes and compares the signatures of folders that are listed by certain rules."""

    rules: TrailerRules
    stat: Stat = os.stat
    clock_ns: Callable[[], int] = field(default=time.time_ns)

    @cached_property
    def inner(self) -> Sequence[str]:
        """The folders in an item's that a signature can stand for, as they are usually spelled."""
        chains = [chain[:depth] for chain in self.rules.folders for depth in range(1, len(chain) + 1)]
        spellings = (str.title, str.lower, str.upper)
        names = dict.fromkeys("/".join(map(spell, chain)) for spell in spellings for chain in chains)
        return list(names)[:_MOST_INNER]

    def still_fits(self, signature: bytes, folder: str) -> bool:
        """Whether the folder is as it was; OSError where that cannot be told."""
        mark, inner = _SIGNATURE.unpack(signature)
        facts = [self.stat(folder)]
        if inner:
            names = (name for bit, name in enumerate(self.inner) if inner >> bit & 1)
            facts += [self.stat(f"{folder}/{name}") for name in names]
        return bool(mark == self._mark(facts))

    def of(self, facts: Iterable[tuple[str, os.stat_result]]) -> bytes:
        """The signature of a folder (`""`) and those in it, by what they were before they were listed.

        Empty if it could not be believed.
        """
        names, seen = zip(*facts, strict=True)
        latest = max(max(one.st_mtime_ns, one.st_ctime_ns) for one in seen)
        if self.clock_ns() - latest < YOUNG_NS or not set(names[1:]) <= set(self.inner):
            return b""
        bits = {name: 1 << bit for bit, name in enumerate(self.inner)}
        order = sorted(zip(names[1:], seen[1:], strict=True), key=lambda pair: bits[pair[0]])
        mark = self._mark([seen[0], *(one for _, one in order)])
        return _SIGNATURE.pack(mark, sum(bits[name] for name in names[1:]))

    def _mark(self, facts: Iterable[os.stat_result]) -> int:
        """Not of the file system's number, which network shares change with every mount.

        The time of the last change of any kind tells on programs that set a folder's time back.
        """
        numbers = [number for one in facts for number in (one.st_mtime_ns, one.st_ctime_ns, one.st_ino)]
        text = b"%d " * len(numbers) % tuple(numbers)
        digest = hashlib.blake2b(text, digest_size=8, key=self._key).digest()
        return int.from_bytes(digest, "big") or 1

    @cached_property
    def _key(self) -> bytes:
        return hashlib.blake2b(self.rules.canonical.encode(), digest_size=16).digest()
