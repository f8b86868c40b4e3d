"""Trailers that vanish by the dozen are held; which of them are believed to be gone, and when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.library import ABSENT, MISSING, PRESENT, Listed, add, item, library_of
from trailarrd.domain.guard import Guard
from trailarrd.domain.known import Known, KnownItems, Vanishing
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.plan import UNSEEN, Observation, RefreshPlan, Rules
from trailarrd.domain.planner import Planner

NO, MISNAMED, GONE, LONG_GONE = Vanishing
SHOWN = ABSENT._replace(own_file=True)
"""No trailer, but the item's own file."""
RENAMED = ABSENT._replace(counted_before=True, own_file=True)
ALL = 20


def known(count: int = ALL, vanishing: Vanishing = NO) -> dict[int, Known]:
    """So many items with a trailer, all of them vanishing so."""
    library = library_of(*(item(number, PRESENT) for number in range(1, count + 1)))
    return {number: one._replace(vanishing=vanishing) for number, one in library.known.items()}


def plan_of(before: dict[int, Known], *listed: Listed, trailers: int | None = None) -> RefreshPlan:
    rules = Rules(refresh=2, mode=MISSING, baseline=None)
    planner = Planner(KnownItems(before.values()), rules)
    add(planner, listed)
    return planner.finish(may_remove=False, trailers=trailers)


def looked_at(before: dict[int, Known], seen: Observation, gone: int) -> list[Listed]:
    """The first so many show this, the others their trailer."""
    return [item(number, seen if number <= gone else PRESENT, has_file=True) for number in before]


def fates(plan: RefreshPlan) -> dict[int, TrailerState]:
    """Of the items that become something else than present."""
    after = {change.known.arr_id: change.entry.trailer for change in plan.changes}
    return {number: state for number, state in after.items() if state is not TrailerState.PRESENT}


def flagged(plan: RefreshPlan) -> dict[Vanishing, int]:
    return {flag: len(ids) for flag, ids in plan.flags.items() if ids}


@pytest.mark.parametrize(
    ("of", "gone", "held"),
    [(10, 10, False), (11, 11, True), (20, 11, True), (55, 11, False), (54, 11, True), (100, 21, True)],
)
def test_more_than_both_bounds_are_held(of: int, gone: int, held: bool) -> None:
    before = known(of)
    plan = plan_of(before, *looked_at(before, ABSENT, gone))
    assert (len(fates(plan)), plan.vanishing) == ((0, gone) if held else (gone, 0))
    assert flagged(plan) == ({GONE: gone} if held else {})
    assert (plan.trailers.present, plan.monitored) == ((of, 0) if held else (of - gone, gone))


def test_what_is_held_is_listed_anew_each_time_and_keeps_the_name_of_its_trailer() -> None:
    before = known()
    signed = Observation(TrailerState.ABSENT, signature=b"as it was")
    plan = plan_of(before, *looked_at(before, signed, ALL))
    assert {change.entry.signature for change in plan.changes} == {b""}
    assert all(change.keeps_file for change in plan.changes)


@pytest.mark.parametrize(
    ("was", "seen", "becomes", "flag"),
    [
        (GONE, SHOWN, TrailerState.PRESENT, None),
        (LONG_GONE, SHOWN, TrailerState.ABSENT, NO),
        (LONG_GONE, ABSENT, TrailerState.PRESENT, None),
        (LONG_GONE, ABSENT._replace(own_file=False), TrailerState.PRESENT, NO),
        (LONG_GONE, UNSEEN, TrailerState.PRESENT, None),
        (LONG_GONE, PRESENT, TrailerState.PRESENT, NO),
        (GONE, RENAMED, TrailerState.PRESENT, MISNAMED),
        (LONG_GONE, RENAMED, TrailerState.PRESENT, MISNAMED),
        (NO, RENAMED, TrailerState.PRESENT, MISNAMED),
        (MISNAMED, RENAMED, TrailerState.PRESENT, None),
        (MISNAMED, UNSEEN, TrailerState.PRESENT, None),
        (MISNAMED, PRESENT, TrailerState.PRESENT, NO),
        (MISNAMED, SHOWN, TrailerState.ABSENT, NO),
        (NO, SHOWN, TrailerState.ABSENT, None),
    ],
)
def test_one_item_alone(
    was: Vanishing, seen: Observation, becomes: TrailerState, flag: Vanishing | None
) -> None:
    before = known(1, was)
    plan = plan_of(before, item(1, seen, has_file=True))
    assert fates(plan).get(1, TrailerState.PRESENT) is becomes
    assert flagged(plan) == ({} if flag is None else {flag: 1})
    assert plan.monitored == (becomes is TrailerState.ABSENT)


def test_what_is_confirmed_is_gone_though_others_are_not() -> None:
    before = known(ALL, LONG_GONE)
    plan = plan_of(before, *looked_at(before, SHOWN, 5), *looked_at({}, ABSENT, 0))
    assert (len(fates(plan)), flagged(plan)) == (5, {NO: ALL})
    mixed = [item(number, SHOWN if number <= 5 else ABSENT, has_file=True) for number in before]
    plan = plan_of(before, *mixed)
    assert (sorted(fates(plan)), plan.vanishing, flagged(plan)) == ([1, 2, 3, 4, 5], 15, {NO: 5})


def test_who_has_only_another_name_is_not_counted_as_gone() -> None:
    before = known(100)
    listed = [item(number, RENAMED if number <= 90 else ABSENT) for number in before]
    plan = plan_of(before, *listed)
    assert (len(fates(plan)), plan.vanishing, plan.misnamed) == (10, 90, 90)


def test_some_items_alone_are_measured_by_all_trailers_of_the_connection() -> None:
    before = known(11)
    assert len(fates(plan_of(before, *looked_at(before, ABSENT, 11), trailers=55))) == 11
    assert len(fates(plan_of(before, *looked_at(before, ABSENT, 11), trailers=54))) == 0


SEEN = st.sampled_from([ABSENT, SHOWN, ABSENT._replace(own_file=False), RENAMED, PRESENT, UNSEEN])


@given(st.lists(st.tuples(st.sampled_from(Vanishing), SEEN, st.booleans()), min_size=1, max_size=40))
def test_no_more_turn_absent_than_the_guard_allows_but_those_that_a_witness_confirms(
    items: list[tuple[Vanishing, Observation, bool]],
) -> None:
    before = {
        number: one._replace(vanishing=items[number - 1][0]) for number, one in known(len(items)).items()
    }
    listed = [item(number, seen, has_file=file) for number, (_, seen, file) in enumerate(items, 1)]
    plan = plan_of(before, *listed)
    lost = fates(plan)
    confirmed = {
        number
        for number, (was, seen, _) in enumerate(items, 1)
        if was is LONG_GONE and seen.own_file and seen.trailer is TrailerState.ABSENT
    }
    believed = lost.keys() - confirmed
    assert not Guard().holds(len(believed), len(items))
    assert set(lost.values()) <= {TrailerState.ABSENT}
    for number in lost:
        was, seen, _ = items[number - 1]
        assert seen.trailer is TrailerState.ABSENT
        assert not seen.counted_before
        assert number in confirmed or not was.is_gone
    assert plan.vanishing <= len(before) - len(lost)
