"""What a refresh holds, where it is seen, and when it is held no longer; quarantine beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.refresh.conftest import did
from tests.safety.conftest import as_if_fresh, contents, row_ids
from tests.safety.held import ANYTHING, DEFAULT, FAILED, NO_REMOVAL, NOBODY, OK, ONE, PARTIAL, grow, held
from trailarrd.testing import BrokenRecord, EmptyList, Phase, Refusal, ShortenedList

if TYPE_CHECKING:
    from tests.refresh.conftest import World
    from trailarrd.domain.guard import Guard

from tests.safety.held import told


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
    world: World, guard: Guard
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
