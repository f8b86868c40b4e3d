"""Is an item monitored, and which rule said so."""

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Self


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
    """What the disk said when it was last trusted."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"
    """The disk was never trusted for this item: not reachable, or no local path."""


class MonitorReason(StrEnum):
    """Which row of the truth table decided."""

    TRAILER_PRESENT = "trailer-present"
    USER = "user"
    MODE_NONE = "mode-none"
    MODE_MISSING = "mode-missing"
    MODE_SYNC = "mode-sync"
    MODE_NEW = "mode-new"
    UNDECIDED = "undecided"
    """No row yet: whether there is a trailer was never known, and the user has not chosen."""
    CONTRADICTED = "contradicted"
    """The server says that it has the item's own file, and its folder does not show it."""
    NO_FILE = "no-file"
    """The server has no file of it."""
    FILTERED = "filtered"
    """A condition of its connection's `want:` leaves it out."""

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES: Final = {
    MonitorReason.TRAILER_PRESENT: "there is a trailer, so nothing is wanted",
    MonitorReason.USER: "your own choice outranks every mode",
    MonitorReason.NO_FILE: "its server has no file of it, and a trailer alone is taken for the film",
    MonitorReason.FILTERED: "want: in trailarrd.yaml leaves it out",
    MonitorReason.UNDECIDED: "what decides was never known, so nothing is decided",
    MonitorReason.CONTRADICTED: "its folder does not show the file that its server has, so it proves nothing",
    MonitorReason.MODE_NONE: "mode none wants nothing by itself",
    MonitorReason.MODE_MISSING: "mode missing wants a trailer for everything without one",
    MonitorReason.MODE_SYNC: "mode sync does as the server's own monitored flag",
    MonitorReason.MODE_NEW: "mode new wants one for what came after the baseline",
}


class Row(NamedTuple):
    """A row of the truth table as people read it."""

    reason: MonitorReason
    fits: str
    """Which items it is about."""
    monitored: str


TRUTH_TABLE: Final = (
    Row(MonitorReason.TRAILER_PRESENT, "there is a trailer", "no"),
    Row(MonitorReason.USER, "your choice is yes", "yes"),
    Row(MonitorReason.USER, "your choice is no", "no"),
    Row(MonitorReason.NO_FILE, "the server has no file of it, unless want.without_file", "no"),
    Row(MonitorReason.FILTERED, "want leaves it out", "no"),
    Row(MonitorReason.CONTRADICTED, "its folder does not show the file that the server has", "no"),
    Row(MonitorReason.UNDECIDED, "its folder was never seen, or a fact that want asks for", "no"),
    Row(MonitorReason.MODE_NONE, "the mode is none", "no"),
    Row(MonitorReason.MODE_MISSING, "the mode is missing", "yes"),
    Row(MonitorReason.MODE_SYNC, "the mode is sync", "as the server monitors it"),
    Row(MonitorReason.MODE_NEW, "the mode is new", "if it came after the baseline"),
)
"""What `decide` does, as docs/monitoring.md has it: the first row that fits wins."""


def row_of(reason: MonitorReason, *, monitored: bool) -> int:
    """The number of the row that decided."""
    first, *others = (number for number, row in enumerate(TRUTH_TABLE, 1) if row.reason is reason)
    return others[0] if others and not monitored else first  # a choice has two rows: of a yes, of a no


class MediaStatus(StrEnum):
    DOWNLOADED = "downloaded"
    DOWNLOADING = "downloading"
    MONITORED = "monitored"
    MISSING = "missing"


class Exclusion(NamedTuple):
    """Why an item is not wanted, whatever its mode."""

    reason: MonitorReason
    condition: str | None = None
    """What decided, as it stands in `want:`: `never genres: Documentary`; None: nothing of that."""

    @property
    def mark(self) -> str:
        """As it is stored and compared."""
        return f"{self.reason} {self.condition}" if self.condition else self.reason.value

    @classmethod
    def of(cls, mark: str | None) -> Self | None:
        """By its mark; None for none: it is wanted."""
        if mark is None:
            return None
        reason, _, condition = mark.partition(" ")
        return cls(MonitorReason(reason), condition or None)


def condition_of(mark: str | None, reason: MonitorReason) -> str | None:
    """What of `want:` decides about an item, if that is what does."""
    exclusion = Exclusion.of(mark)
    return exclusion.condition if exclusion and exclusion.reason is reason else None


NO_FILE: Final = Exclusion(MonitorReason.NO_FILE)


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
    contradicted: bool = False,
    exclusion: Exclusion | None = None,
) -> Decision:
    """The truth table: the first row that fits wins.

    `trailer` is the last known state, `intent` the user's own yes or no (None: has not chosen),
    `is_new` whether the item was first seen after the connection's baseline, `contradicted` whether its
    folder does not show the file that the server says that it has, `exclusion` why it is not wanted at all.
    """
    if trailer is TrailerState.PRESENT:
        return Decision(False, MonitorReason.TRAILER_PRESENT)
    if intent is not None:
        return Decision(intent, MonitorReason.USER)
    if exclusion is not None and exclusion.reason is not MonitorReason.UNDECIDED:
        return Decision(False, exclusion.reason)
    if contradicted:
        return Decision(False, MonitorReason.CONTRADICTED)
    if trailer is TrailerState.UNKNOWN or exclusion is not None:
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
