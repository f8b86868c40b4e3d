"""Where on this host a library is: folders whose children carry its names. Bounded in time and depth."""

import asyncio
import os
import unicodedata
from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from math import ceil
from typing import Final, Generic, NamedTuple, TypeVar

from trailarrd.concurrency import in_thread
from trailarrd.disk.mounts import may_hold_media, mounts
from trailarrd.domain.paths import LocalPath, ancestors, is_below

Key = TypeVar("Key")

DEADLINE: Final = 10.0
"""Seconds; a share that hangs costs no more."""
_DEPTH: Final = 4
_NEAR: Final = 3
_MOST_FOLDERS: Final = 20_000
_ENOUGH: Final = 0.3
"""Which part of the names a folder must show: a library is seldom all on disk."""
_USUAL: Final = ("/mnt", "/media", "/srv", "/data", "/home", "/share", "/volume1", "/volume2", "/storage")


class Find(NamedTuple):
    """A folder that looks like the library."""

    folder: LocalPath
    holds: int
    """How many of the names it holds."""


async def search(
    names: Mapping[Key, frozenset[str]], starts: Iterable[LocalPath], *, deadline: float = DEADLINE
) -> dict[Key, Find]:
    """For each library, by whatever key, the folder that holds most of its names, if it is enough of them.

    Of several that hold as many it is the one below the first of the starts.
    """
    places = list(dict.fromkeys(starts))
    walk = _Walk[Key]({key: frozenset(map(_plain, some)) for key, some in names.items()})
    threads = [in_thread(partial(walk.run, start), f"search {start}") for start in places]
    if threads:
        await asyncio.wait(threads, timeout=deadline)
    walk.over = True
    return {key: _best(finds, places) for key, finds in list(walk.found.items())}


async def search_near(names: frozenset[str], path: LocalPath, *, deadline: float = DEADLINE) -> Find | None:
    """The folder that holds most of the names, from this one outwards; the first that holds all of them."""
    places = [path, *islice(ancestors(path), _NEAR)]
    walk = _Walk[None]({None: frozenset(map(_plain, names))}, stops=True)
    await asyncio.wait({in_thread(partial(walk.run_in_turn, places), f"search {path}")}, timeout=deadline)
    walk.over = True
    finds = list(walk.found.get(None, ()))
    return _best(finds, places) if finds else None


def starting_points(known: Iterable[LocalPath], home: str | None = None) -> list[LocalPath]:
    """Where to look: near the known paths, where something is mounted, and in the usual places.

    Whether there is such a folder is not asked here: a lost share would not answer.
    """
    near = [above for path in known for above in islice(ancestors(path), _NEAR)]
    mounted = [mount.point for mount in mounts() if may_hold_media(mount)]
    usual = [LocalPath(path) for path in (*_USUAL, *([home] if home else []))]
    return [path for path in dict.fromkeys([*near, *mounted, *usual]) if path != "/"]


@dataclass(slots=True)
class _Walk(Generic[Key]):
    """Shared by the threads, each with a start of its own, so that one that hangs stops no other."""

    names: Mapping[Key, frozenset[str]]
    stops: bool = False
    """Whether a folder that holds all the names ends it."""
    over: bool = False
    seen: set[Hashable] = field(default_factory=set)
    found: dict[Key, list[Find]] = field(default_factory=dict)

    def run_in_turn(self, starts: Iterable[LocalPath]) -> None:
        for start in starts:
            self.run(start)

    def run(self, start: LocalPath) -> None:
        queue = deque([(start, 0)])
        while queue and not self.over and len(self.seen) < _MOST_FOLDERS:
            folder, depth = queue.popleft()
            children = self._children(folder)
            self._judge(folder, children)
            if depth < _DEPTH:
                queue.extend((LocalPath(f"{folder.rstrip('/')}/{name}"), depth + 1) for name in children)

    def _children(self, folder: LocalPath) -> list[str]:
        """The folders in it; none if it was met before, by another way or thread."""
        try:
            facts = os.stat(folder)  # noqa: PTH116  # as scandir, on a string
            if (facts.st_dev, facts.st_ino) in self.seen:
                return []
            self.seen.add((facts.st_dev, facts.st_ino))
            with os.scandir(folder) as entries:
                return [entry.name for entry in entries if _is_searched(entry)]
        except (OSError, ValueError):
            return []

    def _judge(self, folder: LocalPath, children: Sequence[str]) -> None:
        plain = {_plain(name) for name in children}
        for key, names in self.names.items():
            if (count := len(names & plain)) >= _needed(len(names)):
                self.found.setdefault(key, []).append(Find(folder, count))
                self.over |= self.stops and count == len(names)


def _best(finds: Iterable[Find], places: Sequence[LocalPath]) -> Find:
    def rank(find: Find) -> tuple[int, int, int]:
        place = next((n for n, place in enumerate(places) if is_below(find.folder, place)), len(places))
        return -find.holds, place, len(find.folder)

    return min(list(finds), key=rank)


def _is_searched(entry: os.DirEntry[str]) -> bool:
    """A link is not followed: what it leads to has a place of its own."""
    try:
        return not entry.name.startswith((".", "@", "#", "$")) and entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _needed(names: int) -> int:
    return max(min(names, 2), ceil(names * _ENOUGH)) or 1


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name)
