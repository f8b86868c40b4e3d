"""Removals in layers: only what can be believed goes at once, the rest waits for the user's word.

The first tests are about the guard alone, the others about what a refresh, an approval, a discard and
a purge make of it.
"""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.refresh.conftest import did
from tests.safety.conftest import as_if_fresh, contents, row_ids
from trailarrd.domain.guard import RemovalGuard
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.report import Outcome
from trailarrd.errors import DatabaseError
from trailarrd.store import MediaFilter
from trailarrd.testing import BrokenRecord, EmptyList, Phase, Refusal, ShortenedList

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tests.refresh.conftest import World

OK, PARTIAL, FAILED = Outcome.OK, Outcome.PARTIAL, Outcome.FAILED
NO_REMOVAL = RemovalGuard(max_items=0, max_fraction=0.0)
"""Holds every removal, so that a few items are enough for a test."""
ANYTHING = RemovalGuard(max_items=1_000_000, max_fraction=1.0)
ONE = BrokenRecord(phase=Phase.LIST, position=0)
NOBODY = BrokenRecord(phase=Phase.LIST, position=0, field=None)


# -- the guard alone ------------------------------------------------------------------------------

DEFAULT = RemovalGuard()


@pytest.mark.parametrize(
    ("guard", "gone", "known", "held"),
    [
        (DEFAULT, 0, 0, False),
        (DEFAULT, 0, 100, False),
        (DEFAULT, 1, 1, False),
        (DEFAULT, 10, 10, False),  # ten may always go
        (DEFAULT, 11, 11, True),
        (DEFAULT, 11, 54, True),
        (DEFAULT, 11, 55, False),  # exactly a fifth is not more than a fifth
        (DEFAULT, 11, 1000, False),
        (DEFAULT, 200, 1000, False),
        (DEFAULT, 201, 1000, True),
        (DEFAULT, 8000, 40_000, False),
        (DEFAULT, 8001, 40_000, True),
        (NO_REMOVAL, 0, 5, False),
        (NO_REMOVAL, 1, 1_000_000, True),
        (RemovalGuard(max_items=0, max_fraction=1.0), 5, 5, False),
        (RemovalGuard(max_items=5, max_fraction=0.0), 5, 1000, False),
        (RemovalGuard(max_items=5, max_fraction=0.0), 6, 1000, True),
        (RemovalGuard(max_items=0, max_fraction=0.5), 5, 10, False),
        (RemovalGuard(max_items=0, max_fraction=0.5), 6, 10, True),
        (RemovalGuard(max_items=0, max_fraction=0.07), 7, 100, False),
        (RemovalGuard(max_items=0, max_fraction=0.29), 29, 100, False),
        (RemovalGuard(max_items=0, max_fraction=0.29), 30, 100, True),
    ],
)
def test_removals_are_held_when_they_are_more_than_both_bounds(
    guard: RemovalGuard, gone: int, known: int, held: bool
) -> None:
    assert guard.holds(gone, known) is held


sizes = st.integers(0, 200_000)
percents = st.integers(0, 100)


@given(sizes, percents, sizes, sizes)
def test_both_bounds_are_exact(items: int, percent: int, one: int, other: int) -> None:
    """As a user would count it: 29 of 100 are not more than `0.29`."""
    gone, known = sorted((one, other))
    guard = RemovalGuard(max_items=items, max_fraction=float(f"{percent / 100:.2f}"))
    assert guard.holds(gone, known) is (gone > items and gone > Fraction(percent, 100) * known)


@given(sizes, percents, sizes, sizes)
def test_what_is_held_is_held_the_more_if_more_is_gone(items: int, percent: int, one: int, two: int) -> None:
    guard = RemovalGuard(max_items=items, max_fraction=percent / 100)
    less, more = sorted((one, two))
    assert guard.holds(less, 200_000) <= guard.holds(more, 200_000)


