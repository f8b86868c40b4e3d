"""An item that its server has moved is looked at again until its folder shows its file."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from trailarrd.daemon.movers import Movers
from trailarrd.daemon.poller import Poller
from trailarrd.runtime.slot import ConnectionSlot
from trailarrd.testing import RADARR

if TYPE_CHECKING:
    from pathlib import Path

    from tests.refresh.conftest import World

pytestmark = pytest.mark.parametrize("dialect", [RADARR], indirect=True)


def movers(world: World) -> Movers:
    """As a daemon has them that has just been started."""
    poller = Poller(ConnectionSlot(world.refresher()))
    return Movers(world.store, lambda: {world.name: poller}, lambda: world.now)


async def move(world: World, *arr_ids: int) -> dict[int, Path]:
    """The server has moved them, and knows; the files are still where they were. Where they will be."""
    places = {}
    for arr_id in arr_ids:
        old, library = world.shelf.place(arr_id), world.shelf.library
        library.move(arr_id, f"{library.dialect.root}/moved {arr_id}")
        places[arr_id] = old
    await world.refresh()
    return places


async def state(world: World, arr_id: int) -> tuple[str, bool, bool]:
    row = (await world.rows())[arr_id]
    return row.trailer.value, row.contradicted, row.moved_at is not None


async def test_it_is_unknown_at_once_and_seen_when_its_files_have_followed(world: World) -> None:
    await world.refresh()
    watch = movers(world)
    (old,) = (await move(world, 2)).values()
    assert await state(world, 2) == ("unknown", True, True)
    moved_at = world.now
    requests = len(world.shelf.server.requests)
    world.now = moved_at + timedelta(seconds=61)
    assert await watch.round() == timedelta(minutes=1)
    assert await state(world, 2) == ("unknown", True, True)
    old.rename(world.shelf.place(2))
    world.now = moved_at + timedelta(minutes=4)
    assert await watch.round() == timedelta(minutes=1)
    assert await state(world, 2) == ("unknown", True, True)  # it is not its time yet
    world.now = moved_at + timedelta(minutes=5)
    await watch.round()
    assert await state(world, 2) == ("absent", False, False)
    assert (await world.decisions())[2] == (True, "mode-missing")
    assert len(world.shelf.server.requests) == requests
    assert await watch.round() is None  # until something is committed


async def test_a_trailer_that_was_known_is_kept_all_the_time(world: World) -> None:
    world.shelf.put(2, "Trailers/x.mkv")
    await world.refresh()
    watch = movers(world)
    (old,) = (await move(world, 2)).values()
    assert await state(world, 2) == ("present", True, True)
    old.rename(world.shelf.place(2))
    world.now += timedelta(minutes=1)
    await watch.round()
    assert await state(world, 2) == ("present", False, False)
    assert (await world.rows())[2].trailer_file == "Trailers/x.mkv"


async def test_a_restart_goes_on_with_it(world: World) -> None:
    await world.refresh()
    (old,) = (await move(world, 2)).values()
    world.now += timedelta(minutes=30)
    watch = movers(world)
    old.rename(world.shelf.place(2))
    await watch.round()
    assert (await state(world, 2))[1]
    world.now += timedelta(minutes=15)
    await watch.round()
    assert await state(world, 2) == ("absent", False, False)


async def test_it_is_looked_for_at_each_moment_and_at_no_other_whatever_restarts_in_between(
    world: World,
) -> None:
    await world.refresh()
    await move(world, 2)
    moved_at, watch, looks = world.now, movers(world), list[int]()
    for minute in (*range(1, 6), *range(10, 420, 5)):
        world.now = moved_at + timedelta(minutes=minute)
        before = await looked(world)
        await watch.round()
        if await looked(world) > before:
            looks.append(minute)
        if minute in (4, 50, 200):
            watch = movers(world)
    assert looks == [1, 5, 15, *range(45, 360, 30)]
    assert await state(world, 2) == ("unknown", True, True)


async def looked(world: World) -> int:
    """The number of the last look, or refresh."""
    (last, *_) = await world.store.refreshes(limit=1)
    return last.id


async def test_as_a_service_it_sleeps_between_its_looks_until_it_is_told_to_end(world: World) -> None:
    await world.refresh()
    watch = movers(world)
    (old,) = (await move(world, 2)).values()
    old.rename(world.shelf.place(2))
    world.now += timedelta(minutes=1)
    service = asyncio.create_task(watch.run())
    while (await state(world, 2))[1]:
        await asyncio.sleep(0.01)
    last = await looked(world)
    await asyncio.sleep(0.1)
    assert await looked(world) == last
    service.cancel()
    with pytest.raises(asyncio.CancelledError):
        await service


async def test_many_are_one_look_and_nobody_else_is_looked_at(world: World) -> None:
    world.grow(700)
    for arr_id in world.shelf.library.ids:
        world.shelf.library.set_file(arr_id, has_file=True)
        world.shelf.lay(arr_id)
    await world.refresh()
    watch = movers(world)
    places = await move(world, *range(1, 651))
    assert sum((await world.each("contradicted")).values()) == 650
    for arr_id, old in places.items():
        old.rename(world.shelf.place(arr_id))
    world.now += timedelta(minutes=1)
    before = {row.arr_id: row.last_changed for row in (await world.rows()).values() if row.arr_id > 650}
    await watch.round()
    assert sum((await world.each("contradicted")).values()) == 0
    (look, *_) = await world.store.refreshes(limit=1)
    assert (look.fetched, look.updated, look.removed, look.held) == (650, 650, 0, 0)
    assert {
        row.arr_id: row.last_changed for row in (await world.rows()).values() if row.arr_id > 650
    } == before


async def test_after_six_hours_it_is_a_contradiction_like_any_other(world: World) -> None:
    await world.refresh()
    await move(world, 2)
    world.now += timedelta(hours=6, minutes=1)
    assert await world.store.moved(world.now - timedelta(hours=6)) == []
    assert await state(world, 2) == ("unknown", True, True)


async def test_a_contradiction_without_a_move_is_left_to_whole_refreshes(world: World) -> None:
    await world.refresh()
    world.shelf.place(2).rename(world.shelf.place(2).with_name("elsewhere"))
    await world.refresh()
    assert await state(world, 2) == ("unknown", True, False)
