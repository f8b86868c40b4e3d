"""Is an item monitored, and which rule said so."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class MonitorMode(StrEnum):
    """The wish per connection: which items without a trailer shall get one."""

    MISSING = "missing"
    """Every item without a trailer."""
    NEW = "new"
    """Items that appeared after the connection's baseline."""
    SYNC = "sync"
    """What the Arr server monitors."""
    NONE = "none"
    """Nothing, unless the user says so for an item."""


class TrailerState(StrEnum):
    """What the disk said when it was last believed."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"
    """The disk was never believed for this item: not reachable, or no local path."""


class MonitorReason(StrEnum):
    """Which row of the truth table decided."""

    TRAILER_PRESENT = "trailer-present"
    USER = "user"
    MODE_NONE = "mode-none"
    MODE_MISSING = "mode-missing"
    MODE_SYNC = "mode-sync"
    MODE_NEW = "mode-new"
    UNDECIDED = "undecided"
    """No row yet: whether there is a trailer was never known, and the user has not spoken."""

    @property
    def sentence(self) -> str:
        """What the row says, for the user."""
        return _SENTENCES[self]


_SENTENCES: Final = {
    MonitorReason.TRAILER_PRESENT: "there is a trailer, so nothing is wanted",
    MonitorReason.USER: "your own word outranks every mode",
    MonitorReason.UNDECIDED: "its folder was never seen, so nothing is decided",
    MonitorReason.MODE_NONE: "mode none wants nothing by itself",
    MonitorReason.MODE_MISSING: "mode missing wants a trailer for everything without one",
    MonitorReason.MODE_SYNC: "mode sync does as the server's own monitored flag",
    MonitorReason.MODE_NEW: "mode new wants one for what came after the baseline",
}
_ROWS: Final = {
    MonitorReason.TRAILER_PRESENT: 1,
    MonitorReason.UNDECIDED: 4,
    MonitorReason.MODE_NONE: 5,
    MonitorReason.MODE_MISSING: 6,
    MonitorReason.MODE_SYNC: 7,
    MonitorReason.MODE_NEW: 8,
}


def row_of(reason: MonitorReason, *, monitored: bool) -> int:
    """Which row of the table in docs/monitoring.md decided."""
    return _ROWS.get(reason) or (2 if monitored else 3)


class MediaStatus(StrEnum):
    """Derived, never stored: one word for tables."""

    DOWNLOADED = "downloaded"
    DOWNLOADING = "downloading"
    MONITORED = "monitored"
    MISSING = "missing"


class Decision(NamedTuple):
    """Our own monitored flag with its reason."""

    monitored: bool
    reason: MonitorReason


def decide(
    *,
    trailer: TrailerState,
    intent: bool | None,
    mode: MonitorMode,
    monitored_remotely: bool,
    is_new: bool,
) -> Decision:
    """The truth table: the first row that fits wins.

    `trailer` is the last known state, `intent` the user's own yes or no (None: has not spoken),
    `is_new` whether the item was first seen after the connection's baseline.
    """
    if trailer is TrailerState.PRESENT:
        return Decision(False, MonitorReason.TRAILER_PRESENT)
    if intent is not None:
        return Decision(intent, MonitorReason.USER)
    if trailer is TrailerState.UNKNOWN:
        return Decision(False, MonitorReason.UNDECIDED)
    return _decide_by_mode(mode, monitored_remotely=monitored_remotely, is_new=is_new)


def _decide_by_mode(mode: MonitorMode, *, monitored_remotely: bool, is_new: bool) -> Decision:
    match mode:
        case MonitorMode.NONE:
            return Decision(False, MonitorReason.MODE_NONE)
        case MonitorMode.MISSING:
            return Decision(True, MonitorReason.MODE_MISSING)
        case MonitorMode.SYNC:
            return Decision(monitored_remotely, MonitorReason.MODE_SYNC)
        case MonitorMode.NEW:
            return Decision(is_new, MonitorReason.MODE_NEW)


def status_of(
    *, trailer: TrailerState, monitored: bool, claimed_until: datetime | None, now: datetime
) -> MediaStatus:
    """One word for an item; a downloader's claim counts until it expires."""
    if claimed_until is not None and now < claimed_until:
        return MediaStatus.DOWNLOADING
    if trailer is TrailerState.PRESENT:
        return MediaStatus.DOWNLOADED
    return MediaStatus.MONITORED if monitored else MediaStatus.MISSING