# -- what a refresh holds -------------------------------------------------------------------------


async def grow(world: World, size: int) -> None:
    """A library of that size, refreshed once."""
    for number in range(len(world.shelf.library) + 1, size + 1):
        world.shelf.add(f"Item {number}", 1950 + number)
    await world.refresh()


async def held(world: World) -> Mapping[str, datetime | None]:
    """The titles of the items whose removal is held, and since when."""
    only = MediaFilter(connection=world.name, held=True)
    return {row.title: row.held_at async for page in world.store.media(only, now=world.now) for row in page}


async def told(world: World, event: str) -> list[str]:
    """The titles of which the history tells that event, in its order."""
    rows = await world.store.history(limit=10_000)
    return [row.title for row in reversed(rows) if row.event == event]


@pytest.mark.parametrize(
    ("keep", "removed", "held"),
    [(0.95, 3, 0), (0.84, 10, 0), (0.8, 12, 0), (0.78, 0, 14), (0.6, 0, 24), (0.02, 0, 59), (0.0, 0, 60)],
)
async def test_a_shortened_list_removes_what_may_go_at_once_and_holds_more(
    world: World, keep: float, removed: int, held: int
) -> None:
    await grow(world, 60)
    ids, before = await row_ids(world), await contents(world)
    world.shelf.server.fault = ShortenedList(phase=Phase.LIST, keep=keep)
    report = await world.refresh()
    assert (report.outcome, report.removed, report.held) == (PARTIAL if held else OK, removed, held)
    assert report.unchanged == report.fetched == 60 - removed - held
    world.shelf.server.fault = None
    report = await world.refresh()
    assert (report.outcome, report.restored, report.held) == (OK, removed, 0)
    assert (await row_ids(world), await contents(world)) == (ids, before)


@pytest.mark.parametrize("guard", [DEFAULT, ANYTHING], ids=["default", "anything goes"])
async def test_an_empty_answer_from_a_connection_that_had_items_is_always_held(
    world: World, guard: RemovalGuard
) -> None:
    await world.refresh()
    world.guard = guard
    world.shelf.library.delete(1, 2, 3)
    for _ in range(3):
        report = await world.refresh()
        assert (report.outcome, did(report)) == (PARTIAL, {"held": 3})
    assert set(await world.rows()) == {1, 2, 3}


async def test_an_empty_answer_from_a_connection_that_had_none_is_just_empty(world: World) -> None:
    world.shelf.library.delete(1, 2, 3)
    for _ in range(2):
        report = await world.refresh()
        assert (report.outcome, did(report)) == (OK, {})


async def test_everything_else_of_a_held_refresh_is_applied(world: World) -> None:
    await grow(world, 20)
    world.shelf.library.delete(*range(5, 21))
    world.shelf.library.edit(1, monitored=False)
    world.shelf.put(2, "Trailers/Teaser.mkv")
    world.shelf.library.readd(3)
    world.shelf.add("Newcomer", 2020)
    report = await world.refresh()
    assert report.outcome is PARTIAL
    assert did(report) == {"fetched": 5, "added": 1, "updated": 2, "unchanged": 1, "restored": 1, "held": 16}
    rows = await world.rows()
    assert (rows[1].monitored_remotely, rows[2].trailer) == (False, "present")
    assert {"Gamma", "Newcomer"} <= {row.title for row in rows.values()}
    assert len(rows) == 21


async def test_what_is_held_is_visible_everywhere_and_since_when(world: World) -> None:
    await grow(world, 20)
    world.shelf.library.delete(*range(5, 21))
    report = await world.refresh()
    since = world.now
    assert (report.outcome, report.held) == (PARTIAL, 16)
    missing = {f"Item {number}" for number in range(5, 21)}
    assert await held(world) == dict.fromkeys(missing, since)
    assert sorted(await told(world, "held")) == sorted(missing)
    (row,) = await world.store.connections()
    assert (row.last_outcome, row.items, row.held) == (PARTIAL, 20, 16)
    report = await world.refresh()
    assert (report.outcome, report.held) == (PARTIAL, 16)
    assert await held(world) == dict.fromkeys(missing, since), "since the first time"
    assert len(await told(world, "held")) == 16, "each is told once"


