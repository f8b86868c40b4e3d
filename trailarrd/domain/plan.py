"""What a refresh will change: pure, so it can be printed instead of applied."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from trailarrd.domain.monitoring import MonitorReason, TrailerState

if TYPE_CHECKING:
    from trailarrd.domain.media import Media
    from trailarrd.domain.monitoring import MonitorMode
    from trailarrd.domain.paths import LocalPath


class Sight(NamedTuple):
    """What a look at an item's folder showed in this refresh."""

    trailer: TrailerState
    file: str | None = None
    """The trailer, relative to the item's folder."""


UNSEEN: Final = Sight(TrailerState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Item:
    """One Media with where it lies on this host and what was seen there."""

    media: Media
    local_path: LocalPath | None
    sight: Sight = UNSEEN
    identity: str | None = None
    """Its id elsewhere by which the provider tells items apart; None if it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
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
    trailer_file: str | None
    intent: bool | None
    monitored: bool
    monitor_reason: MonitorReason
    first_refresh: int
    """The number of the refresh that first saw it."""
    removed: bool
    """Marked as removed earlier."""
    identity: str | None = None
    folder: int | None = None
    """`folder_mark` of its remote path."""
    held: bool = False
    """Its removal is held."""


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


@dataclass(frozen=True, slots=True)
class Addition:
    """An item that was not known before."""

    entry: Entry
    fingerprint: bytes
    identity: str | None = None
    first_refresh: int | None = None
    """The refresh that first saw it, if that was not this one."""


@dataclass(frozen=True, slots=True)
class Change:
    """A known item whose stored values differ from what this refresh found."""

    known: Known
    entry: Entry
    fingerprint: bytes
    identity: str | None = None

    @property
    def has_new_arr_id(self) -> bool:
        """Whether the server lists the item under another arr id than before."""
        return self.known.arr_id != self.entry.media.arr_id


@dataclass(slots=True)
class TrailerCounts:
    """What was seen on disk in this refresh."""

    present: int = 0
    absent: int = 0
    unknown: int = 0

    def count(self, state: TrailerState) -> None:
        """Add one sight."""
        setattr(self, state.value, getattr(self, state.value) + 1)


@dataclass(slots=True, kw_only=True)
class RefreshPlan:
    """What one refresh will change."""

    additions: list[Addition] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    removals: list[Known] = field(default_factory=list)
    held: list[Known] = field(default_factory=list)
    """Items that the server no longer lists, but that stay until someone approves."""
    released: list[Known] = field(default_factory=list)
    """Items whose removal was held, and that the server lists again."""
    unchanged: int = 0
    fetched: int = 0
    monitored: int = 0
    trailers: TrailerCounts = field(default_factory=TrailerCounts)
