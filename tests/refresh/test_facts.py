"""Facts arrive, and are news only when one that was known is another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.refresh.conftest import did
from trailarrd.testing import RADARR, ServerError
from trailarrd.testing.asked import Phase

if TYPE_CHECKING:
    from tests.refresh.conftest import World
    from trailarrd.testing import Dialect


@pytest.fixture
def dialect() -> Dialect:
    return RADARR


async def facts(world: World, name: str) -> dict[int, Any]:
    return {arr_id: getattr(row.details, name) for arr_id, row in (await world.rows()).items()}


def asked_for_tags(world: World) -> int:
    return sum(one.phase is Phase.TAGS for one in world.shelf.server.requests)


async def test_a_fact_that_is_met_for_the_first_time_is_no_change(world: World) -> None:
    world.shelf.library.edit(1, certification=None, studio="Northlight")
    await world.refresh()
    world.database.sql("UPDATE media SET details = '{}', fingerprint = x'00' WHERE arr_id = 2")  # as of old
    before = await world.each("last_changed")
    told = await world.history()
    world.shelf.library.edit(1, certification="PG")
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3}
    assert (await facts(world, "certification"))[1] == "PG"
    assert (await facts(world, "sort_title"))[2] == "beta"
    assert await world.each("last_changed") == before
    assert await world.history() == told


async def test_facts_that_change_are_one_event_with_what_changed(world: World) -> None:
    world.shelf.library.edit(1, status="inCinemas", runtime=90)
    await world.refresh()
    world.shelf.library.edit(1, status="released", runtime=91, title="Alpha One")
    assert did(await world.refresh()) == {"fetched": 3, "updated": 1, "unchanged": 2}
    event, arr_id, detail = (await world.history())[-1]
    assert (event, arr_id) == ("updated", 1)
    assert detail["details"] == [
        {"status": "in-cinemas", "runtime": 90},
        {"status": "released", "runtime": 91},
    ]
    world.shelf.library.edit(1, runtime=0)
    await world.refresh()
    assert (await world.history())[-1][2] == {"details": [{"runtime": 91}, {"runtime": None}]}


async def test_tags_have_their_names_by_one_request(world: World) -> None:
    world.shelf.library.edit(1, tags=[2, 1])
    world.shelf.library.edit(2, tags=[1, 99])
    world.shelf.library.edit(3, tags=[])
    await world.refresh()
    assert await facts(world, "tags") == {1: ("4k", "kids"), 2: ("kids",), 3: ()}
    assert asked_for_tags(world) == 1
    world.shelf.library.tags[1] = "children"
    assert did(await world.refresh()) == {"fetched": 3, "updated": 2, "unchanged": 1}
    assert (await facts(world, "tags"))[1] == ("4k", "children")


async def test_a_server_without_tagged_items_is_not_asked_for_tags(world: World) -> None:
    for arr_id in (1, 2, 3):
        world.shelf.library.edit(arr_id, tags=[])
    await world.refresh()
    assert asked_for_tags(world) == 0


async def test_tags_that_cannot_be_asked_for_are_those_known_last(world: World) -> None:
    world.shelf.library.edit(1, tags=[1])
    await world.refresh()
    world.shelf.server.fault = ServerError(phase=Phase.TAGS)
    world.shelf.library.edit(1, runtime=77)  # a daemon that was started anew knows no names
    assert (await world.refresh()).outcome == "ok"
    assert ((await facts(world, "tags"))[1], (await facts(world, "runtime"))[1]) == (("kids",), 77)
    assert (await world.history())[-1][2].get("details", [{}])[0].keys() <= {"runtime"}
    world.shelf.server.fault = None
    told = await world.history()
    await world.refresh()
    assert await world.history() == told


async def test_an_odd_fact_costs_no_item(world: World) -> None:
    world.shelf.library.edit(1, genres="Drama", studio=17, added="yesterday", runtime=90)
    assert did(await world.refresh()) == {"fetched": 3, "added": 3}
    row = (await world.rows())[1].details
    assert (row.genres, row.studio, row.added, row.runtime) == (None, None, None, 90)
