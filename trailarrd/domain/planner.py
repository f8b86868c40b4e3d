"""Compares a library with what is known of it: the heart of a refresh, and pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from trailarrd.domain.guard import RemovalGuard
from trailarrd.domain.identity import is_same, recognise
from trailarrd.domain.monitoring import Decision, TrailerState, decide
from trailarrd.domain.plan import Addition, Change, Entry, Item, Known, RefreshPlan, Rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trailarrd.domain.media import Media
    from trailarrd.domain.paths import LocalPath

_FINGERPRINT_VERSION: Final = b"2"
"""Changes with what is stored and how it is derived, so that a new program version derives it anew."""


class Planner:
    """Takes a library batch by batch and says, once it is whole, what a refresh changes."""

    def __init__(self, known: Iterable[Known], rules: Rules, guard: RemovalGuard | None = None) -> None:
        self._rules = rules
        self._guard = guard or RemovalGuard()
        self._living: dict[int, Known] = {}
        self._removed: list[Known] = []
        self._twins: list[Known] = []
        self._known = False
        for one in sorted(known, key=lambda one: one.held):
            self._known = True
            if one.removed:
                self._removed.append(one)
            elif one.arr_id in self._living:  # held, and its arr id went to another item meanwhile
                self._twins.append(one)
            else:
                self._living[one.arr_id] = one
        self._seen: set[int] = set()
        self._met: set[int] = set()
        self._strangers: list[Item] = []
        self._plan = RefreshPlan()

    def add(self, items: Iterable[Item]) -> None:
        """Take the next items of the library into account."""
        for item in items:
            arr_id = item.media.arr_id
            self._seen.add(arr_id)
            known = self._living.get(arr_id)
            if known is not None and is_same(known, item):
                self._met.add(known.id)
                self._settle(item, known)
            elif self._known:
                self._strangers.append(item)
            else:  # a first refresh: there is nobody to recognise
                self._settle(item, None)

    def finish(self, exempt: frozenset[int] = frozenset(), *, may_remove: bool = True) -> RefreshPlan:
        """The plan, once the whole library was seen.

        `exempt` are arr ids that the server listed but that could not be read: their items are not
        gone, unless the server has dealt its ids out anew, when they could be any items. `may_remove`
        is False when something unreadable could be any item. What is gone is removed only if that can
        be believed: not all of it, and not more than the guard lets go.
        """
        missing = [one for one in self._all_living if one.id not in self._met]
        returned = recognise(self._strangers, [*missing, *self._removed])
        for item in self._strangers:
            self._settle(item, returned.get(item.media.arr_id))
        back = {known.id for known in returned.values()}
        renumbered = any(not known.removed and known.arr_id != arr_id for arr_id, known in returned.items())
        lost = [one for one in missing if one.id not in back]
        unread = exempt - self._seen
        gone = [one for one in lost if one.arr_id not in unread]
        self._let_go(gone, may_remove=may_remove and not (exempt and renumbered))
        self._release(lost, unread)
        return self._plan

    def _let_go(self, gone: list[Known], *, may_remove: bool) -> None:
        believed = may_remove and bool(self._seen)
        if not believed or self._guard.holds(len(gone), len(self._all_living)):
            self._plan.held = gone
        else:
            self._plan.removals = gone

    def _release(self, lost: list[Known], unread: frozenset[int]) -> None:
        """Hold no longer what the server lists again, readable or not.

        A record that cannot be read speaks for the item that has its arr id now, not for a held one
        that had it before: that one stays held.
        """
        self._plan.held += [one for one in self._twins if one in lost and one.arr_id in unread]
        staying = {one.id for one in (*self._plan.held, *self._plan.removals)}
        self._plan.released = [one for one in self._all_living if one.held and one.id not in staying]

    @property
    def _all_living(self) -> list[Known]:
        return [*self._living.values(), *self._twins]

    def _settle(self, item: Item, known: Known | None) -> None:
        entry = settle(item, known, self._rules)
        mark = fingerprint(item.media, item.local_path)
        self._plan.fetched += 1
        self._plan.monitored += entry.monitored
        self._plan.trailers.count(item.sight.trailer)
        if known is None:
            first = self._rules.first_refresh_of(item.media.arr_id)
            self._plan.additions.append(Addition(entry, mark, item.identity, first))
        elif _differs(known, entry, mark):
            self._plan.changes.append(Change(known, entry, mark, item.identity))
        else:
            self._plan.unchanged += 1


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
            is_new=rules.is_new(known.first_refresh if known else rules.first_refresh_of(item.media.arr_id)),
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
