"""Compares a library with what is known of it: the heart of a refresh, and pure."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trailarrd.domain.fingerprint import Fingerprints
from trailarrd.domain.guard import RemovalGuard
from trailarrd.domain.identity import Marks, folder_mark, identity_mark, recognise
from trailarrd.domain.known import KnownItems, Selection
from trailarrd.domain.monitoring import Decision, TrailerState, decide
from trailarrd.domain.plan import (
    NO_SIGNATURE,
    Addition,
    Change,
    Entry,
    Item,
    Known,
    Pile,
    RefreshPlan,
    Rules,
    file_mark,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Planner:
    """Takes a library batch by batch and says, once it is whole, what a refresh changes.

    First `recall` a batch, then look at the disk, then `add` it. What it collects goes into the piles
    of `plan` and `strangers`, which the caller chooses.
    """

    def __init__(
        self,
        known: KnownItems,
        rules: Rules,
        guard: RemovalGuard | None = None,
        *,
        plan: RefreshPlan | None = None,
        strangers: Pile[Item] | None = None,
    ) -> None:
        self._known = known
        self._rules = rules
        self._guard = guard or RemovalGuard()
        self._plan = plan or RefreshPlan()
        self._met = bytearray(len(known))
        self._strangers: Pile[Item] = [] if strangers is None else strangers
        self._marks = _MarksList()
        self._fingerprints = Fingerprints(rules.derivation)
        self._glances: dict[int, _Glance] = {}

    def recall(self, items: Iterable[Item]) -> None:
        """Find each among what is known, with how its folder was if nothing else of it changed."""
        known, met, fingerprint_of = self._known, self._met, self._fingerprints.of
        for item in items:
            media = item.media
            item.fingerprint = fingerprint_of(media, item.local_path)
            row = known.find(media.arr_id)
            if row is None:
                continue
            if known.has_fingerprint(row, item.fingerprint):
                item.signature = known.signature(row)
            elif known.marks(row).folder != folder_mark(media.path):
                continue  # it may be another one: told by a look at all that is not beyond doubt
            item.row = row
            met[row] = 1

    def add(self, items: Iterable[Item]) -> None:
        """Take items that were recalled, and looked at since, into account."""
        is_first = not len(self._known)
        for item in items:
            if item.row is not None:
                if item.observation is not None or not self._is_same(item, item.row):
                    self._settle(item, self._known[item.row])
            elif not is_first:
                self._strangers.append(item)
                self._marks.append(marks_of(item))
            else:  # nobody to recognise
                self._settle(item, None)

    def _is_same(self, item: Item, row: int) -> bool:
        """Whether an item that lies as it lay, with the same fingerprint, is decided as it was; counted then.

        What is decided goes by few words, so most of a library needs no more than a glance.
        """
        known, baseline = self._known, self._rules.baseline
        is_new = baseline is not None and known.first_refresh(row) > baseline
        key = known.flags[row] << 2 | item.media.monitored_remotely << 1 | is_new
        glance = self._glances.get(key)
        if glance is None:
            glance = self._glances[key] = self._glance(item, known[row])
        glance.items += 1
        return glance.same

    def _glance(self, item: Item, known: Known) -> _Glance:
        _, decision = _judge(item, known, self._rules)
        same = not known.removed and decision == (known.monitored, known.monitor_reason)
        return _Glance(same, decision.monitored, known.trailer)

    def _count_glances(self) -> None:
        plan = self._plan
        for glance in self._glances.values():
            if glance.same:
                plan.fetched += glance.items
                plan.unchanged += glance.items
                plan.monitored += glance.items * glance.monitored
                plan.trailers.count(glance.trailer, glance.items)
        self._glances.clear()

    def finish(self, exempt: frozenset[int] = frozenset(), *, may_remove: bool = True) -> RefreshPlan:
        """The plan, once the whole library was seen.

        `exempt` are arr ids that the server listed but that could not be read: their items are not
        gone, unless the server has dealt its ids out anew, when they could be any items. `may_remove`
        is False when something unreadable could be any item. What is gone is removed only if that can
        be believed: not all of it, and not more than the guard lets go.
        """
        self._count_glances()
        known, met = self._known, self._met
        unread = self._unread(exempt)
        unmet = [row for row in range(len(known)) if not met[row]] if 0 in met else []
        returned = recognise(self._marks, known, unmet)
        renumbered = any(
            not known.is_removed(row) and known[row].arr_id != arr_id for arr_id, row in returned.items()
        )
        for row in returned.values():
            met[row] = 1
        for item in self._strangers:
            again = returned.get(item.media.arr_id)
            self._settle(item, None if again is None else known[again])
        lost = [row for row in unmet if not met[row] and not known.is_removed(row)]
        self._let_go(lost, unread, may_remove=may_remove and not (exempt and renumbered))
        return self._plan

    def _unread(self, exempt: frozenset[int]) -> frozenset[int]:
        """Those of which the server listed no other record that could be read."""
        if not exempt:
            return exempt
        rows = {arr_id: self._known.find(arr_id) for arr_id in exempt}
        read = {arr_id for arr_id, row in rows.items() if row is not None and self._met[row]}
        return exempt - read - {marks.arr_id for marks in self._marks}

    def _let_go(self, lost: list[int], unread: frozenset[int], *, may_remove: bool) -> None:
        known = self._known
        gone = [row for row in lost if not unread or known[row].arr_id not in unread]
        believed = may_remove and self._plan.fetched > 0
        held, removals = gone, list[int]()
        if believed and not self._guard.holds(len(gone), known.living):
            held, removals = removals, gone
        # A record that cannot be read speaks for the item that has its arr id now, not for a held one
        # that had it before: that one stays held.
        held += [row for row in lost if known[row].arr_id in unread and self._is_twin(row)] if unread else []
        staying = {*held, *removals}
        released = (row for row in known.held if row not in staying)
        self._plan.held = Selection(known, held)
        self._plan.removals = Selection(known, removals)
        self._plan.released = Selection(known, released)

    def _is_twin(self, row: int) -> bool:
        """Whether another item has its arr id now."""
        return self._known.find(self._known[row].arr_id) != row

    def _settle(self, item: Item, known: Known | None) -> None:
        """Decide on one item, and put it on a pile if that makes a difference."""
        trailer, decision = _judge(item, known, self._rules)
        plan = self._plan
        plan.fetched += 1
        plan.monitored += decision.monitored
        plan.trailers.count(item.observation.trailer if item.observation else trailer)
        if known is None:
            entry = _entry(item, trailer, _file(item), decision)
            first = self._rules.first_refresh_of(item.media.arr_id)
            plan.additions.append(Addition(entry, item.fingerprint, item.identity, first, item.signature))
            return
        looked = _has_looked(item)
        signature = item.signature if looked else _kept_signature(item, known)
        if _differs(known, item, trailer, decision, signature):
            entry = _entry(item, trailer, _file(item), decision)
            plan.changes.append(Change(known, entry, item.fingerprint, item.identity, signature, not looked))
        else:
            plan.unchanged += 1


@dataclass(slots=True)
class _Glance:
    """What all items come to of which the same is known, and how many those are."""

    same: bool
    monitored: bool
    trailer: TrailerState
    items: int = 0


class _MarksList:
    """What strangers are known by, packed."""

    def __init__(self) -> None:
        self._columns = (array("q"), array("q"), array("q"))

    def append(self, marks: Marks) -> None:
        for column, mark in zip(self._columns, marks, strict=True):
            column.append(mark)

    def __iter__(self) -> Iterator[Marks]:
        return map(Marks._make, zip(*self._columns, strict=True))


def marks_of(item: Item) -> Marks:
    """What a listed item can be known again by."""
    return Marks(item.media.arr_id, identity_mark(item.identity), folder_mark(item.media.path))


def settle(item: Item, known: Known | None, rules: Rules) -> Entry:
    """What to store of an item: a look that showed nothing keeps the last known state.

    What is kept of a trailer's name is not here, but where it is stored.
    """
    trailer, decision = _judge(item, known, rules)
    return _entry(item, trailer, _file(item), decision)


def _judge(item: Item, known: Known | None, rules: Rules) -> tuple[TrailerState, Decision]:
    """Whether it has a trailer as far as anybody knows, and what follows from that."""
    if known is None:
        trailer = item.observation.trailer if item.observation else TrailerState.UNKNOWN
        first_refresh = rules.first_refresh_of(item.media.arr_id)
    elif item.observation is None:
        trailer, first_refresh = known.trailer, known.first_refresh
    elif item.observation.trailer is TrailerState.UNKNOWN:
        return known.trailer, Decision(known.monitored, known.monitor_reason)
    else:
        trailer, first_refresh = item.observation.trailer, known.first_refresh
    return trailer, decide(
        trailer=trailer,
        intent=known.intent if known else None,
        mode=rules.mode,
        monitored_remotely=item.media.monitored_remotely,
        is_new=rules.is_new(first_refresh),
    )


def _has_looked(item: Item) -> bool:
    """Whether this refresh listed its folder and could believe it."""
    return item.observation is not None and item.observation.trailer is not TrailerState.UNKNOWN


def _kept_signature(item: Item, known: Known) -> bytes:
    """A signature stands for what was looked for, too: an item that changed is listed anew."""
    return known.signature if known.fingerprint == item.fingerprint else NO_SIGNATURE


def _file(item: Item) -> str | None:
    return item.observation.file if item.observation else None


def _entry(item: Item, trailer: TrailerState, file: str | None, decision: Decision) -> Entry:
    return Entry(item.media, item.local_path, trailer, file, decision.monitored, decision.reason)


def _differs(known: Known, item: Item, trailer: TrailerState, decision: Decision, signature: bytes) -> bool:
    return (
        known.fingerprint != item.fingerprint
        or known.signature != signature
        or known.removed
        or known.trailer is not trailer
        or known.monitored is not decision.monitored
        or known.monitor_reason is not decision.reason
        or (_has_looked(item) and known.trailer_mark != file_mark(_file(item)))
    )
