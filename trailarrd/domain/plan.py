"""What a refresh will change: pure, so it can be printed instead of applied."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from trailarrd.domain.monitoring import Decision, MonitorReason, TrailerState, decide

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trailarrd.domain.media import Media
    from trailarrd.domain.monitoring import MonitorMode
    from trailarrd.domain.paths import LocalPath

_FINGERPRINT_VERSION: Final = b"1"
"""Changes with what is stored and how it is derived, so that a new program version derives it anew."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the decisions of one refresh go by."""

    refresh: int
    """This refresh's own number; numbers only grow, so they order first sights without a clock."""
    mode: MonitorMode
    baseline: int | None
    """Items first seen after this refresh count as new; None until a complete refresh in mode `new`."""

    def is_new(self, first_refresh: int) -> bool:
        """Whether an item first seen in that refresh counts as new."""
        return self.baseline is not None and first_refresh > self.baseline


@dataclass(frozen=True, slots=True)
class Addition:
    """An item that was not known before."""

    entry: Entry
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """A known item whose stored values differ from what this refresh found."""

    known: Known
    entry: Entry
    fingerprint: bytes

    @property
    def restored(self) -> bool:
        """Whether the item had been removed and is back."""
        return self.known.removed


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
    unchanged: int = 0
    fetched: int = 0
    monitored: int = 0
    trailers: TrailerCounts = field(default_factory=TrailerCounts)


class Planner:
    """Compares a library, batch by batch, with what is known of it."""

    def __init__(self, known: Mapping[int, Known], rules: Rules) -> None:
        self._known = known
        self._rules = rules
        self._seen: set[int] = set()
        self._plan = RefreshPlan()

    def is_duplicate(self, arr_id: int) -> bool:
        """Whether this refresh already met that id: the server listed it twice."""
        return arr_id in self._seen

    def add(self, items: Iterable[Item]) -> None:
        """Take the next items of the library into account."""
        for item in items:
            self._seen.add(item.media.arr_id)
            self._add(item, self._known.get(item.media.arr_id))

    def _add(self, item: Item, known: Known | None) -> None:
        entry = settle(item, known, self._rules)
        mark = fingerprint(item.media, item.local_path)
        self._plan.fetched += 1
        self._plan.monitored += entry.monitored
        self._plan.trailers.count(item.sight.trailer)
        if known is None:
            self._plan.additions.append(Addition(entry, mark))
        elif _differs(known, entry, mark):
            self._plan.changes.append(Change(known, entry, mark))
        else:
            self._plan.unchanged += 1

    def finish(self, exempt: frozenset[int] = frozenset(), *, may_remove: bool = True) -> RefreshPlan:
        """The plan, once the whole library was seen.

        `exempt` are arr ids that the server listed but that could not be read; `may_remove` is
        False when something unreadable could be any item. A library without one readable item removes
        nothing: where items are known, that is held.
        """
        gone = [
            known
            for known in self._known.values()
            if not known.removed and known.arr_id not in self._seen and known.arr_id not in exempt
        ]
        if not may_remove or not self._seen:
            self._plan.held = gone
        else:
            self._plan.removals = gone
        return self._plan


def settle(item: Item, known: Known | None, rules: Rules) -> Entry:
    """What to store of an item: a look that showed nothing keeps the last known state."""
    trailer, file = item.sight
    if trailer is TrailerState.UNKNOWN and known is not None:
        trailer, file = known.trailer, known.trailer_file
        decision = Decision(known.monitored, known.monitor_reason)
    else:
        decision = decide(
            trailer=trailer,
            intent=known.intent if known else None,
            mode=rules.mode,
            monitored_remotely=item.media.monitored_remotely,
            is_new=rules.is_new(known.first_refresh if known else rules.refresh),
        )
    return Entry(
        media=item.media,
        local_path=item.local_path,
        trailer=trailer,
        trailer_file=file,
        monitored=decision.monitored,
        monitor_reason=decision.reason,
    )


def fingerprint(media: Media, local_path: LocalPath | None) -> bytes:
    """16 bytes that change when anything of it would be stored differently."""
    values = (
        media.arr_id,
        media.title,
        media.path,
        media.monitored_remotely,
        media.year,
        sorted(media.external_ids.items()),
        media.youtube_trailer_id,
        media.main_file,
        local_path,
    )
    return hashlib.blake2b(repr(values).encode(), digest_size=16, key=_FINGERPRINT_VERSION).digest()


def _differs(known: Known, entry: Entry, mark: bytes) -> bool:
    return (
        known.removed
        or known.fingerprint != mark
        or known.trailer != entry.trailer
        or known.trailer_file != entry.trailer_file
        or known.monitored != entry.monitored
        or known.monitor_reason != entry.monitor_reason
    )
