"""Deletions that a server tells: each is believed by itself where a list would believe it, and not else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.refresh.conftest import World, did
from trailarrd.domain.guard import Guard
from trailarrd.testing import RADARR, SONARR, NoSuchItem, WrongApplication
from trailarrd.testing.answers import document, page
from trailarrd.testing.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from trailarrd.testing import Answer, Asked, Dialect


@pytest.fixture(params=[RADARR], ids=["radarr"])
def dialect(request: pytest.FixtureRequest) -> Dialect:
    """What differs between the applications is how they say that there is no such item."""
    dialect: Dialect = request.param
    return dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class InFront(Fault):
    """Something in front of the server that answers in its place about one item."""

    instead: Answer
    arr_id: int = 2

    def strikes(self, asked: Asked) -> bool:
        return asked.path.endswith(f"/{self.arr_id}")

    def apply(self, _answer: Answer, _asked: Asked) -> Answer:
        return self.instead


async def tell_deleted(world: World, *arr_ids: int) -> bool:
    """Whether no list is needed any more."""
    return await world.refresher().revisit((), arr_ids)


async def delete(world: World, *arr_ids: int) -> bool:
    world.shelf.library.delete(*arr_ids)
    return await tell_deleted(world, *arr_ids)


@pytest.mark.parametrize("dialect", [RADARR, SONARR], ids=["radarr", "sonarr"], indirect=True)
async def test_a_deletion_that_the_server_confirms_removes_the_item_by_three_questions(world: World) -> None:
    await world.refresh()
    world.shelf.server.requests.clear()
    assert await delete(world, 2)
    resource = world.shelf.library.dialect.resource
    asked = [asked.path.removeprefix("/api/v3/") for asked in world.shelf.server.requests]
    assert asked[:2] == ["system/status", f"{resource}/2"]
    assert asked[2:] in ([f"{resource}/1"], [f"{resource}/3"])
    assert set(await world.rows()) == {1, 3}
    assert (await world.history())[-1][:2] == ("removed", 2)
    last = world.database.sql("SELECT items, outcome, removed FROM refreshes ORDER BY id DESC LIMIT 1")
    assert last == [(1, "ok", 1)]
    report = await world.refresh()
    assert did(report) == {"fetched": 2, "unchanged": 2}


@pytest.mark.parametrize("kind", NoSuchItem)
async def test_each_application_says_so_in_its_own_way(world: World, kind: NoSuchItem) -> None:
    await world.refresh()
    application = world.shelf.server._application
    application.dialect = replace(application.dialect, no_such_item=kind)
    assert await delete(world, 2)
    assert set(await world.rows()) == {1, 3}


async def test_what_was_told_before_costs_nothing(world: World) -> None:
    await world.refresh()
    await delete(world, 2)
    world.shelf.server.requests.clear()
    assert await tell_deleted(world, 2)
    assert await tell_deleted(world, 77)
    assert world.shelf.server.requests == []
    assert await world.refresher().revisit([2], [2]), "changed and gone, as an import that is deleted"
    assert set(await world.rows()) == {1, 3}


async def test_an_item_that_is_there_after_all_is_asked_for_as_any_other(world: World) -> None:
    await world.refresh()
    world.shelf.library.edit(2, title="Beta Two")
    assert await tell_deleted(world, 2)
    assert (await world.rows())[2].title == "Beta Two"


async def test_a_new_item_of_which_both_is_told_is_not_missed(world: World) -> None:
    await world.refresh()
    arr_id = world.shelf.add("Delta", 2004)
    assert await world.refresher().revisit([arr_id], [arr_id])
    assert arr_id in await world.rows()


@pytest.mark.parametrize("told_together", [True, False])
async def test_it_comes_back_like_any_other(world: World, told_together: bool) -> None:
    await world.refresh()
    await world.intend(2, intent=True)
    before = (await world.rows())[2].id
    again = world.shelf.library.readd(2)["id"]
    if told_together:
        assert await world.refresher().revisit([again], [2])
    else:
        assert await tell_deleted(world, 2)
        assert await world.refresher().revisit([again])
    row = (await world.rows())[again]
    assert (row.id, row.intent) == (before, True)
    assert (await world.history())[-1][0] == "restored"


DOUBTS: dict[str, Callable[[World], Any]] = {
    "another application answers": lambda world: setattr(world.shelf.server, "fault", WrongApplication()),
    "a proxy's 404 in JSON": lambda world: setattr(
        world.shelf.server, "fault", InFront(instead=document({"message": "404 page not found"}, status=404))
    ),
    "a proxy's page": lambda world: setattr(
        world.shelf.server, "fault", InFront(instead=page("Not Found", status=404))
    ),
    "the other item is another one": lambda world: [
        world.shelf.library.edit(arr_id, tmdbId=9000 + arr_id) for arr_id in (1, 3)
    ],
    "the others are gone, too": lambda world: world.shelf.library.delete(1, 3),
}


@pytest.mark.parametrize("doubt", DOUBTS)
async def test_where_there_is_any_doubt_a_list_decides(world: World, doubt: str) -> None:
    await world.refresh()
    world.shelf.library.delete(2)
    DOUBTS[doubt](world)
    assert not await tell_deleted(world, 2)
    assert set(await world.rows()) == {1, 2, 3}


async def test_a_404_about_the_number_404_is_no_word_about_the_item_404(world: World) -> None:
    await world.refresh()
    arr_id = world.shelf.add("Delta", 2004)
    world.shelf.library.replace(404, {**world.shelf.library.record(arr_id), "id": 404})
    world.shelf.library.delete(arr_id)
    await world.refresh()
    assert 404 in await world.rows()
    said = document({"message": "404 page not found"}, status=404)
    world.shelf.server.fault = InFront(instead=replace(said, signed=False), arr_id=404)
    assert not await tell_deleted(world, 404)
    assert 404 in await world.rows()


async def test_a_server_that_was_set_up_anew_removes_nothing(world: World) -> None:
    await world.refresh()
    world.shelf.library.delete(2)
    world.shelf.library.reinstall(first_id=1)  # ids 1 and 2, each of another item than before
    for arr_id in (2, 3):
        await tell_deleted(world, arr_id)
    assert set(await world.rows()) == {1, 2, 3}


async def test_an_only_item_is_left_to_a_list(world: World) -> None:
    world.shelf.library.delete(1, 3)
    await world.refresh()
    assert not await delete(world, 2)
    assert set(await world.rows()) == {2}


async def test_a_manager_that_cannot_tell_leaves_it_to_a_list(world: World) -> None:
    await world.refresh()
    world.shelf.library.delete(2)
    full: Any = world.api

    class Plain:
        system_status, root_folders = full.system_status, full.root_folders
        all_media, media = full.all_media, full.media

    plain: Any = Plain()
    world.shelf.server.requests.clear()
    assert not await world.refresher(plain).revisit((), [2])
    assert world.shelf.server.requests == []
    assert 2 in await world.rows()


async def test_an_item_that_is_held_waits_for_the_user(world: World) -> None:
    world.guard = Guard(max_items=0, max_fraction=0.0)
    await world.refresh()
    world.shelf.library.delete(2)
    await world.refresh()
    world.guard = Guard()
    assert not await tell_deleted(world, 2)
    assert world.database.sql("SELECT arr_id FROM media WHERE held_at IS NOT NULL") == [(2,)]


async def test_a_record_without_an_id_could_be_any_item(world: World) -> None:
    world.shelf.add("Delta", 2004)
    await world.refresh()
    world.shelf.library.replace(4, {"title": "whose is this?"})
    await world.refresh()
    assert not await delete(world, 2)
    assert 2 in await world.rows()
    world.shelf.library.delete(4)
    await world.refresh()


async def test_single_removals_of_an_hour_stay_within_the_guard(world: World) -> None:
    world.guard = Guard(max_items=2, max_fraction=0.2)
    world.grow(12)
    await world.refresh()
    world.now += timedelta(hours=2)
    assert await delete(world, 3)
    assert await delete(world, 4)
    assert not await delete(world, 5)  # 3 of 12
    assert 5 in await world.rows()
    world.now += timedelta(minutes=61)
    assert await tell_deleted(world, 5)
    assert not await delete(world, 6, 7)  # together with the one before
    assert {6, 7} <= set(await world.rows())
