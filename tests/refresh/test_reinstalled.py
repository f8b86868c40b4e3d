"""A server that was set up anew deals its ids out again: every item keeps its row and the user's word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.refresh.conftest import did
from trailarrd.domain.monitoring import MonitorMode

if TYPE_CHECKING:
    from tests.refresh.conftest import World


async def _words(world: World) -> dict[str, tuple[int, bool | None]]:
    return {row.title: (row.id, row.intent) for row in (await world.rows()).values()}


async def test_one_unreadable_record_costs_nobody_his_row_or_his_word(world: World) -> None:
    await world.refresh()
    before = await _words(world)
    await world.store.set_intent([before["Alpha"][0]], intent=False, at=world.now)
    before = await _words(world)
    world.shelf.library.reinstall()
    unreadable = next(a for a in world.shelf.library.ids if world.shelf.library.record(a)["title"] == "Beta")
    good = world.shelf.library.record(unreadable)
    world.shelf.library.edit(unreadable, title=17)
    report = await world.refresh()
    assert (report.removed, report.added) == (0, 0)
    world.shelf.library.replace(unreadable, good)
    await world.refresh()
    assert await _words(world) == before


async def test_a_plugin_that_knows_its_items_by_another_id_now_knows_the_old_ones_by_it_too(
    world: World,
) -> None:
    """The id elsewhere by which items are told apart is stored; another one has all of them stored anew."""
    imdb = {f"tt{number}": number for number in (1, 2, 3)}
    for tt, number in imdb.items():
        world.shelf.library.edit(number, imdbId=tt)
    await world.refresh()
    before = await _words(world)
    world.provider = replace(world.provider, identity="imdb")
    await world.refresh()
    for number in imdb.values():
        title = f"Moved {number}"
        world.shelf.library.edit(
            number, tmdbId=9000 + number, path=f"{world.shelf.library.dialect.root}/{title}"
        )
    world.shelf.library.reinstall()
    assert did(await world.refresh())["restored"] == len(imdb)
    assert await _words(world) == before


async def test_more_items_than_are_written_at_once_can_change_their_ids(world: World) -> None:
    for number in range(1200):
        world.shelf.library.add(title=f"Film {number}", year=2000)
    await world.refresh()
    before = await _words(world)
    world.shelf.library.reinstall()
    assert did(await world.refresh())["restored"] == 1203
    assert await _words(world) == before


async def test_a_first_answer_without_items_is_no_baseline(world: World) -> None:
    world.mode = MonitorMode.NEW
    gone = [world.shelf.library.record(arr_id) for arr_id in world.shelf.library.ids]
    world.shelf.library.delete(*world.shelf.library.ids)
    await world.refresh()
    for record in gone:
        world.shelf.library.add(title=record["title"], year=record["year"])
    await world.refresh()
    assert set((await world.each("monitored")).values()) == {False}


async def test_what_could_not_be_read_at_the_baseline_is_not_new_afterwards(world: World) -> None:
    world.mode = MonitorMode.NEW
    good = world.shelf.library.record(2)
    world.shelf.library.edit(2, title=17)
    await world.refresh()
    world.shelf.library.replace(2, good)
    await world.refresh()
    assert (await world.each("monitored"))[2] is False
    await world.refresh()
    assert (await world.each("monitored"))[2] is False