async def test_held_items_keep_all_that_is_known_of_them_and_can_be_spoken_of(world: World) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await world.refresh()
    await world.intend(1, intent=False)
    before = await contents(world)
    world.shelf.server.fault = EmptyList(phase=Phase.LIST)
    await world.refresh()
    assert {n: {**row, "held_at": None} for n, row in (await contents(world)).items()} == before
    await world.intend(3, intent=False)
    assert (await world.decisions())[3] == (False, "user")
    world.shelf.server.fault = None
    await world.refresh()
    assert {arr_id: row.intent for arr_id, row in (await world.rows()).items()} == {
        1: False,
        2: None,
        3: False,
    }


async def test_a_failed_refresh_leaves_what_is_held_held(world: World) -> None:
    await world.refresh()
    world.shelf.server.fault = EmptyList(phase=Phase.LIST)
    await world.refresh()
    before = world.database.content()
    world.shelf.server.fault = Refusal()
    assert (await world.refresh()).outcome is FAILED
    assert world.database.content() == before
    assert len(await held(world)) == 3


async def test_what_is_listed_again_is_held_no_longer(world: World) -> None:
    await world.refresh()
    before = await contents(world)
    world.shelf.server.fault = EmptyList(phase=Phase.LIST)
    await world.refresh()
    world.shelf.server.fault = None
    report = await world.refresh()
    assert (report.outcome, did(report)) == (OK, {"fetched": 3, "unchanged": 3})
    assert await contents(world) == before == await as_if_fresh(world)


# -- quarantine -----------------------------------------------------------------------------------


async def test_a_record_with_an_id_exempts_its_own_item_and_no_other(world: World) -> None:
    await world.refresh()
    world.shelf.library.delete(3)
    world.shelf.server.fault = ONE
    report = await world.refresh()
    assert did(report) == {"fetched": 1, "unchanged": 1, "removed": 1, "quarantined": 1}
    assert set(await world.rows()) == {1, 2}
    assert [(row.position, row.arr_id) for row in await world.store.quarantine()] == [(0, "1")]


async def test_an_exempt_item_does_not_count_as_gone(world: World) -> None:
    """Eleven of twenty would be held; ten and an unreadable one are not."""
    await grow(world, 20)
    world.shelf.library.delete(*range(10, 20))
    world.shelf.library.edit(20, title=17)
    assert did(await world.refresh()) == {"fetched": 9, "unchanged": 9, "removed": 10, "quarantined": 1}


async def test_a_held_item_that_is_listed_again_but_cannot_be_read_is_not_removed(world: World) -> None:
    await world.refresh()
    world.guard = NO_REMOVAL
    world.shelf.server.fault = ShortenedList(phase=Phase.LIST, keep=0.67)
    assert (await world.refresh()).held == 1
    world.shelf.server.fault = BrokenRecord(phase=Phase.LIST, position=2)
    for world.guard in (NO_REMOVAL, ANYTHING):
        assert (await world.refresh()).removed == 0
        assert set(await world.rows()) == {1, 2, 3}
    assert await world.store.approve_removals(world.name, world.now) == 0, "the server lists it"


async def test_a_record_without_an_id_holds_even_a_single_removal(world: World) -> None:
    await world.refresh()
    world.guard = ANYTHING
    world.shelf.library.delete(3)
    world.shelf.server.fault = NOBODY
    report = await world.refresh()
    assert (report.outcome, report.removed) == (PARTIAL, 0)
    assert did(report) == {"fetched": 1, "unchanged": 1, "held": 2, "quarantined": 1}
    world.shelf.server.fault = None
    report = await world.refresh()
    assert (report.outcome, did(report)) == (OK, {"fetched": 2, "unchanged": 2, "removed": 1})


