"""What a refresh will change: pure, so it can be printed instead of applied."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple, Protocol, TypeAlias, TypeVar

import msgspec

from trailarrd.domain.keys import ItemKeys, file_hash, folder_hash, identity_hash
from trailarrd.domain.known import NO_SIGNATURE, Known, Vanishing
from trailarrd.domain.media import Media
from trailarrd.domain.monitoring import Exclusion, MonitorMode, MonitorReason, TrailerState
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.want import WANT_ALL, Want


class Observation(NamedTuple):
    """What a look at an item's folder showed in this refresh."""

    trailer: TrailerState
    file: str | None = None
    """The trailer, relative to the item's folder."""
    signature: bytes = NO_SIGNATURE
    """How the folder was before it was listed; opaque here. Empty if it must be listed again next time."""
    notes: tuple[str, ...] = ()
    """What was strange, each with its path."""
    vanished: bool = False
    """Whether the folder is not there: proof of no trailer only while its root still is."""
    counted_before: bool = False
    """Whether the file that was the trailer is still there, and only by its name no longer counts."""
    own_file: bool | None = None
    """Whether the item's own file was seen; None: nobody asked, or nobody can tell.

    False also where its root folder lacks so many that it is not the right one.
    """

    @property
    def tells(self) -> bool:
        """Whether a known item's trailer is what was seen; else it stays what it was."""
        return self.trailer is not TrailerState.UNKNOWN and not self.counted_before


UNSEEN: Final = Observation(TrailerState.UNKNOWN)

# What a refresh collects by the thousand may be spooled to a file: all of that is array_like, which is
# smaller and quicker there.


