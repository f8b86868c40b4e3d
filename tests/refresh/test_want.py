"""What a connection wants is asked at each refresh; why it leaves an item out is compared, too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from tests.refresh.conftest import did
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.want import WANT_ALL, Conditions, Want
from trailarrd.testing import RADARR

if TYPE_CHECKING:
    from tests.refresh.conftest import World
    from trailarrd.testing import Dialect


@pytest.fixture
def dialect() -> Dialect:
    return RADARR


async def test_what_the_server_has_no_file_of_is_not_wanted_unless_it_is_said_to_be(world: World) -> None:
    world.shelf.library.set_file(1, has_file=False)
    await world.refresh()
    assert (await world.decisions())[1] == (False, "no-file")
    await world.intend(1, intent=True)
    assert (await world.decisions())[1] == (True, "user")
    await world.intend(1, intent=None)
    assert (await world.decisions())[1] == (False, "no-file")
    world.want = WANT_ALL
    assert did(await world.refresh()) == {"fetched": 3, "updated": 1, "unchanged": 2}
    assert (await world.decisions())[1] == (True, "mode-missing")


async def test_the_condition_that_decides_is_stored_and_follows_what_is_wanted(world: World) -> None:
    world.shelf.library.edit(1, genres=["Documentary"])
    world.shelf.library.edit(2, genres=["Drama"])
    world.shelf.library.clear(3, "genres")
    world.want = Want(never=Conditions(genres=("documentary",)))
    async with world.refresher().dry_run() as planned:
        assert planned.plan
        (entry,) = [one for one in planned.plan.additions if one.media.arr_id == 1]
        assert entry.exclusion == "filtered never genres: documentary"
    await world.refresh()
    decided = {1: (False, "filtered"), 2: (True, "mode-missing"), 3: (False, "undecided")}
    assert await world.decisions() == decided
    assert await world.each("condition") == {
        1: "never genres: documentary",
        2: None,
        3: "never genres: documentary",
    }
    world.database.watch()
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3}
    assert world.database.written() == []
    world.want = Want(only=Conditions(genres=("Western",)))
    await world.refresh()
    assert (await world.each("condition"))[1] == "only genres: Western"
    world.want = Want()
    await world.refresh()
    assert set((await world.decisions()).values()) == {(True, "mode-missing")}


async def test_a_film_is_wanted_from_the_day_of_its_release_on_though_nothing_else_changes(
    world: World,
) -> None:
    world.want = Want(only=Conditions(released=True))
    world.shelf.library.edit(
        1, status="inCinemas", digitalRelease="2026-03-02T00:00:00Z", physicalRelease=None
    )
    world.now = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
    await world.refresh()
    assert (await world.decisions())[1] == (False, "filtered")
    world.now += timedelta(minutes=30)
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3}
    world.now += timedelta(hours=1)
    assert did(await world.refresh()) == {"fetched": 3, "updated": 1, "unchanged": 2}
    assert (await world.decisions())[1] == (True, "mode-missing")


async def test_in_mode_new_an_item_is_new_when_its_first_file_comes(world: World) -> None:
    world.mode = MonitorMode.NEW
    world.shelf.library.set_file(1, has_file=False)
    await world.refresh()
    assert await world.decisions() == {1: (False, "no-file"), 2: (False, "mode-new"), 3: (False, "mode-new")}
    for arr_id in (1, 2):  # of the second it is not the first
        world.shelf.library.set_file(arr_id, has_file=False)
    await world.refresh()
    for arr_id in (1, 2):
        world.shelf.library.set_file(arr_id, has_file=True)
        world.shelf.lay(arr_id)
    await world.refresh()
    assert await world.decisions() == {1: (True, "mode-new"), 2: (False, "mode-new"), 3: (False, "mode-new")}


async def test_at_the_upgrade_what_has_a_file_is_old_and_it_is_told_once_what_is_wanted_no_more(
    world: World,
) -> None:
    world.want = WANT_ALL
    world.shelf.library.set_file(1, has_file=False)
    await world.refresh()
    world.database.sql(
        "UPDATE media SET verdict = NULL, had_file = NULL, has_file = NULL, fingerprint = x'00'"
    )
    world.database.sql("UPDATE connections SET unwanted = NULL")
    world.want = Want()
    with capture_logs() as logs:
        await world.refresh()
        await world.refresh()
    (told,) = [one for one in logs if one["event"] == "want.no_file"]
    assert (told["items"], "without_file: true" in told["advice"]) == (1, True)
    firsts = await world.each("first_refresh")
    assert len(set(firsts.values())) == 1