async def test_a_held_item_whose_arr_id_another_has_stands_in_nobodys_way(world: World) -> None:
    """Not even when the other's record cannot be read any more."""
    await world.refresh()
    world.guard = NO_REMOVAL
    world.shelf.library.delete(3)
    stranger = world.shelf.add("Delta", 2004)
    record = world.shelf.library.record(stranger)
    world.shelf.library.delete(stranger)
    world.shelf.library.replace(3, {**record, "id": 3})
    assert did(await world.refresh()) == {"fetched": 3, "added": 1, "unchanged": 2, "held": 1}
    world.shelf.server.fault = BrokenRecord(phase=Phase.LIST, position=2)
    report = await world.refresh()
    assert (report.outcome, report.fetched, report.quarantined, report.removed) == (PARTIAL, 2, 1, 0)
    world.shelf.server.fault = None
    report = await world.refresh()
    assert did(report) == {"fetched": 3, "unchanged": 3, "held": 1}


# -- the user's answer ----------------------------------------------------------------------------


async def held_of_twenty(world: World) -> None:
    """Twenty items, of which the server lists the first four."""
    await grow(world, 20)
    world.shelf.server.fault = ShortenedList(phase=Phase.LIST, keep=0.2)
    assert (await world.refresh()).held == 16


async def test_an_approval_lets_go_exactly_what_is_held_now(world: World) -> None:
    await held_of_twenty(world)
    world.shelf.server.fault = ShortenedList(phase=Phase.LIST, keep=0.3)
    report = await world.refresh()
    assert did(report) == {"fetched": 6, "unchanged": 6, "held": 14}
    assert await world.store.approve_removals(world.name, world.now) == 14
    assert set(await world.rows()) == set(range(1, 7)), "5 and 6 came back meanwhile"
    assert len(await told(world, "removed")) == 14
    report = await world.refresh()
    assert (report.outcome, did(report)) == (OK, {"fetched": 6, "unchanged": 6})
    (row,) = await world.store.connections()
    assert (row.last_outcome, row.items, row.held) == (OK, 6, 0)
    assert await world.store.approve_removals(world.name, world.now) == 0, "nothing is held any more"


async def test_what_was_approved_by_mistake_comes_back_as_it_was(world: World) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await grow(world, 20)
    await world.intend(20, intent=False)
    ids, before = await row_ids(world), await contents(world)
    world.shelf.server.fault = EmptyList(phase=Phase.LIST)
    await world.refresh()
    assert await world.store.approve_removals(world.name, world.now) == 20
    assert await contents(world) == {}
    world.shelf.server.fault = None
    assert did(await world.refresh()) == {"fetched": 20, "restored": 20}
    assert (await row_ids(world), await contents(world)) == (ids, before)


async def test_an_approval_is_about_one_connection(world: World) -> None:
    kind = world.provider.media_kind
    await world.store.register([(name, world.provider.name, kind) for name in ("library", "uhd")])
    for world.name in ("library", "uhd"):
        await world.refresh()
    world.shelf.server.fault = EmptyList(phase=Phase.LIST)
    for world.name in ("library", "uhd"):
        await world.refresh()
    assert await world.store.approve_removals("uhd", world.now) == 3
    assert {row.name: (row.items, row.held) for row in await world.store.connections()} == {
        "library": (3, 3),
        "uhd": (0, 0),
    }
    assert await world.store.discard_removals("library") == 3
    for answer in (world.store.approve_removals("nobody", world.now), world.store.discard_removals("nobody")):
        with pytest.raises(DatabaseError, match="no connection named 'nobody'"):
            await answer


