"""Root folders: whether what they show can be trusted."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from trailarrd.domain.paths import LocalPath, PathMapping

MAX_WITNESSES: Final = 200
"""Folders that are asked for: enough to tell a library from a few stray files, and soon done."""


_FEW: Final = 3
_SMALL_PART: Final = 1 / 20
"""A file that a converter renamed is no lost disk: so few, or so small a part, are only counted."""


class RootState(StrEnum):
    """Whether a root folder can be trusted, and why not."""

    OK = "ok"
    MISSING = "missing"
    NOT_A_DIRECTORY = "not-a-directory"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    TIMED_OUT = "timed-out"
    OTHER_DEVICE = "other-device"
    """Another directory or file system than before, and without the folders it had."""
    QUIET = "quiet"
    """Not looked at, because of `disk.quiet_hours`."""

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES: Final = {
    RootState.OK: "it is there and holds something",
    RootState.MISSING: "it does not exist here: is it mounted, and is the path mapping right?",
    RootState.NOT_A_DIRECTORY: "it is not a directory",
    RootState.EMPTY: "it is empty, as a mount point is when nothing is mounted on it",
    RootState.UNREADABLE: "it cannot be read: permission denied, or the disk or share is in trouble",
    RootState.TIMED_OUT: "it does not answer in time, as a share does whose server is gone",
    RootState.OTHER_DEVICE: (
        "it is not the directory that it was, and the folders that it had are not in it: is it mounted?"
    ),
    RootState.QUIET: "it is not looked at now, because of disk.quiet_hours",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RootObservation:
    """A root folder as a refresh found it."""

    path: LocalPath
    state: RootState
    directory_hash: int | None = None
    """Which directory it was when it was last trusted and showed an item's folder."""
    unseen: int = 0
    """Items below it of which this refresh could tell nothing."""
    caught_lying: bool = False
    """Whether a listing ever found what the times of a folder in it had hidden."""
    with_file: int = 0
    """Items below it of which the server says that it has their own file, and that could be looked at."""
    contradicted: int = 0
    """Of those, how many folders do not show it."""
    fits: PathMapping | None = None
    """A mapping by which they would, if they are elsewhere and one was found."""

    @property
    def is_elsewhere(self) -> bool:
        """Whether so many are contradicted that a disk was lost or a mapping is wrong, and no single file."""
        return self.contradicted > _FEW and self.contradicted > self.with_file * _SMALL_PART

    @property
    def contradiction(self) -> str:
        """What is wrong with it then, for the user."""
        counted = f"{self.contradicted} of {self.with_file} items' folders"
        fact = f"{counted} do not show the files that the server has"
        if self.fits is None:
            return f"{fact}: is a disk away, or is the path mapping wrong?"
        fits = f"{{remote: {self.fits.remote}, local: {self.fits.local}}}"
        return f"{fact}: the folders are not where the path mapping says; this one fits: {fits}"


class Remembered(NamedTuple):
    """An item's folder that an earlier refresh looked at and trusted."""

    folder: LocalPath
    had_trailer: bool


class RootHistory(NamedTuple):
    """What is known of a connection's roots from earlier refreshes."""

    directory_hashes: Mapping[LocalPath, int]
    """Which directory each was when it was last trusted and showed something."""
    folders: Callable[[], Awaitable[Iterable[Remembered]]]
    """The folders that were looked at; asked for only if a root is another directory."""
    doubted: frozenset[LocalPath] = frozenset()
    """Those that the refresh before did not trust."""
    caught: frozenset[LocalPath] = frozenset()
    """Those of which a folder's times were caught lying, whoever's root folders they are."""
    observations: Mapping[LocalPath, RootObservation] = MappingProxyType({})
    """Each as the refresh before found it."""
    elsewhere: frozenset[LocalPath] = frozenset()
    """Those in which so many items' files were not seen that something is wrong with all of it."""


class Evidence(NamedTuple):
    """Folders by which a library is known again, and how many of them must be there."""

    folders: Sequence[LocalPath]
    needed: int


def evidence(remembered: Iterable[Remembered]) -> Evidence:
    """What a root must show that is another directory than it was.

    A number of its own says nothing: network shares and some file systems get another one with each
    mount. A folder with a trailer was there for certain, so half of those must still be; a server may
    have put a new item or two into a mount point meanwhile. Where no trailer can be lost, one item's
    folder will do, and where nothing was ever seen, nothing is asked for.
    """
    every = list(remembered)
    certain = _spread([one.folder for one in every if one.had_trailer])
    if certain:
        return Evidence(certain, (len(certain) + 1) // 2)
    return Evidence([one.folder for one in every], 1 if every else 0)


def _spread(folders: Sequence[LocalPath]) -> Sequence[LocalPath]:
    """At most so many of them, from all over."""
    if len(folders) <= MAX_WITNESSES:
        return folders
    return [folders[index * len(folders) // MAX_WITNESSES] for index in range(MAX_WITNESSES)]