class Item(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One Media of a refresh with where it lies on this host."""

    media: Media
    local_path: LocalPath | None
    identity: str | None = None
    """Its id elsewhere by which the provider tells items apart; None if it has none."""

    @property
    def keys(self) -> ItemKeys:
        return ItemKeys(self.media.arr_id, identity_hash(self.identity), folder_hash(self.media.path))


class Match(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is known of a listed item before anybody looks at its folder."""

    item: Item
    fingerprint: bytes
    """Of all that is stored of it but for what is seen."""
    row: int | None = None
    """Where the same item is among what is known, if it is there beyond doubt."""
    signature: bytes = NO_SIGNATURE
    """How its folder was when it was last listed, if nothing else of it changed since."""
    trailer_hash: int = 0
    """`file_hash` of the trailer that the item with its arr id had."""
    due: bool = False
    """Whether its folder is listed whatever that signature says."""

    def fitting(self) -> Match:
        """The same without facts that do not fit, so that it can be kept in a file."""
        media = self.item.media.fitting()
        return msgspec.structs.replace(self, item=msgspec.structs.replace(self.item, media=media))


Unmatched: TypeAlias = tuple[Match, Observation | None]
"""An item that may be new, or a known one with another arr id: only the whole library tells."""

Unsettled: TypeAlias = tuple[Match, Observation, Known]
"""An item whose trailer is gone: whether to believe that, the number of such items tells."""


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All that a refresh decides and stores of one item."""

    media: Media
    local_path: LocalPath | None
    trailer: TrailerState
    trailer_file: str | None
    monitored: bool
    monitor_reason: MonitorReason
    contradicted: bool
    """The server says that it has the item's own file, and its folder did not show it."""
    fingerprint: bytes
    identity: int
    """`identity_hash` of its id elsewhere."""
    first_refresh: int
    """The number of the refresh that first saw it, or its first file if that came later."""
    signature: bytes = NO_SIGNATURE
    exclusion: str | None = None
    """The mark of why it is not wanted at all."""
    had_file: bool | None = None
    """Whether the server ever had a file of it; None: it never said."""

    @property
    def folder(self) -> int:
        return folder_hash(self.media.path)

    @property
    def trailer_hash(self) -> int:
        return file_hash(self.trailer_file)


class Change(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A known item whose stored values differ from what this refresh found."""

    known: Known
    entry: Entry
    keeps_file: bool = False
    """The trailer's name stays what is stored: this refresh did not look, or need not have."""

    @property
    def has_new_arr_id(self) -> bool:
        return self.known.arr_id != self.entry.media.arr_id


def differs(known: Known, entry: Entry, *, looked: bool) -> bool:
    """Whether what is stored is another; `looked`: what its trailer is called was seen, too."""
    return (
        known.fingerprint != entry.fingerprint
        or known.signature != entry.signature
        or known.removed
        or known.trailer is not entry.trailer
        or known.monitored is not entry.monitored
        or known.monitor_reason is not entry.monitor_reason
        or known.contradicted is not entry.contradicted
        or known.exclusion != entry.exclusion
        or known.had_file is not entry.had_file
        or (looked and known.trailer_hash != entry.trailer_hash)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the decisions of one refresh go by."""

    refresh: int
    """This refresh's own number; numbers only grow, so they order first appearances without a clock."""
    mode: MonitorMode
    baseline: int | None
    """Items first seen after this refresh count as new; None until a complete refresh in mode `new`."""

    unread: frozenset[int] = frozenset()
    """Arr ids of records that the refresh before saw but could not read."""
    want: Want = WANT_ALL
    today: date = date.max
    """The day of this refresh, by which films are released."""
    derivation: bytes = b""
    """Names the rules that trailers are looked for by: other ones look at every folder anew."""

    def first_refresh_of(self, arr_id: int) -> int:
        """Which refresh first saw an item that this one adds.

        What could not be read until now was there before: it counts as seen by the baseline.
        """
        if arr_id in self.unread and self.baseline is not None:
            return self.baseline
        return self.refresh

    def exclusion_of(self, item: Item) -> Exclusion | None:
        """Why it is not wanted at all; None if it is."""
        want, media = self.want, item.media
        return want.exclusion(media.fitting() if want.has_filters else media, self.today)

    def is_new(self, first_refresh: int) -> bool:
        return self.baseline is not None and first_refresh > self.baseline


@dataclass(slots=True)
class TrailerCounts:
    """What was seen on disk in this refresh."""

    present: int = 0
    absent: int = 0
    unknown: int = 0

    def count(self, state: TrailerState, items: int = 1) -> None:
        if state is TrailerState.PRESENT:
            self.present += items
        elif state is TrailerState.ABSENT:
            self.absent += items
        else:
            self.unknown += items


T = TypeVar("T")


class Buffer(Protocol[T]):
    """A list as far as a plan needs one: it grows, and can be gone through as often as one likes.

    A plain list is one; the store's keep what does not fit into memory in a file.
    """

    def append(self, one: T, /) -> None: ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[T]: ...


def _flags() -> dict[Vanishing, array[int]]:
    return {flag: array("q") for flag in (Vanishing.NO, Vanishing.MISNAMED, Vanishing.GONE)}


@dataclass(slots=True, kw_only=True)
class RefreshPlan:
    """What one refresh will change."""

    additions: Buffer[Entry] = field(default_factory=list)
    changes: Buffer[Change] = field(default_factory=list)
    renumbered: list[int] = field(default_factory=list)
    """The ids of those items among them that the server lists under other arr ids than before."""
    removals: Collection[Known] = ()
    held: Collection[Known] = ()
    """Items that the server no longer lists, but that stay until someone approves."""
    released: Collection[Known] = ()
    """Items whose removal was held, and that the server lists again."""
    unchanged: int = 0
    fetched: int = 0
    monitored: int = 0
    trailers: TrailerCounts = field(default_factory=TrailerCounts)
    unseen: int = 0
    """Of those fetched, how many could not be looked at, or showed nothing for certain."""
    contradicted: int = 0
    """Of those fetched, how many folders do not show the file that the server says that it has."""
    vanishing: int = 0
    """Of those fetched, how many trailers are held to be there, though they are not seen any more."""
    misnamed: int = 0
    """Of those, how many for their names alone."""
    flags: dict[Vanishing, array[int]] = field(default_factory=_flags)
    """The ids of items whose trailer begins to vanish, or does no longer (`NO`)."""
