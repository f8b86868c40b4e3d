"""Some items asked for again: what a few of them can tell, and what is left to the whole library."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from structlog.testing import capture_logs

from trailarrd.domain.monitoring import MonitorMode
from trailarrd.refresh.library import RecentRoots
from trailarrd.testing.asked import Phase
from trailarrd.testing.content_faults import BrokenJson

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tests.refresh.conftest import World
    from trailarrd.plugin.provider import ApiManager


async def visit(world: World, *arr_ids: int) -> bool:
    return await world.refresher().revisit(arr_ids)


async def test_a_new_item_is_added_with_its_trailer_and_decision(world: World) -> None:
    await world.refresh()
    arr_id = world.shelf.add("Delta", 2004)
    world.shelf.put(arr_id, "Delta-trailer.mkv")
    assert await visit(world, arr_id)
    row = (await world.rows())[arr_id]
    assert (row.title, row.trailer.value, row.monitored) == ("Delta", "present", False)
    assert (await world.history())[-1][:2] == ("added", arr_id)


async def test_a_change_is_stored_with_its_history_and_the_others_are_not_touched(world: World) -> None:
    await world.refresh()
    world.database.watch()
    world.shelf.library.edit(2, title="Beta Two")
    world.shelf.put(2, "Beta-trailer.mkv")
    assert await visit(world, 2)
    assert [arr_id for _, arr_id in world.database.written()] == [2]
    row = (await world.rows())[2]
    assert (row.title, row.trailer.value) == ("Beta Two", "present")
    events = [(event, arr_id) for event, arr_id, _ in await world.history()]
    assert events[-3:] == [("updated", 2), ("trailer-appeared", 2), ("unmonitored", 2)]


async def test_nothing_new_writes_nothing(world: World) -> None:
    await world.refresh()
    world.database.watch()
    assert await visit(world, 1, 2, 3)
    assert world.database.written() == []


async def test_an_item_in_another_folder_is_the_same_item(world: World) -> None:
    await world.refresh()
    await world.intend(2, intent=True)
    before = (await world.rows())[2].id
    moved = world.shelf.library.record(2)["path"] + " (moved)"
    world.shelf.library.edit(2, path=moved)
    assert await visit(world, 2)
    row = (await world.rows())[2]
    assert (row.id, row.remote_path, row.intent) == (before, moved, True)


async def test_an_item_that_the_server_does_not_have_is_left_to_a_whole_refresh(world: World) -> None:
    await world.refresh()
    world.shelf.library.delete(2)
    assert not await visit(world, 2)
    assert set(await world.rows()) == {1, 2, 3}


async def test_a_known_arr_id_that_is_another_item_now_is_left_to_a_whole_refresh(world: World) -> None:
    """A server that was set up anew deals its ids out as it likes."""
    await world.refresh()
    identity = world.provider.identity
    other = {f"{identity}Id": 987654, "path": f"{world.shelf.library.dialect.root}/Somebody Else"}
    world.shelf.library.edit(2, title="Somebody Else", **other)
    assert not await visit(world, 2)
    assert (await world.rows())[2].title == "Beta"


async def test_a_known_item_under_a_new_arr_id_is_left_to_a_whole_refresh(world: World) -> None:
    await world.refresh()
    record = world.shelf.library.record(2)
    known = {name: record[name] for name in ("title", "year", "path", f"{world.provider.identity}Id")}
    again = world.shelf.library.add(**known)["id"]
    assert not await visit(world, again)
    assert set(await world.rows()) == {1, 2, 3}


async def test_an_item_that_comes_back_gets_its_row_back(world: World) -> None:
    await world.refresh()
    await world.intend(2, intent=True)
    before = (await world.rows())[2].id
    again = world.shelf.library.readd(2)["id"]
    hidden = world.shelf.library.record(again)
    world.shelf.library.delete(again)
    await world.refresh()
    assert set(await world.rows()) == {1, 3}
    world.shelf.library.replace(again, hidden)
    assert await visit(world, again)
    row = (await world.rows())[again]
    assert (row.id, row.intent) == (before, True)
    assert (await world.history())[-1][0] == "restored"


async def test_a_server_that_cannot_be_asked_changes_nothing_and_its_connection_is_not_called_down(
    world: World,
) -> None:
    await world.refresh()
    before = world.database.content()
    await world.shelf.server.stop()
    assert not await visit(world, 1)
    assert world.database.content() == before
    assert (await world.store.connections())[0].last_error is None
    last = world.database.sql("SELECT items, outcome FROM refreshes ORDER BY id DESC LIMIT 1")
    assert last == [(1, "failed")]


async def test_a_disk_that_is_not_there_leaves_what_is_known(world: World) -> None:
    trailer = world.shelf.put(2, "Beta-trailer.mkv")
    await world.refresh()
    trailer.unlink()
    world.shelf.folder.rename(world.shelf.folder.with_name("elsewhere"))
    world.shelf.library.edit(2, title="Beta Two")
    await visit(world, 2)
    row = (await world.rows())[2]
    assert (row.title, row.trailer.value) == ("Beta Two", "present")


async def test_it_takes_nothing_from_what_the_last_whole_refresh_left(world: World) -> None:
    """Its quarantine, its roots and when it was."""
    world.shelf.library.edit(3, title=7)
    await world.refresh()
    quarantine, roots = await world.store.quarantine(), await world.store.roots()
    success = (await world.store.connections())[0].last_success
    await visit(world, 1)
    assert await world.store.quarantine() == quarantine
    assert await world.store.roots() == roots
    assert (await world.store.connections())[0].last_success == success


async def test_a_record_that_cannot_be_read_is_left_to_a_whole_refresh(world: World) -> None:
    await world.refresh()
    world.shelf.library.edit(2, title="")
    assert not await visit(world, 1, 2)
    assert (await world.rows())[2].title == "Beta"


async def test_what_was_added_by_an_event_is_new_in_mode_new(world: World) -> None:
    world.mode = MonitorMode.NEW
    await world.refresh()
    arr_id = world.shelf.add("Delta", 2004)
    assert await visit(world, arr_id)
    assert (await world.decisions())[arr_id] == (True, "mode-new")


async def test_it_asks_for_no_more_than_it_was_told_of(world: World) -> None:
    await world.refresh()
    world.shelf.server.requests.clear()
    await visit(world, 1, 3)
    resource = world.shelf.library.dialect.resource
    assert sorted(asked.path for asked in world.shelf.server.requests) == sorted(
        ["/api/v3/system/status", "/api/v3/rootfolder", f"/api/v3/{resource}/1", f"/api/v3/{resource}/3"]
    )


async def test_within_a_minute_of_the_last_time_an_item_costs_one_request(world: World) -> None:
    refresher = world.refresher()
    item = f"/api/v3/{world.shelf.library.dialect.resource}/1"
    roots = ["/api/v3/system/status", "/api/v3/rootfolder"]

    async def asked(work: Awaitable[object]) -> list[str]:
        world.shelf.server.requests.clear()
        await work
        return [asked.path for asked in world.shelf.server.requests]

    assert (await asked(refresher.refresh()))[:2] == roots
    assert await asked(refresher.revisit([1])) == [item]
    assert (await asked(refresher.refresh()))[:2] == roots
    aged = replace(refresher, root_folders=RecentRoots(max_age=0.0))
    for _ in range(2):
        assert await asked(aged.revisit([1])) == [*roots, item]


async def test_what_a_refresh_could_not_be_told_is_asked_for_again(world: World) -> None:
    refresher = world.refresher()
    await refresher.refresh()
    world.shelf.server.fault = BrokenJson(phase=Phase.ROOT_FOLDERS)
    assert (await refresher.refresh()).error
    world.shelf.server.fault = None
    world.shelf.server.requests.clear()
    await refresher.revisit([1])
    assert len(world.shelf.server.requests) == 3


async def test_a_plugin_that_fails_is_told_in_the_log_and_changes_nothing(world: World) -> None:
    await world.refresh()
    before = world.database.content()

    class Broken:
        async def system_status(self) -> None:
            raise RuntimeError("no such luck")

    broken = cast("ApiManager[object]", Broken())
    with capture_logs() as logs:
        assert not await world.refresher(broken).revisit({1})
    assert [line["event"] for line in logs] == ["refresh.bug"]
    assert world.database.content() == before
