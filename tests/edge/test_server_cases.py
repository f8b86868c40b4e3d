"""Cases 1 to 14: servers that are down, lie, answer with something else, or deal their ids out anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.edge.conftest import grow, states
from tests.refresh.conftest import did
from tests.world import KEY, Shelf, shelf_of_three
from trailarrd.domain.connection import Timeouts
from trailarrd.domain.report import ErrorKind, Outcome
from trailarrd.testing import (
    RADARR,
    SONARR,
    EmptyList,
    Fault,
    Latency,
    LoginPage,
    LoginRedirect,
    Phase,
    Refusal,
    ServerError,
    ShortenedList,
    SimulatedArr,
    Stall,
)

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household
    from tests.refresh.conftest import World


async def refused(world: World, kind: ErrorKind) -> str:
    """A refresh that fails and leaves everything as it was; what it says."""
    before = world.database.content()
    report = await world.refresh()
    assert report.outcome is Outcome.FAILED
    assert report.error
    assert report.error.kind is kind
    assert world.database.content() == before
    assert KEY not in report.error.message
    return report.error.message


async def rows_by_title(world: World) -> dict[str, int]:
    """Which row each item has."""
    return {row.title: row.id for row in (await world.rows()).values()}


# 1: down or still starting


async def test_01_connection_refused(world: World) -> None:
    await world.refresh()
    await world.shelf.server.stop()
    await refused(world, ErrorKind.UNAVAILABLE)
    await world.shelf.server.start()
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3}


async def test_01_still_starting(world: World) -> None:
    await world.refresh()
    world.shelf.server.fault = ServerError(status=503)
    await refused(world, ErrorKind.UNAVAILABLE)
    world.shelf.server.fault = None
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3}


async def test_01_others_continue(household: Household, trailarrd: CommandLine) -> None:
    await household.movies.server.stop()
    done = await trailarrd("refresh", "--json")
    outcomes = {one["connection"]: one["outcome"] for one in done.document["refreshes"]}
    assert (done.code, outcomes) == (1, {"movies": "failed", "series": "ok"})


# 2 to 4: lists that are too short, and one that really is


async def test_02_empty_list_though_500_items_are_known(world: World) -> None:
    grow(world, 500)
    await world.refresh()
    world.shelf.server.fault = EmptyList(phase=Phase.LIST)
    for _ in range(3):
        report = await world.refresh()
        assert (report.outcome, did(report)) == (Outcome.PARTIAL, {"held": 500})
        assert len(await world.rows()) == 500
    world.shelf.server.fault = None
    report = await world.refresh()
    assert did(report) == {"fetched": 500, "unchanged": 500}
    assert {row.held_at for row in (await world.rows()).values()} == {None}


async def test_03_list_cut_to_60_percent(world: World) -> None:
    """What the short list says is applied; what it does not say is held."""
    grow(world, 100)
    await world.refresh()
    world.shelf.library.edit(1, title="Alpha Prime")
    world.shelf.server.fault = ShortenedList(phase=Phase.LIST, keep=0.6)
    report = await world.refresh()
    assert did(report) == {"fetched": 60, "updated": 1, "unchanged": 59, "held": 40}
    rows = await world.rows()
    assert len(rows) == 100
    assert rows[1].title == "Alpha Prime"


async def test_04_legitimately_emptied_library(household: Household, trailarrd: CommandLine) -> None:
    """Removable by command, and only what was held then."""
    await trailarrd("refresh")
    household.movies.library.delete(1, 2, 3)
    assert (await trailarrd("refresh")).code == 1
    assert (await trailarrd("removals", "approve", "movies")).code == 0
    items = (await trailarrd("media", "--json")).lines
    assert [item["connection"] for item in items] == ["series"] * 3
    assert (await trailarrd("refresh")).code == 0


# 5: something else than the API answers


@pytest.mark.parametrize("fault", [LoginPage(), LoginRedirect()], ids=["page", "redirect"])
async def test_05_html_instead_of_json(world: World, fault: Fault) -> None:
    await world.refresh()
    world.shelf.server.fault = fault
    message = await refused(world, ErrorKind.RESPONSE)
    assert "URL base" in message or "url" in message
    assert "login" in message or "proxy" in message


async def test_05_wrong_url_base(world: World) -> None:
    """The server itself lives below a base that the URL does not name."""
    await world.refresh()
    server = SimulatedArr(world.shelf.library, api_key=KEY, url_base="/arr")
    async with server:
        origin = SimulatedArr(world.shelf.library, api_key=KEY, port=server.port)
        world.shelf = Shelf(origin, world.shelf.folder)
        message = await refused(world, ErrorKind.RESPONSE)
    assert "/arr" in message


# 6: wrong key


@pytest.mark.parametrize("status", [401, 403])
async def test_06_wrong_key(world: World, status: int) -> None:
    """No key in the message, and no second attempt."""
    await world.refresh()
    world.shelf.server.fault = Refusal(status=status)
    asked = len(world.shelf.server.requests)
    await refused(world, ErrorKind.REJECTED)
    assert len(world.shelf.server.requests) == asked + 1


# 7: an answer that takes 40 to 120 seconds


def test_07_default_settings_wait_120_seconds_for_the_first_byte_and_no_total_ends_them() -> None:
    assert Timeouts().first_byte >= 120
    assert Timeouts().stall >= 60


@pytest.mark.parametrize(
    "fault",
    [Latency(seconds=0.8, phase=Phase.LIST), Stall(seconds=0.8, phase=Phase.LIST)],
    ids=["first byte", "in the middle"],
)
async def test_07_slow_answer_within_each_bound_succeeds_though_it_takes_longer_in_all(
    world: World, fault: Fault
) -> None:
    """A hundredth of the real times: 120 s for the first byte, 60 s without progress."""
    world.timeouts = Timeouts(first_byte=1.2, stall=1.2)
    world.shelf.server.fault = fault
    report = await world.refresh()
    assert report.outcome is Outcome.OK
    assert report.duration_s > 0.8


# 8: absent fields


OF_BOTH = ("images", "year", "imdbId", "statistics", "tmdbId", "monitored", "rootFolderPath")
ABSENT = [
    *((RADARR, name) for name in (*OF_BOTH, "youTubeTrailerId", "movieFile")),
    *((SONARR, name) for name in (*OF_BOTH, "tvdbId", "seasons")),
]


@pytest.mark.parametrize(("dialect", "name"), ABSENT, ids=lambda one: getattr(one, "app_name", one))
async def test_08_absent_field_keeps_the_item(world: World, name: str) -> None:
    world.shelf.library.clear(2, name)
    report = await world.refresh()
    assert (report.outcome, did(report)) == (Outcome.OK, {"fetched": 3, "added": 3})
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await world.refresh()
    assert await states(world) == {1: "absent", 2: "present", 3: "absent"}


async def test_08_absent_path_is_counted_and_the_rest_goes_on(world: World) -> None:
    """Without its folder there is nothing to look at: the item stays as it was."""
    await world.refresh()
    world.shelf.library.clear(2, "path")
    world.shelf.library.edit(3, title="Gamma Prime")
    report = await world.refresh()
    assert did(report) == {"fetched": 2, "updated": 1, "unchanged": 1, "quarantined": 1}
    assert await world.each("title") == {1: "Alpha", 2: "Beta", 3: "Gamma Prime"}


# 9: wrong types


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("year", "2024"),
        ("title", None),
        ("title", 17),
        ("path", ["/movies"]),
        ("monitored", "yes"),
    ],
    ids=str,
)
async def test_09_wrong_type_in_one_field(world: World, field: str, value: Any) -> None:
    """Quarantined with the reason; the others go on; nothing of it is removed."""
    await world.refresh()
    world.shelf.library.replace(2, {**world.shelf.library.record(2), field: value})
    world.shelf.library.edit(3, title="Gamma Prime")
    report = await world.refresh()
    assert did(report) == {"fetched": 2, "updated": 1, "unchanged": 1, "quarantined": 1}
    assert await world.each("title") == {1: "Alpha", 2: "Beta", 3: "Gamma Prime"}
    (record,) = await world.store.quarantine()
    assert record.position == 1
    assert record.reason


@pytest.mark.parametrize("value", [-1, 0, 2**70, "two", 2.5, None, True], ids=repr)
async def test_09_wrong_id(world: World, value: Any) -> None:
    """It could be any item that is missing from the list now: nothing is removed at all."""
    await world.refresh()
    world.shelf.library.replace(2, {**world.shelf.library.record(2), "id": value})
    world.shelf.library.edit(3, title="Gamma Prime")
    report = await world.refresh()
    assert did(report) == {"fetched": 2, "updated": 1, "unchanged": 1, "held": 1, "quarantined": 1}
    assert await world.each("title") == {1: "Alpha", 2: "Beta", 3: "Gamma Prime"}


# 10: ids elsewhere that are no ids


@pytest.mark.parametrize("value", [0, None], ids=["zero", "absent"])
async def test_10_no_id_elsewhere_on_two_items(world: World, value: int | None) -> None:
    library = world.shelf.library
    for arr_id in (1, 2):
        if value is None:
            library.clear(arr_id, library.dialect.identity)
        else:
            library.edit(arr_id, **{library.dialect.identity: value})
    assert did(await world.refresh()) == {"fetched": 3, "added": 3}
    before = await rows_by_title(world)
    assert len(before) == 3
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3}
    assert await rows_by_title(world) == before


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
