"""Compares a library with what is known of it: the heart of a refresh, and pure."""

from __future__ import annotations

import hashlib
from array import array
from typing import TYPE_CHECKING, Final

from trailarrd.domain.guard import RemovalGuard
from trailarrd.domain.identity import Marks, folder_mark, identity_mark, recognise
from trailarrd.domain.known import KnownItems, Selection
from trailarrd.domain.monitoring import Decision, TrailerState, decide
from trailarrd.domain.numbers import Numbers
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

    from trailarrd.domain.media import Media
    from trailarrd.domain.paths import LocalPath

_DERIVATION: Final = b"3"
"""Changes with what is stored and how it is derived, so that a new program version derives it anew."""


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
        self._seen = Numbers()
        self._met = bytearray(len(known))
        self._strangers: Pile[Item] = [] if strangers is None else strangers
        self._marks = _MarksList()

    def recall(self, items: Iterable[Item]) -> None:
        """Find each among what is known, with how its folder was if nothing else of it changed."""
        for item in items:
            arr_id = item.media.arr_id
            self._seen.add(arr_id)
            item.known, item.signature = None, NO_SIGNATURE
            mark = item.fingerprint = fingerprint(item.media, item.local_path, self._rules.derivation)
            row = self._known.find(arr_id)
            if row is None:
                continue
            known = self._known[row]
            if known.fingerprint == mark:
                item.signature = known.signature
            elif known.folder != folder_mark(item.media.path):
                continue  # it may be another one: told by a look at all that is not beyond doubt
            item.known = known
            self._met[row] = 1

    def add(self, items: Iterable[Item]) -> None:
        """Take items that were recalled, and looked at since, into account."""
        for item in items:
            if item.known is not None or not len(self._known):  # a first refresh: nobody to recognise
                self._settle(item, item.known)
            else:
                self._strangers.append(item)
                self._marks.append(marks_of(item))

    def finish(self, exempt: frozenset[int] = frozenset(), *, may_remove: bool = True) -> RefreshPlan:
        """The plan, once the whole library was seen.

        `exempt` are arr ids that the server listed but that could not be read: their items are not
        gone, unless the server has dealt its ids out anew, when they could be any items. `may_remove`
        is False when something unreadable could be any item. What is gone is removed only if that can
        be believed: not all of it, and not more than the guard lets go.
        """
        known, met = self._known, self._met
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
        self._let_go(lost, exempt, may_remove=may_remove and not (exempt and renumbered))
        return self._plan

    def _let_go(self, lost: list[int], exempt: frozenset[int], *, may_remove: bool) -> None:
        known = self._known
        unread = frozenset(arr_id for arr_id in exempt if arr_id not in self._seen)
        gone = [row for row in lost if not unread or known[row].arr_id not in unread]
        believed = may_remove and bool(self._seen)
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
        plan.trailers.count(item.sight.trailer if item.sight else trailer)
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
        trailer = item.sight.trailer if item.sight else TrailerState.UNKNOWN
        first_refresh = rules.first_refresh_of(item.media.arr_id)
    elif item.sight is None:
        trailer, first_refresh = known.trailer, known.first_refresh
    elif item.sight.trailer is TrailerState.UNKNOWN:
        return known.trailer, Decision(known.monitored, known.monitor_reason)
    else:
        trailer, first_refresh = item.sight.trailer, known.first_refresh
    return trailer, decide(
        trailer=trailer,
        intent=known.intent if known else None,
        mode=rules.mode,
        monitored_remotely=item.media.monitored_remotely,
        is_new=rules.is_new(first_refresh),
    )


def _has_looked(item: Item) -> bool:
    """Whether this refresh listed its folder and could believe it."""
    return item.sight is not None and item.sight.trailer is not TrailerState.UNKNOWN


def _kept_signature(item: Item, known: Known) -> bytes:
    """A signature stands for what was looked for, too: an item that changed is listed anew."""
    return known.signature if known.fingerprint == item.fingerprint else NO_SIGNATURE


def _file(item: Item) -> str | None:
    return item.sight.file if item.sight else None


def _entry(item: Item, trailer: TrailerState, file: str | None, decision: Decision) -> Entry:
    return Entry(
        media=item.media,
        local_path=item.local_path,
        trailer=trailer,
        trailer_file=file,
        monitored=decision.monitored,
        monitor_reason=decision.reason,
    )


def fingerprint(media: Media, local_path: LocalPath | None, derivation: bytes = b"") -> bytes:
    """16 bytes that change when anything of it would be stored differently.

    `derivation` names by which rules it is looked at; at most 15 bytes of it count.
    """
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
    person = _DERIVATION + derivation[:15]
    return hashlib.blake2b(repr(values).encode(), digest_size=16, person=person).digest()


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
