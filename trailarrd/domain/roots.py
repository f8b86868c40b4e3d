"""Root folders: whether what they show can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from trailarrd.domain.paths import LocalPath


class RootState(StrEnum):
    """Whether a root folder can be believed, and why not."""

    OK = "ok"
    MISSING = "missing"
    NOT_A_DIRECTORY = "not-a-directory"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    TIMED_OUT = "timed-out"
    OTHER_DEVICE = "other-device"
    """On another file system than before, and without the folders it had."""

    @property
    def sentence(self) -> str:
        """What it means, for the user."""
        return _SENTENCES[self]


_SENTENCES: Final = {
    RootState.OK: "it is there and holds something",
    RootState.MISSING: "it does not exist here: is it mounted, and is the path mapping right?",
    RootState.NOT_A_DIRECTORY: "it is not a directory",
    RootState.EMPTY: "it is empty, as a mount point is when nothing is mounted on it",
    RootState.UNREADABLE: "it cannot be read: permission denied, or the disk or share is in trouble",
    RootState.TIMED_OUT: "it does not answer in time, as a share does whose server is gone",
    RootState.OTHER_DEVICE: (
        "it is on another file system than before and has none of the folders it had: is it mounted?"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RootSight:
    """A root folder as a refresh found it."""

    path: LocalPath
    state: RootState
    device: int | None = None
    """The file system it was on when it was last believed."""
