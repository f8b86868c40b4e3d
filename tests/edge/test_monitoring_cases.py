"""Case 27: the first refresh in mode `new`, changes of mode, the user's word, the server's flag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.refresh.conftest import did
from trailarrd.domain.monitoring import MonitorMode

if TYPE_CHECKING:
    from tests.refresh.conftest import World

MISSING, NEW, SYNC, NONE = MonitorMode.MISSING, MonitorMode.NEW, MonitorMode.SYNC, MonitorMode.NONE


async def test_27_first_refresh_with_new_monitors_nothing_of_an_existing_library(world: World) -> None:
    world.mode = NEW
    assert (await world.refresh()).monitored == 0
    assert await world.decisions() == dict.fromkeys((1, 2, 3), (False, "mode-new"))
    arr_id = world.shelf.add("Delta", 2004)
    assert (await world.refresh()).monitored == 1
    assert (await world.decisions())[arr_id] == (True, "mode-new")


async def test_27_new_then_missing_then_none_then_sync(world: World) -> None:
    """Each mode decides for every item, whatever the one before has decided."""
    world.shelf.library.edit(2, monitored=False)
    expected = {
        NEW: dict.fromkeys((1, 2, 3), (False, "mode-new")),
        MISSING: dict.fromkeys((1, 2, 3), (True, "mode-missing")),
        NONE: dict.fromkeys((1, 2, 3), (False, "mode-none")),
        SYNC: {1: (True, "mode-sync"), 2: (False, "mode-sync"), 3: (True, "mode-sync")},
    }
    for mode in (NEW, MISSING, NONE, SYNC):
        world.mode = mode
        await world.refresh()
        assert await world.decisions() == expected[mode]


async def test_27_back_to_new_counts_nothing_as_new_that_came_before(world: World) -> None:
    world.mode = NEW
    await world.refresh()
    world.shelf.add("Delta", 2004)
    assert (await world.refresh()).monitored == 1
    world.mode = NONE
    await world.refresh()
    world.mode = NEW
    assert (await world.refresh()).monitored == 0


async def test_27_user_override_sticks(world: World) -> None:
    """Through every mode, until the user drops it; only a trailer outranks a yes."""
    await world.refresh()
    await world.intend(1, intent=True)
    await world.intend(2, intent=False)
    for mode in MonitorMode:
        world.mode = mode
        for _ in range(2):
            await world.refresh()
            decisions = await world.decisions()
            assert (decisions[1], decisions[2]) == ((True, "user"), (False, "user"))
    trailer = world.shelf.put(1, "Trailers/Teaser.mkv")
    await world.refresh()
    assert (await world.decisions())[1] == (False, "trailer-present")
    trailer.unlink()
    await world.refresh()
    assert (await world.decisions())[1] == (True, "user")


async def test_27_app_unmonitors(world: World) -> None:
    """In mode `sync` it is followed, in both directions; in others it is only noted."""
    for mode, decision in ((SYNC, (False, "mode-sync")), (MISSING, (True, "mode-missing"))):
        world.mode = mode
        world.shelf.library.edit(2, monitored=True)
        await world.refresh()
        assert (await world.decisions())[2][0] is True
        world.shelf.library.edit(2, monitored=False)
        assert did(await world.refresh())["updated"] == 1
        assert (await world.decisions())[2] == decision
        assert (await world.each("monitored_remotely"))[2] is False
