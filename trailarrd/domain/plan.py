"""What a refresh will change: pure, so it can be printed instead of applied."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeVar

import msgspec

from trailarrd.domain.mark import mark_of
from trailarrd.domain.media import Media
from trailarrd.domain.monitoring import MonitorReason, TrailerState
from trailarrd.domain.paths import LocalPath

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from trailarrd.domain.monitoring import MonitorMode


class Observation(NamedTuple):
    """What a look at an item's folder showed in this refresh."""

    trailer: TrailerState
    file: str | None = None
    """The trailer, relative to the item's folder."""


UNSEEN: Final = Observation(TrailerState.UNKNOWN)

NO_SIGNATURE: Final = b""
"""In place of a folder's signature: there is none that could be believed."""


def file_mark(file: str | None) -> int:
    """64 bits in place of a trailer's name, 0 for none: enough to tell that it is another one."""
    return 0 if file is None else mark_of(file) or 1


class Item(msgspec.Struct, gc=False):
    """One Media on its way through a refresh: where it lies on this host and what was seen there."""

    media: Media
    local_path: LocalPath | None
    observation: Observation | None = UNSEEN
    """None: its folder is as it was when it was last listed, and so is what it showed."""
    identity: str | None = None
    """Its id elsewhere by which the provider tells items apart; None if it has none."""
    signature: bytes = NO_SIGNATURE
    """How its folder was when it was listed; opaque here, the disk's own."""
    fingerprint: bytes = b""
    """Of all that is stored of it but for what was seen; empty until it was recalled."""
    row: int | None = None
    """Where the same item is among what is known, if it is there beyond doubt."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """All that is stored of one item and that a refresh decides."""

    media: Media
    local_path: LocalPath | None
    trailer: TrailerState
    trailer_file: str | None
    monitored: bool
    monitor_reason: MonitorReason


class Known(NamedTuple):
    """What the store knows of an item before a refresh, as little as planning needs."""

    id: int
    arr_id: int
    fingerprint: bytes
    trailer: TrailerState
    trailer_mark: int
    """`file_mark` of its trailer."""
    intent: bool | None
    monitored: bool
    monitor_reason: MonitorReason
    first_refresh: int
    """The number of the refresh that first saw it."""
    removed: bool
    """Marked as removed earlier."""
    identity: int | None = None
    """`identity_mark` of its id elsewhere."""
    folder: int | None = None
    """`folder_mark` of its remote path."""
    held: bool = False
    """Its removal is held."""
    signature: bytes = NO_SIGNATURE
    """How its folder was when it was last listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the decisions of one refresh go by."""

    refresh: int
    """This refresh's own number; numbers only grow, so they order first sights without a clock."""
    mode: MonitorMode
    baseline: int | None
    """Items first seen after this refresh count as new; None until a complete refresh in mode `new`."""

    unread: frozenset[int] = frozenset()
    """Arr ids of records that the refresh before saw but could not read."""
    derivation: bytes = b""
    """Names the rules that trailers are looked for by: other ones look at every folder anew."""

    def first_refresh_of(self, arr_id: int) -> int:
        """Which refresh first saw an item that this one adds.

        What could not be read until now was there before: it counts as seen by the baseline.
        """
        if arr_id in self.unread and self.baseline is not None:
            return self.baseline
        return self.refresh

    def is_new(self, first_refresh: int) -> bool:
        """Whether an item first seen in that refresh counts as new."""
        return self.baseline is not None and first_refresh > self.baseline


class Addition(msgspec.Struct, frozen=True, gc=False):
    """An item that was not known before."""

    entry: Entry
    fingerprint: bytes
    identity: str | None = None
    first_refresh: int | None = None
    """The refresh that first saw it, if that was not this one."""
    signature: bytes = NO_SIGNATURE


class Change(msgspec.Struct, frozen=True, gc=False):
    """A known item whose stored values differ from what this refresh found."""

    known: Known
    entry: Entry
    fingerprint: bytes
    identity: str | None = None
    signature: bytes = NO_SIGNATURE
    keeps_file: bool = False
    """The trailer's name stays what is stored: this refresh did not look, or need not have."""

    @property
    def has_new_arr_id(self) -> bool:
        """Whether the server lists the item under another arr id than before."""
        return self.known.arr_id != self.entry.media.arr_id

    def over(self, stored: Entry) -> Entry:
        """What there is once the change is made to what is stored."""
        if not self.keeps_file:
            return self.entry
        return msgspec.structs.replace(self.entry, trailer_file=stored.trailer_file)


@dataclass(slots=True)
class TrailerCounts:
    """What was seen on disk in this refresh."""

    present: int = 0
    absent: int = 0
    unknown: int = 0

    def count(self, state: TrailerState, items: int = 1) -> None:
        """Add so many items."""
        if state is TrailerState.PRESENT:
            self.present += items
        elif state is TrailerState.ABSENT:
            self.absent += items
        else:
            self.unknown += items


T = TypeVar("T")


class Pile(Protocol[T]):
    """A list as far as a plan needs one: it grows, and can be gone through as often as one likes.

    A plain list is one; the store's keep what does not fit into memory in a file.
    """

    def append(self, one: T, /) -> None:
        """Put one on it."""

    def __len__(self) -> int:
        """How many there are."""

    def __iter__(self) -> Iterator[T]:
        """All of them, in their order."""


@dataclass(slots=True, kw_only=True)
class RefreshPlan:
    """What one refresh will change."""

    additions: Pile[Addition] = field(default_factory=list)
    changes: Pile[Change] = field(default_factory=list)
    removals: Collection[Known] = ()
    held: Collection[Known] = ()
    """Items that the server no longer lists, but that stay until someone approves."""
    released: Collection[Known] = ()
    """Items whose removal was held, and that the server lists again."""
    unchanged: int = 0
    fetched: int = 0
    monitored: int = 0
    trailers: TrailerCounts = field(default_factory=TrailerCounts)
