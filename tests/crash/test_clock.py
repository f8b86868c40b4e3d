"""The clock jumps between refreshes, far back or far ahead: no decision and no item hangs on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.crash.remains import Remains
from tests.refresh.conftest import did
from trailarrd.domain.guard import Guard
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.runtime.housekeeper import Housekeeper

if TYPE_CHECKING:
    from tests.refresh.conftest import World

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2099, 12, 31, tzinfo=UTC)
YEARS = timedelta(days=3650)
GRACE = timedelta(days=30)
JUMPS = [-YEARS, -timedelta(hours=1), timedelta(hours=1), YEARS]


def housekeeper(world: World) -> Housekeeper:
    return Housekeeper(
        store=world.store,
        removed_grace=GRACE,
        history_retention=timedelta(days=365),
        clock=lambda: world.now,
    )


async def tidy(world: World) -> None:
    """What the daemon does in some hours: portion after portion, until nothing is left to do."""
    for _ in range(4):
        await housekeeper(world).tidy()


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_mode_new_monitors_what_is_new_and_nothing_else(world: World, jump: timedelta) -> None:
    """New is what came after the baseline, by the order of refreshes and not by the clock."""
    world.mode = MonitorMode.NEW
    await world.refresh()
    for number in range(3):
        world.now += jump * (-1) ** number
        world.shelf.add(f"New {number}", 2010 + number)
        assert did(await world.refresh())["added"] == 1
    assert await world.each("monitored") == {1: False, 2: False, 3: False, 4: True, 5: True, 6: True}


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_a_jump_sets_no_new_baseline(world: World, jump: timedelta) -> None:
    """Nor does a change to another mode and back make the library look new."""
    world.mode = MonitorMode.NEW
    await world.refresh()
    world.now += jump
    await world.refresh()
    ((baseline,),) = world.database.sql("SELECT baseline FROM connections")
    assert baseline == 1
    world.mode = MonitorMode.MISSING
    await world.refresh()
    world.now -= 2 * jump
    world.mode = MonitorMode.NEW
    await world.refresh()
    assert await world.each("monitored") == {1: False, 2: False, 3: False}


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_a_refresh_after_a_jump_changes_what_has_changed_and_nothing_else(
    world: World, jump: timedelta
) -> None:
    await world.refresh()
    await world.intend(2, intent=False)
    before = world.database.content()
    world.now += jump
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3}
    assert world.database.content() == before
    world.shelf.library.edit(1, title="Alpha Prime")
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 2, "updated": 1}
    Remains(world.database).check()


async def test_an_item_that_was_removed_while_the_clock_was_wrong_has_its_whole_grace(world: World) -> None:
    """A machine without a battery begins in 1970, until it has asked for the time."""
    await world.refresh()
    right = world.now
    world.now = EPOCH
    world.shelf.library.delete(2)
    assert did(await world.refresh())["removed"] == 1
    await tidy(world)
    world.now = right + timedelta(minutes=10)
    await tidy(world)
    assert await removed(world) == [2]
    world.now = right + GRACE - timedelta(minutes=1)
    await tidy(world)
    assert await removed(world) == [2]
    world.now = right + GRACE + timedelta(hours=1)
    await tidy(world)
    assert await removed(world) == []


async def test_so_has_one_whose_removal_was_approved_then(world: World) -> None:
    world.guard = Guard(max_items=0, max_fraction=0.0)
    await world.refresh()
    right = world.now
    world.shelf.library.delete(2)
    assert did(await world.refresh())["held"] == 1
    world.now = EPOCH
    assert await world.store.approve_removals(world.name, world.now) == 1
    world.now = right + GRACE / 2
    await tidy(world)
    assert await removed(world) == [2]


async def test_and_it_comes_back_as_itself(world: World) -> None:
    await world.refresh()
    await world.intend(2, intent=False)
    right = world.now
    world.now = EPOCH
    new_id = world.shelf.library.readd(2)["id"]
    record = world.shelf.library.record(new_id)
    world.shelf.library.delete(new_id)
    await world.refresh()
    world.now = right + timedelta(days=1)
    await tidy(world)
    fields = {name: value for name, value in record.items() if name not in ("id", "title", "year")}
    world.shelf.library.add(title=record["title"], year=record["year"], **fields)
    assert did(await world.refresh())["restored"] == 1
    assert await world.each("intent") == {1: None, 3: None, new_id + 1: False}


async def test_history_that_was_written_while_the_clock_was_wrong_stays_as_long_as_any_other(
    world: World,
) -> None:
    await world.refresh()
    right = world.now
    world.now = EPOCH
    world.shelf.library.delete(2)
    await world.refresh()
    for day in (1, 364):
        world.now = right + timedelta(days=day)
        await tidy(world)
        assert [event for event, *_ in await world.history()] == ["added"] * 3 + ["removed"]
    world.now = right + timedelta(days=366)
    await tidy(world)
    assert await world.history() == []


async def test_a_refresh_from_the_future_keeps_no_history_for_ever(world: World) -> None:
    right = world.now
    world.now = FAR_AHEAD
    await world.refresh()
    world.now = right
    world.shelf.library.edit(1, title="Alpha Prime")
    await world.refresh()
    world.now = right + timedelta(days=366)
    await tidy(world)
    assert [event for event, *_ in await world.history()] == ["added"] * 3


async def test_a_clock_that_was_ahead_once_costs_nothing_later(world: World) -> None:
    """What was removed then is kept too long rather than too short."""
    await world.refresh()
    right = world.now
    world.now = FAR_AHEAD
    world.shelf.library.delete(2)
    await world.refresh()
    world.now = right + timedelta(days=1)
    await tidy(world)
    world.shelf.library.delete(3)
    await world.refresh()
    world.now += GRACE - timedelta(days=1)
    await tidy(world)
    assert await removed(world) == [2, 3]


async def test_years_ahead_cost_two_hours_of_history_and_of_removed_items_an_hour(world: World) -> None:
    """A day of uptime therefore costs two days at most; whoever looks in the meantime sees the clock."""
    await world.refresh()
    begin = world.now
    for hours in (1, 5):
        world.now = begin + timedelta(hours=hours)
        world.shelf.library.delete(1 + hours // 4)
        await world.refresh()
    world.now += YEARS
    await housekeeper(world).tidy()
    assert await removed(world) == [2]
    assert [event for event, *_ in await world.history()] == ["removed"]


async def removed(world: World) -> list[int]:
    """The arr ids of the items that are removed but not yet purged."""
    rows = world.database.sql("SELECT arr_id FROM media WHERE removed_at IS NOT NULL ORDER BY arr_id")
    return [arr_id for (arr_id,) in rows]
