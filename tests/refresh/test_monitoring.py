"""The truth table, row by row, as refreshes meet it: the first row that fits decides and is the reason."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from trailarrd.domain.monitoring import MediaStatus, MonitorMode
from trailarrd.testing import RADARR, Refusal, Truncated

if TYPE_CHECKING:
    from tests.refresh.conftest import World

MISSING, NEW, SYNC, NONE = MonitorMode.MISSING, MonitorMode.NEW, MonitorMode.SYNC, MonitorMode.NONE

pytestmark = pytest.mark.parametrize("dialect", [RADARR], ids=["radarr"])


@pytest.mark.parametrize("mode", list(MonitorMode))
async def test_row_1_what_has_a_trailer_is_not_monitored_whatever_else_holds(
    world: World, mode: MonitorMode
) -> None:
    world.mode = mode
    await world.refresh()
    await world.intend(1, intent=True)
    world.shelf.put(1, "Trailers/Teaser.mkv")
    await world.refresh()
    assert (await world.decisions())[1] == (False, "trailer-present")


@pytest.mark.parametrize("mode", list(MonitorMode))
async def test_row_2_the_users_word_outranks_the_mode(world: World, mode: MonitorMode) -> None:
    world.mode = mode
    await world.refresh()
    await world.intend(1, intent=True)
    await world.intend(2, intent=False)
    for _ in range(2):
        assert (await world.decisions())[1] == (True, "user")
        assert (await world.decisions())[2] == (False, "user")
        await world.refresh()


async def test_row_2_the_users_word_counts_again_when_the_trailer_is_gone(world: World) -> None:
    trailer = world.shelf.put(1, "Trailers/Teaser.mkv")
    await world.refresh()
    await world.intend(1, intent=False)
    trailer.unlink()
    await world.refresh()
    assert (await world.decisions())[1] == (False, "user")


async def test_row_2_a_word_that_is_dropped_leaves_the_mode_to_decide(world: World) -> None:
    await world.refresh()
    await world.intend(1, intent=False)
    await world.intend(1, intent=None)
    assert (await world.decisions())[1] == (True, "mode-missing")


@pytest.mark.parametrize(
    ("mode", "monitored_remotely", "decision"),
    [
        (NONE, True, (False, "mode-none")),
        (NONE, False, (False, "mode-none")),
        (MISSING, True, (True, "mode-missing")),
        (MISSING, False, (True, "mode-missing")),
        (SYNC, True, (True, "mode-sync")),
        (SYNC, False, (False, "mode-sync")),
        (NEW, True, (False, "mode-new")),
        (NEW, False, (False, "mode-new")),
    ],
)
async def test_rows_3_to_6_the_mode_decides_on_a_first_refresh(
    world: World,
    mode: MonitorMode,
    monitored_remotely: bool,
    decision: tuple[bool, str],
) -> None:
    world.mode = mode
    world.shelf.library.edit(1, monitored=monitored_remotely)
    report = await world.refresh()
    assert (await world.decisions())[1] == decision
    assert report.monitored == (0 if mode in (NONE, NEW) else 2 + decision[0])


async def test_row_5_sync_follows_in_both_directions(world: World) -> None:
    world.mode = SYNC
    for monitored in (True, False, True):
        world.shelf.library.edit(1, monitored=monitored)
        await world.refresh()
        assert (await world.decisions())[1] == (monitored, "mode-sync")


async def test_row_6_new_items_are_monitored_until_they_have_a_trailer(world: World) -> None:
    world.mode = NEW
    await world.refresh()
    arr_id = world.shelf.add("Delta", 2004)
    for _ in range(3):
        await world.refresh()
        assert await world.decisions() == {
            **dict.fromkeys((1, 2, 3), (False, "mode-new")),
            arr_id: (True, "mode-new"),
        }
    trailer = world.shelf.put(arr_id, "Trailers/Teaser.mkv")
    await world.refresh()
    assert (await world.decisions())[arr_id] == (False, "trailer-present")
    trailer.unlink()
    await world.refresh()
    assert (await world.decisions())[arr_id] == (True, "mode-new"), "it is still a new item"


@pytest.mark.parametrize("fault", [Refusal(), Truncated(at=0.9)], ids=["refused", "truncated"])
async def test_row_6_only_a_complete_refresh_is_the_baseline(
    world: World, fault: Refusal | Truncated
) -> None:
    world.mode = NEW
    world.shelf.server.fault = fault
    await world.refresh()
    world.shelf.server.fault = None
    await world.refresh()
    assert await world.decisions() == dict.fromkeys((1, 2, 3), (False, "mode-new"))


async def test_row_6_a_failure_after_the_baseline_does_not_move_it(world: World) -> None:
    world.mode = NEW
    await world.refresh()
    world.shelf.server.fault = Refusal()
    await world.refresh()
    world.shelf.server.fault = None
    arr_id = world.shelf.add("Delta", 2004)
    await world.refresh()
    assert (await world.decisions())[arr_id] == (True, "mode-new")


async def test_row_6_changing_to_new_sets_the_baseline_anew(world: World) -> None:
    world.mode = NEW
    await world.refresh()
    arr_id = world.shelf.add("Delta", 2004)
    await world.refresh()
    world.mode = MISSING
    await world.refresh()
    world.mode = NEW
    await world.refresh()
    assert await world.decisions() == dict.fromkeys((1, 2, 3, arr_id), (False, "mode-new"))
    later = world.shelf.add("Epsilon", 2005)
    await world.refresh()
    assert (await world.decisions())[later] == (True, "mode-new")


async def test_each_change_of_mode_decides_every_item_anew(world: World) -> None:
    world.shelf.library.edit(2, monitored=False)
    world.shelf.put(3, "Trailers/Teaser.mkv")
    expected = {
        NEW: {1: (False, "mode-new"), 2: (False, "mode-new"), 3: (False, "trailer-present")},
        MISSING: {1: (True, "mode-missing"), 2: (True, "mode-missing"), 3: (False, "trailer-present")},
        NONE: {1: (False, "mode-none"), 2: (False, "mode-none"), 3: (False, "trailer-present")},
        SYNC: {1: (True, "mode-sync"), 2: (False, "mode-sync"), 3: (False, "trailer-present")},
    }
    for mode, decisions in expected.items():
        world.mode = mode
        await world.refresh()
        assert await world.decisions() == decisions


async def test_the_words_of_a_table_are_derived(world: World) -> None:
    world.mode = SYNC
    world.shelf.library.edit(2, monitored=False)
    world.shelf.put(3, "Trailers/Teaser.mkv")
    await world.refresh()
    words = {arr_id: row.status(world.now) for arr_id, row in (await world.rows()).items()}
    assert words == {1: MediaStatus.MONITORED, 2: MediaStatus.MISSING, 3: MediaStatus.DOWNLOADED}


async def test_a_claim_shows_as_downloading_until_it_expires_and_a_refresh_leaves_it_alone(
    world: World,
) -> None:
    await world.refresh()
    item = (await world.rows())[1]
    expiry = world.now + timedelta(minutes=10)
    assert await world.store.claim(item.id, "downloader", until=expiry, now=world.now)
    world.shelf.library.edit(1, title="Alpha Prime")
    await world.refresh()
    row = (await world.rows())[1]
    assert (row.title, row.claimed_by) == ("Alpha Prime", "downloader")
    assert row.status(world.now) is MediaStatus.DOWNLOADING
    assert row.status(expiry) is MediaStatus.MONITORED
