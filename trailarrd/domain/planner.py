"""Compares a library with what is known of it: the heart of a refresh, and pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from trailarrd.domain.guard import Guard
from trailarrd.domain.identity import recognise
from trailarrd.domain.judgement import Judged, judge
from trailarrd.domain.keys import Fingerprints, KeysList, folder_hash, identity_hash
from trailarrd.domain.known import NO_SIGNATURE, Known, KnownItems, Selection, Vanishing
from trailarrd.domain.monitoring import Exclusion, TrailerState
from trailarrd.domain.plan import (
    UNSEEN,
    Buffer,
    Change,
    Entry,
    Item,
    Match,
    Observation,
    RefreshPlan,
    Rules,
    Unmatched,
    Unsettled,
    differs,
)


class Planner:
    """Takes a library batch by batch and says, once it is whole, what a refresh changes.

    First `match` a batch, then look at the disk, then `decide`. What it collects goes into `plan` and
    `unmatched` and `unsettled`, whose buffers the caller chooses.
    """

    def __init__(
        self,
        known: KnownItems,
        rules: Rules,
        guard: Guard | None = None,
        *,
        trailer_guard: Guard | None = None,
        plan: RefreshPlan | None = None,
        unmatched: Buffer[Unmatched] | None = None,
        unsettled: Buffer[Unsettled] | None = None,
    ) -> None:
        self._known = known
        self._rules = rules
        self._guard = guard or Guard()
        self._trailer_guard = trailer_guard or Guard()
        self._plan = plan or RefreshPlan()
        self._met = bytearray(len(known))
        self._unmatched: Buffer[Unmatched] = [] if unmatched is None else unmatched
        self._unmatched_keys = KeysList()
        self._unsettled: Buffer[Unsettled] = [] if unsettled is None else unsettled
        self._fingerprints = Fingerprints(rules.derivation)
        self._cached: dict[tuple[int, Exclusion | None], _CachedDecision] = {}

    def match(self, items: Iterable[Item]) -> list[Match]:
        """Find each among what is known, with how its folder was if nothing else of it changed."""
        known, met, fingerprint_of = self._known, self._met, self._fingerprints.of
        matches = []
        for item in items:
            media = item.media
            fingerprint, signature, trailer = fingerprint_of(media, item.local_path), NO_SIGNATURE, 0
            row = known.find(media.arr_id)
            if row is not None:
                trailer = known.trailer_hashes[row]
                if known.has_fingerprint(row, fingerprint):
                    signature = known.signature(row)
                    met[row] = 1
                    matches.append(Match(item, fingerprint, row, signature, trailer))
                    continue
                if known.keys(row).folder == folder_hash(media.path):
                    met[row] = 1
                else:
                    row = None  # it may be another one: told by a look at all that is not beyond doubt
            matches.append(Match(item, fingerprint, row, signature, trailer))
        return matches

    def decide(self, matches: Iterable[Match], observations: Iterable[Observation | None]) -> None:
        """Take matched items into account with what their folders showed.

        None: the folder is as its signature says, and so is what it showed.
        """
        is_first = not len(self._known)
        for match, seen in zip(matches, observations, strict=True):
            if match.row is not None:
                if seen is not None or not self._is_same(match, match.row):
                    self._settle(match, seen, self._known[match.row])
            elif not is_first:
                self._unmatched.append((match.fitting(), seen))
                self._unmatched_keys.append(match.item.keys)
            else:  # nobody to recognise
                self._settle(match, seen, None)

    def _is_same(self, match: Match, row: int) -> bool:
        """Whether an item that lies as it lay, with the same fingerprint, is decided as it was; counted then.

        What is decided goes by few words, so most of a library needs no decision of its own.
        """
        known, baseline = self._known, self._rules.baseline
        is_new = baseline is not None and known.first_refresh(row) > baseline
        media = match.item.media
        exclusion = self._rules.exclusion_of(match.item)
        key = known.words[row] << 2 | media.monitored_remotely << 1 | is_new, exclusion
        cached = self._cached.get(key)
        if cached is None:
            cached = self._cached[key] = self._cache(match, known[row])
        cached.items += 1
        return cached.same

    def _cache(self, match: Match, known: Known) -> _CachedDecision:
        judged = judge(match.item, None, known, self._rules)
        decision, contradicted = judged.decision, judged.contradicted
        as_known = (known.monitored, known.monitor_reason, known.contradicted, known.exclusion)
        now = (*decision, contradicted, judged.exclusion)
        same = not (known.removed or judged.vanishing) and now == as_known
        return _CachedDecision(same, decision.monitored, known.trailer, contradicted)

    def _count_cached(self) -> None:
        plan = self._plan
        for cached in self._cached.values():
            if cached.same:
                plan.fetched += cached.items
                plan.unchanged += cached.items
                plan.monitored += cached.items * cached.monitored
                plan.contradicted += cached.items * cached.contradicted
                plan.trailers.count(cached.trailer, cached.items)
        self._cached.clear()

    @property
    def may_lose_trailers(self) -> bool:
        """Whether how many trailers the connection has may make a difference to the plan."""
        return bool(len(self._unsettled) or len(self._unmatched))

    def finish(
        self,
        exempt: frozenset[int] = frozenset(),
        *,
        may_remove: bool = True,
        trailers: int | None = None,
    ) -> RefreshPlan:
        """The plan, once the whole library was seen.

        `exempt` are arr ids that the server listed but that could not be read: their items are not
        gone, unless the server has dealt its ids out anew, when they could be any items. `may_remove`
        is False when something unreadable could be any item. What is gone is removed only if that
        is credible: not all of it, and not more than the guard lets go.
        `trailers` is how many the connection has, if those of what is known are not all.
        """
        self._count_cached()
        known, met = self._known, self._met
        unread = self._unread(exempt)
        unmet = [row for row in range(len(known)) if not met[row]] if 0 in met else []
        returned = recognise(self._unmatched_keys, known, unmet)
        renumbered = any(
            not known.is_removed(row) and known[row].arr_id != arr_id for arr_id, row in returned.items()
        )
        for row in returned.values():
            met[row] = 1
        for match, seen in self._unmatched:
            again = returned.get(match.item.media.arr_id)
            self._settle(match, seen, None if again is None else known[again])
        self._settle_the_rest(known.with_trailer if trailers is None else trailers)
        lost = [row for row in unmet if not met[row] and not known.is_removed(row)]
        self._let_go(lost, unread, may_remove=may_remove and not (exempt and renumbered))
        return self._plan

    def _unread(self, exempt: frozenset[int]) -> frozenset[int]:
        """Those of which the server listed no other record that could be read."""
        if not exempt:
            return exempt
        rows = {arr_id: self._known.find(arr_id) for arr_id in exempt}
        read = {arr_id for arr_id, row in rows.items() if row is not None and self._met[row]}
        return exempt - read - {keys.arr_id for keys in self._unmatched_keys}

    def _let_go(self, lost: list[int], unread: frozenset[int], *, may_remove: bool) -> None:
        known = self._known
        gone = [row for row in lost if not unread or known[row].arr_id not in unread]
        credible = may_remove and self._plan.fetched > 0
        held, removals = gone, list[int]()
        if credible and not self._guard.holds(len(gone), known.living):
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
        return self._known.find(self._known[row].arr_id) != row

    def _settle(self, match: Match, seen: Observation | None, known: Known | None) -> None:
        """Decide on one item, if it alone tells."""
        if known and seen and not _was_asked_for(match, seen, known):
            seen = seen._replace(trailer=TrailerState.UNKNOWN, signature=NO_SIGNATURE)
        judged = judge(match.item, seen, known, self._rules)
        if known is None:
            self._count(seen, judged)
            self._plan.additions.append(_entry(match, seen, judged))
        elif seen and known.trailer is TrailerState.PRESENT and judged.trailer is TrailerState.ABSENT:
            self._unsettled.append((match.fitting(), seen, known))
        else:
            self._take(match, seen, known, judged)

    def _settle_the_rest(self, trailers: int) -> None:
        """Believe that trailers are gone, unless they are too many.

        A trailer that went with many others stays until the item's own file is seen without it, much
        later: who is the last of them is as doubtful as they all were.
        """
        too_many = self._trailer_guard.holds(len(self._unsettled), trailers)
        for match, seen, known in self._unsettled:
            confirmed = known.vanishing is Vanishing.LONG_GONE and bool(seen.own_file)
            held = (too_many or known.vanishing.is_gone) and not confirmed
            self._take(match, seen, known, judge(match.item, seen, known, self._rules, held=held))

    def _take(self, match: Match, seen: Observation | None, known: Known, judged: Judged) -> None:
        """Plan for a known item, if that makes a difference."""
        self._count(seen, judged)
        plan = self._plan
        if judged.vanishing.is_news_after(known.vanishing):
            plan.flags[judged.vanishing].append(known.id)
        looked = seen is not None and seen.tells and seen.trailer is judged.trailer
        if not looked:
            # A signature stands for what was looked for, too: an item that changed is listed anew.
            kept = known.signature if known.fingerprint == match.fingerprint else NO_SIGNATURE
            seen = Observation(judged.trailer, signature=kept)
        entry = _entry(match, seen, judged, had_file=known.had_file)
        if differs(known, entry, looked=looked):
            change = Change(known, entry, not looked)
            plan.changes.append(change)
            if change.has_new_arr_id:
                plan.renumbered.append(known.id)
        else:
            plan.unchanged += 1

    def _count(self, seen: Observation | None, judged: Judged) -> None:
        plan = self._plan
        plan.fetched += 1
        plan.monitored += judged.decision.monitored
        plan.contradicted += judged.contradicted
        plan.vanishing += bool(judged.vanishing)
        plan.misnamed += judged.vanishing is Vanishing.MISNAMED
        kept = judged.vanishing and seen is not None and seen.trailer is TrailerState.ABSENT
        shown = judged.trailer if seen is None or seen.counted_before or kept else seen.trailer
        plan.unseen += shown is TrailerState.UNKNOWN
        proves = shown is not TrailerState.ABSENT or judged.trailer is TrailerState.ABSENT
        plan.trailers.count(shown if proves else TrailerState.UNKNOWN)


class _CachedDecision(msgspec.Struct):
    """What all items come to of which the same is known, and how many those are."""

    same: bool
    monitored: bool
    trailer: TrailerState
    contradicted: bool
    items: int = 0


def _was_asked_for(match: Match, seen: Observation, known: Known) -> bool:
    """Whether the look, if it showed no trailer, was told which file had been the item's.

    It was not if the item has another arr id now: only its name may count no more.
    """
    lacks = seen.trailer is TrailerState.ABSENT and known.trailer is TrailerState.PRESENT
    return not lacks or seen.vanished or match.trailer_hash == known.trailer_hash


def _entry(match: Match, seen: Observation | None, judged: Judged, *, had_file: bool | None = None) -> Entry:
    item, (_, file, signature, *_) = match.item, seen or UNSEEN
    is_listed_anew = judged.contradicted or judged.vanishing or judged.trailer is TrailerState.UNKNOWN
    return Entry(
        item.media,
        item.local_path,
        judged.trailer,
        file,
        *judged.decision,
        judged.contradicted,
        match.fingerprint,
        identity_hash(item.identity),
        judged.first_refresh,
        NO_SIGNATURE if is_listed_anew else signature,
        judged.exclusion,
        had_file or (had_file if item.media.has_file is None else item.media.has_file),
    )
