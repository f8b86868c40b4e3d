"""The user's answer to what is held, and what is gone for good after its grace time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.refresh.conftest import did
from tests.safety.conftest import contents, row_ids
from tests.safety.held import OK, PARTIAL, grow, held, told
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.errors import DatabaseError
from trailarrd.testing import EmptyList, Phase, ShortenedList

if TYPE_CHECKING:
    from tests.refresh.conftest import World

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