async def test_a_discard_keeps_everything_until_the_next_refresh_decides_anew(world: World) -> None:
    await held_of_twenty(world)
    first = world.now
    assert await world.store.discard_removals(world.name) == 16
    assert await held(world) == {}
    assert len(await world.rows()) == 20
    assert await world.store.approve_removals(world.name, world.now) == 0
    report = await world.refresh()
    assert (report.outcome, did(report)) == (PARTIAL, {"fetched": 4, "unchanged": 4, "held": 16})
    assert set((await held(world)).values()) == {world.now}
    assert world.now > first
    assert len(await told(world, "held")) == 32, "it is told again"


async def test_a_removal_is_approved_after_more_was_held_since(world: World) -> None:
    await held_of_twenty(world)
    world.shelf.server.fault = ShortenedList(phase=Phase.LIST, keep=0.1)
    assert did(await world.refresh()) == {"fetched": 2, "unchanged": 2, "held": 18}
    assert len(await told(world, "held")) == 18
    assert await world.store.approve_removals(world.name, world.now) == 18
    assert set(await world.rows()) == {1, 2}


# -- for good -------------------------------------------------------------------------------------

DAY = timedelta(days=1)
FOR_EVER = timedelta(days=36_500)


async def purge(world: World, *, grace: timedelta, retention: timedelta = FOR_EVER) -> tuple[int, int]:
    """What the daemon does from time to time."""
    return await world.store.purge(removed_before=world.now - grace, history_before=world.now - retention)


async def test_a_removed_row_is_purged_after_its_grace_time_and_no_sooner(world: World) -> None:
    await world.refresh()
    await world.intend(1, intent=True)
    world.shelf.library.delete(2)
    await world.refresh()
    events = len(await world.store.history(limit=1000))
    world.now += 30 * DAY
    assert await purge(world, grace=30 * DAY) == (0, 0), "not yet"
    assert await purge(world, grace=30 * DAY - timedelta(seconds=1)) == (1, 0)
    assert await purge(world, grace=timedelta()) == (0, 0), "nothing else was removed"
    assert set(await world.rows()) == {1, 3}
    assert len(await world.store.history(limit=1000)) == events, "the history outlives the row"
    assert [event for event, arr_id, _ in await world.history() if arr_id == 2] == ["added", "removed"]


async def test_what_is_held_is_never_purged(world: World) -> None:
    await world.refresh()
    world.shelf.server.fault = EmptyList(phase=Phase.LIST)
    await world.refresh()
    world.now += 365 * DAY
    assert (await purge(world, grace=DAY))[0] == 0
    world.shelf.server.fault = None
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3}


async def test_history_goes_by_its_own_age_and_the_items_stay(world: World) -> None:
    await world.refresh()
    world.now += 200 * DAY
    world.shelf.library.edit(1, monitored=False)
    await world.refresh()
    world.now += 200 * DAY
    before = await contents(world)
    assert await purge(world, grace=30 * DAY, retention=365 * DAY) == (0, 3)
    assert [event for event, _, _ in await world.history()] == ["updated"]
    assert await contents(world) == before
    (row,) = await world.store.connections()
    assert row.last_success is not None
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3}


async def test_a_clock_that_jumps_back_purges_nothing_too_soon(world: World) -> None:
    await world.refresh()
    world.shelf.library.delete(2)
    await world.refresh()
    world.now -= 400 * DAY
    assert await purge(world, grace=30 * DAY, retention=365 * DAY) == (0, 0)
    assert did(await world.refresh()) == {"fetched": 2, "unchanged": 2}


async def test_purging_does_not_move_the_baseline_of_mode_new(world: World) -> None:
    world.mode = MonitorMode.NEW
    await world.refresh()
    world.now += 400 * DAY
    await world.refresh()
    await purge(world, grace=30 * DAY, retention=DAY)
    new = world.shelf.add("Delta", 2004)
    await world.refresh()
    assert await world.decisions() == {
        **dict.fromkeys((1, 2, 3), (False, "mode-new")),
        new: (True, "mode-new"),
    }
