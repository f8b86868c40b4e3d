"""Cases 11 to 14: ids that are dealt out anew, and the same item in two connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.edge.conftest import grow, rows_by_title
from tests.refresh.conftest import did
from tests.world import KEY, Shelf, shelf_of_three
from trailarrd.testing import (
    RADARR,
    SimulatedArr,
)

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household
    from tests.refresh.conftest import World

# 11, 12: new ids for known items


async def test_11_deleted_and_added_again(world: World) -> None:
    """The same row; the user's word is kept."""
    await world.refresh()
    await world.intend(2, intent=False)
    before = await rows_by_title(world)
    new = world.shelf.library.readd(2)["id"]
    report = await world.refresh()
    assert did(report) == {"fetched": 3, "unchanged": 2, "restored": 1}
    assert await rows_by_title(world) == before
    row = (await world.rows())[new]
    assert (row.title, row.intent, row.monitored) == ("Beta", False, False)


async def test_11_added_again_only_after_its_removal_was_noticed(world: World) -> None:
    await world.refresh()
    await world.intend(2, intent=False)
    before = await rows_by_title(world)
    record = world.shelf.library.record(2)
    world.shelf.library.delete(2)
    assert did(await world.refresh())["removed"] == 1
    back = {name: value for name, value in record.items() if name not in ("id", "path", "title", "year")}
    new = world.shelf.library.add(title="Beta", year=2002, **back)["id"]
    world.shelf.library.move(new, record["path"])
    assert did(await world.refresh())["restored"] == 1
    assert await rows_by_title(world) == before
    assert (await world.each("intent"))[new] is False


async def test_12_reinstalled_with_every_id_changed(world: World) -> None:
    """No mass removal, no mass addition: the same rows under other ids."""
    grow(world, 100)
    await world.refresh()
    await world.intend(2, intent=False)
    before = await rows_by_title(world)
    numbers = world.shelf.library.reinstall(first_id=51)
    report = await world.refresh()
    assert did(report) == {"fetched": 100, "restored": 100}
    assert await rows_by_title(world) == before
    assert (await world.each("intent"))[numbers[2]] is False


# 13, 14: several servers of one kind


async def test_13_same_key_and_host_other_port_or_base(household: Household, trailarrd: CommandLine) -> None:
    """Cloned instances are told apart by their names."""
    library = shelf_of_three(RADARR, household.home / "4k").library
    library.add(title="Delta", year=2004)
    cloned = SimulatedArr(library, api_key=KEY, url_base="/radarr4k")
    household.shelves["4k"] = Shelf(cloned, household.home / "4k")
    household.modes["4k"] = "none"
    async with cloned:
        household.write_config()
        done = await trailarrd("refresh", "--json")
    fetched = {one["connection"]: one["added"] for one in done.document["refreshes"]}
    assert (done.code, fetched) == (0, {"movies": 3, "series": 3, "4k": 4})
    listed = {one["connection"]: one["items"] for one in (await trailarrd("connections", "--json")).lines}
    assert listed == fetched


async def test_14_same_movie_in_hd_and_4k(household: Household, trailarrd: CommandLine) -> None:
    """Two rows; what one server deletes stays with the other; so does its trailer."""
    uhd = shelf_of_three(RADARR, household.home / "4k")
    household.shelves["4k"] = uhd
    household.modes["4k"] = "missing"
    uhd.put(2, "Trailers/Teaser.mkv")
    async with uhd.server:
        household.write_config()
        assert (await trailarrd("refresh")).code == 0
        uhd.library.delete(1)
        assert (await trailarrd("refresh")).code == 0
    items = (await trailarrd("media", "--json")).lines
    movies = {(one["connection"], one["title"]): one["trailer"] for one in items if one["kind"] == "movie"}
    assert movies == {
        ("movies", "Alpha"): "absent",
        ("movies", "Beta"): "absent",
        ("movies", "Gamma"): "absent",
        ("4k", "Beta"): "present",
        ("4k", "Gamma"): "absent",
    }
