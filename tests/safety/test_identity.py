"""An item that returns under another arr id is the same item: same row, same word, same history.

It is known again by its id elsewhere (Radarr's tmdb, Sonarr's tvdb), then by its folder. What cannot be
told apart stays apart: two rows too many are better than two items in one row.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.refresh.conftest import did
from tests.safety.conftest import as_if_fresh, contents
from trailarrd.domain.report import Outcome
from trailarrd.testing import BrokenRecord, Phase

if TYPE_CHECKING:
    from pathlib import Path

    from tests.refresh.conftest import World

GRACE = timedelta(days=30)


@pytest.fixture
async def spoken(world: World) -> World:
    """Three items, refreshed once; Alpha is wanted, Beta is not, Gamma has a trailer."""
    world.shelf.put(3, "Trailers/Teaser.mkv")
    await world.refresh()
    await world.intend(1, intent=True)
    await world.intend(2, intent=False)
    return world


async def by_title(world: World) -> dict[str, tuple[int, bool | None]]:
    """Row and word of each item."""
    return {row.title: (row.id, row.intent) for row in (await world.rows()).values()}


async def story(world: World, media_id: int) -> list[str]:
    """What happened to one row, in that order."""
    events = await world.store.history(media_id=media_id)
    return [row.event.value for row in reversed(events)]


def identity(world: World, value: object) -> dict[str, Any]:
    """The field by which the server itself tells items apart."""
    return {world.shelf.library.dialect.identity: value}


def renumber(world: World, arr_id: int, new_id: int) -> None:
    """The server gives an item an id that it gives to nobody else just now."""
    record = world.shelf.library.record(arr_id)
    world.shelf.library.delete(arr_id)
    world.shelf.library.replace(new_id, {**record, "id": new_id})


# -- one item -------------------------------------------------------------------------------------


async def test_deleted_and_added_again_between_two_refreshes(spoken: World) -> None:
    before = await by_title(spoken)
    new_id = spoken.shelf.library.readd(2)["id"]
    report = await spoken.refresh()
    assert (report.outcome, did(report)) == (Outcome.OK, {"fetched": 3, "unchanged": 2, "restored": 1})
    assert await by_title(spoken) == before
    assert set(await spoken.rows()) == {1, 3, new_id}
    assert await story(spoken, before["Beta"][0]) == ["added", "intent-set", "unmonitored", "restored"]
    assert await contents(spoken) == await as_if_fresh(spoken)


async def test_deleted_seen_to_be_gone_and_added_again_within_the_grace_time(spoken: World) -> None:
    before = await by_title(spoken)
    record = spoken.shelf.library.record(2)
    spoken.shelf.library.delete(2)
    assert did(await spoken.refresh()) == {"fetched": 2, "unchanged": 2, "removed": 1}
    for _ in range(29):
        spoken.now += timedelta(days=1)
        await spoken.store.purge(removed_before=spoken.now - GRACE, history_before=spoken.now - GRACE * 12)
        assert did(await spoken.refresh()) == {"fetched": 2, "unchanged": 2}
    spoken.shelf.library.replace(8, {**record, "id": 8})
    assert did(await spoken.refresh()) == {"fetched": 3, "unchanged": 2, "restored": 1}
    assert await by_title(spoken) == before
    assert (await story(spoken, before["Beta"][0]))[-2:] == ["removed", "restored"]
    assert await contents(spoken) == await as_if_fresh(spoken)


async def test_after_the_grace_time_it_is_another_item_and_its_history_stays(spoken: World) -> None:
    before = await by_title(spoken)
    record = spoken.shelf.library.record(2)
    spoken.shelf.library.delete(2)
    await spoken.refresh()
    spoken.now += GRACE + timedelta(seconds=1)
    purged = await spoken.store.purge(
        removed_before=spoken.now - GRACE, history_before=spoken.now - timedelta(days=365)
    )
    assert (purged.items, purged.events) == (1, 0)
    spoken.shelf.library.replace(8, {**record, "id": 8})
    assert did(await spoken.refresh()) == {"fetched": 3, "unchanged": 2, "added": 1}
    (row, word) = (await by_title(spoken))["Beta"]
    assert word is None
    assert row > max(number for number, _ in before.values()), "no row's number is used again"
    assert (await story(spoken, before["Beta"][0]))[-1] == "removed"


async def test_the_trailer_state_of_what_returns_is_kept_while_its_disk_is_away(spoken: World) -> None:
    spoken.shelf.library.readd(3)
    spoken.shelf.folder.rename(spoken.shelf.folder.with_name("unmounted"))
    report = await spoken.refresh()
    assert (report.outcome, did(report)) == (Outcome.PARTIAL, {"fetched": 3, "unchanged": 2, "restored": 1})
    (row,) = [row for row in (await spoken.rows()).values() if row.title == "Gamma"]
    assert (row.trailer, row.trailer_file, row.monitored) == ("present", "Trailers/Teaser.mkv", False)


async def test_an_item_that_moved_and_was_added_again_is_known_by_its_id_elsewhere(spoken: World) -> None:
    before = await by_title(spoken)
    spoken.shelf.library.readd(2)
    (new_id,) = set(spoken.shelf.library.ids) - {1, 3}
    spoken.shelf.library.move(new_id, f"{spoken.shelf.library.dialect.root}/Beta, moved")
    assert did(await spoken.refresh()) == {"fetched": 3, "unchanged": 2, "restored": 1}
    assert await by_title(spoken) == before


@pytest.mark.parametrize("nothing", [0, None], ids=["zero", "absent"])
async def test_an_item_without_an_id_elsewhere_is_known_by_its_folder(spoken: World, nothing: object) -> None:
    library = spoken.shelf.library
    if nothing is None:
        library.clear(2, library.dialect.identity)
    else:
        library.edit(2, **identity(spoken, nothing))
    await spoken.refresh()
    before = await by_title(spoken)
    library.readd(2)
    assert did(await spoken.refresh()) == {"fetched": 3, "unchanged": 2, "restored": 1}
    assert await by_title(spoken) == before


async def test_an_item_whose_id_elsewhere_was_corrected_is_known_by_its_folder(spoken: World) -> None:
    before = await by_title(spoken)
    new_id = spoken.shelf.library.readd(2)["id"]
    spoken.shelf.library.edit(new_id, **identity(spoken, 777))
    assert did(await spoken.refresh()) == {"fetched": 3, "unchanged": 2, "restored": 1}
    assert await by_title(spoken) == before


@pytest.mark.parametrize("change", ["identity", "folder", "title"])
async def test_what_is_edited_under_its_arr_id_is_the_same_item(spoken: World, change: str) -> None:
    numbers = {arr_id: row.id for arr_id, row in (await spoken.rows()).items()}
    edits: dict[str, dict[str, Any]] = {
        "identity": identity(spoken, 777),
        "folder": {"path": f"{spoken.shelf.library.dialect.root}/Beta, moved"},
        "title": {"title": "Beta Prime"},
    }
    spoken.shelf.library.edit(2, **edits[change])
    assert did(await spoken.refresh()) == {"fetched": 3, "unchanged": 2, "updated": 1}
    assert {arr_id: row.id for arr_id, row in (await spoken.rows()).items()} == numbers
    assert (await spoken.rows())[2].intent is False


# -- what is not the same -------------------------------------------------------------------------


async def test_an_arr_id_that_another_item_has_now_means_the_other_item(spoken: World) -> None:
    """A restored server deals ids out again that it gave to items since."""
    before = await by_title(spoken)
    spoken.shelf.library.delete(2)
    stranger = spoken.shelf.add("Delta", 2004)
    renumber(spoken, stranger, 2)
    assert did(await spoken.refresh()) == {"fetched": 3, "unchanged": 2, "added": 1, "removed": 1}
    after = await by_title(spoken)
    assert after["Delta"][1] is None, "the word was said of another item"
    assert after["Delta"][0] not in {row for row, _ in before.values()}
    assert await story(spoken, after["Delta"][0]) == ["added"]


async def test_an_item_whose_arr_id_went_to_another_one_is_still_known(spoken: World) -> None:
    before = await by_title(spoken)
    new_id = spoken.shelf.library.readd(2)["id"]
    renumber(spoken, spoken.shelf.add("Delta", 2004), 2)
    assert did(await spoken.refresh()) == {"fetched": 4, "unchanged": 2, "added": 1, "restored": 1}
    rows = await spoken.rows()
    assert (rows[new_id].title, rows[new_id].id, rows[new_id].intent) == ("Beta", *before["Beta"])
    assert (rows[2].title, rows[2].intent) == ("Delta", None)


@pytest.mark.parametrize("value", [603, 0], ids=["same", "zero"])
async def test_two_records_with_the_same_id_elsewhere_or_none_stay_two_rows(
    spoken: World, value: int
) -> None:
    before = await by_title(spoken)
    spoken.shelf.library.edit(1, **identity(spoken, value))
    spoken.shelf.library.edit(2, **identity(spoken, value))
    for _ in range(2):
        await spoken.refresh()
        assert await by_title(spoken) == before
    spoken.shelf.library.readd(1)
    spoken.shelf.library.readd(2)
    assert did(await spoken.refresh()) == {"fetched": 3, "unchanged": 1, "restored": 2}
    assert await by_title(spoken) == before


async def test_of_two_with_the_same_id_elsewhere_the_one_that_returns_is_known_by_its_folder(
    spoken: World,
) -> None:
    library = spoken.shelf.library
    for arr_id in (1, 2):
        library.edit(arr_id, **identity(spoken, 603))
    await spoken.refresh()
    before = await by_title(spoken)
    records = [library.record(1), library.record(2)]
    library.delete(1, 2)
    assert (await spoken.refresh()).removed == 2
    for new_id, record in enumerate(records, 10):
        library.replace(new_id, {**record, "id": new_id})
        report = await spoken.refresh()
        assert (report.restored, report.added) == (1, 0)
        assert (await by_title(spoken))[record["title"]] == before[record["title"]]


async def test_a_second_record_with_a_known_id_elsewhere_is_a_second_item(spoken: World) -> None:
    before = await by_title(spoken)
    known = spoken.shelf.library.record(1)[spoken.shelf.library.dialect.identity]
    spoken.shelf.add("Alpha in another cut", 2004, **identity(spoken, known))
    assert did(await spoken.refresh()) == {"fetched": 4, "unchanged": 3, "added": 1}
    after = await by_title(spoken)
    assert {title: after[title] for title in before} == before
    assert after["Alpha in another cut"][1] is None


async def test_a_folder_that_two_items_share_identifies_neither(spoken: World) -> None:
    """Without an id elsewhere there is nothing else to tell which of the two is back."""
    library = spoken.shelf.library
    place = library.record(1)["path"]
    for arr_id in (1, 2):
        library.edit(arr_id, path=place, **identity(spoken, 0))
    await spoken.refresh()
    library.readd(1)
    library.readd(2)
    assert did(await spoken.refresh()) == {"fetched": 3, "unchanged": 1, "added": 2, "removed": 2}


async def test_another_connection_has_items_of_its_own(spoken: World) -> None:
    kind = spoken.provider.media_kind
    both = [("library", spoken.provider.name, kind), ("uhd", spoken.provider.name, kind)]
    await spoken.store.register(both)
    spoken.name = "uhd"
    assert did(await spoken.refresh()) == {"fetched": 3, "added": 3}
    spoken.shelf.library.delete(2)
    assert did(await spoken.refresh()) == {"fetched": 2, "unchanged": 2, "removed": 1}
    assert {row.intent for row in (await spoken.rows()).values()} == {None}
    spoken.name = "library"
    assert (await by_title(spoken))["Beta"] == (2, False)


# -- all at once ----------------------------------------------------------------------------------


@pytest.mark.parametrize("first_id", [1, 3, 1000], ids=["permuted", "shifted", "new"])
async def test_a_reinstalled_server_is_no_mass_removal(spoken: World, first_id: int) -> None:
    for number in range(4, 61):
        spoken.shelf.library.add(title=f"Item {number}", year=2000)
    await spoken.refresh()
    before = await by_title(spoken)
    spoken.shelf.library.reinstall(first_id)
    report = await spoken.refresh()
    assert (report.outcome, did(report)) == (Outcome.OK, {"fetched": 60, "restored": 60})
    assert await by_title(spoken) == before
    assert (await story(spoken, before["Alpha"][0]))[-1] == "restored"
    assert await contents(spoken) == await as_if_fresh(spoken)
    assert did(await spoken.refresh()) == {"fetched": 60, "unchanged": 60}


async def test_a_reinstalled_server_may_be_larger_than_what_is_written_at_once(spoken: World) -> None:
    for number in range(4, 1301):
        spoken.shelf.library.add(title=f"Item {number}", year=2000)
    await spoken.refresh()
    before = await by_title(spoken)
    spoken.shelf.library.reinstall()
    assert did(await spoken.refresh()) == {"fetched": 1300, "restored": 1300}
    assert await by_title(spoken) == before


async def test_a_reinstalled_server_with_an_item_without_an_id_elsewhere(spoken: World) -> None:
    """Its arr id is that of another item now, which says nothing; its folder says who it is."""
    spoken.shelf.library.edit(1, **identity(spoken, 0))
    await spoken.refresh()
    before = await by_title(spoken)
    spoken.shelf.library.reinstall()
    assert did(await spoken.refresh()) == {"fetched": 3, "restored": 3}
    assert await by_title(spoken) == before


async def test_a_reinstalled_server_without_any_id_elsewhere(spoken: World) -> None:
    for arr_id in (1, 2, 3):
        spoken.shelf.library.edit(arr_id, **identity(spoken, 0))
    await spoken.refresh()
    before = await by_title(spoken)
    spoken.shelf.library.reinstall()
    assert did(await spoken.refresh()) == {"fetched": 3, "restored": 3}
    assert await by_title(spoken) == before


async def test_a_reinstalled_server_with_two_records_of_the_same_id_elsewhere(spoken: World) -> None:
    """They swap their arr ids, and neither may get the other's word."""
    for arr_id in (1, 2):
        spoken.shelf.library.edit(arr_id, **identity(spoken, 603))
    await spoken.refresh()
    before = await by_title(spoken)
    one, two = spoken.shelf.library.record(1), spoken.shelf.library.record(2)
    spoken.shelf.library.replace(1, {**two, "id": 1})
    spoken.shelf.library.replace(2, {**one, "id": 2})
    assert did(await spoken.refresh()) == {"fetched": 3, "unchanged": 1, "restored": 2}
    assert await by_title(spoken) == before


async def test_a_reinstalled_server_in_another_root_folder(spoken: World) -> None:
    before = await by_title(spoken)
    library = spoken.shelf.library
    library.reinstall()
    root = library.dialect.root
    library.roots[:] = [f"{root}/new"]
    for arr_id in library.ids:
        library.move(arr_id, library.record(arr_id)["path"].replace(root, f"{root}/new"))
    assert did(await spoken.refresh()) == {"fetched": 3, "restored": 3}
    assert await by_title(spoken) == before


@pytest.mark.parametrize("position", [0, 1, 2])
async def test_a_reinstalled_server_with_a_record_that_cannot_be_read(spoken: World, position: int) -> None:
    """The unreadable record's arr id was another item's: nobody's word may be lost by that."""
    before = await by_title(spoken)
    spoken.shelf.library.reinstall()
    spoken.shelf.server.fault = BrokenRecord(phase=Phase.LIST, position=position)
    await spoken.refresh()
    spoken.shelf.server.fault = None
    report = await spoken.refresh()
    assert (report.outcome, report.fetched) == (Outcome.OK, 3)
    assert await by_title(spoken) == before
    assert await contents(spoken) == await as_if_fresh(spoken)


async def test_a_partly_reinstalled_server_holds_what_is_missing_until_it_is_back(spoken: World) -> None:
    """Set up anew with half the library: what is there is known again, the rest waits."""
    library = spoken.shelf.library
    for number in range(4, 61):
        library.add(title=f"Item {number}", year=2000)
    await spoken.refresh()
    before = await by_title(spoken)
    records = library.records
    library.delete(*library.ids[20:])
    library.reinstall()
    report = await spoken.refresh()
    assert (report.outcome, did(report)) == (Outcome.PARTIAL, {"fetched": 20, "restored": 20, "held": 40})
    for new_id, record in enumerate(records[20:], 21):
        library.replace(new_id, {**record, "id": new_id})
    report = await spoken.refresh()
    assert (report.outcome, report.fetched, report.added, report.removed) == (Outcome.OK, 60, 0, 0)
    assert await by_title(spoken) == before
    assert {row.held_at for row in (await spoken.rows()).values()} == {None}


async def test_held_items_whose_arr_ids_went_to_others_come_back_as_themselves(spoken: World) -> None:
    library = spoken.shelf.library
    for number in range(4, 61):
        library.add(title=f"Item {number}", year=2000)
    await spoken.refresh()
    before = await by_title(spoken)
    records = {record["title"]: record for record in library.records}
    library.delete(*library.ids)
    for n in range(1, 4):
        renumber(spoken, spoken.shelf.add(f"Newcomer {n}", 1990 + n), n)
    report = await spoken.refresh()
    assert (report.outcome, did(report)) == (Outcome.PARTIAL, {"fetched": 3, "added": 3, "held": 60})
    for new_id, record in enumerate(records.values(), 100):
        library.replace(new_id, {**record, "id": new_id})
    report = await spoken.refresh()
    assert (report.outcome, did(report)) == (Outcome.OK, {"fetched": 63, "unchanged": 3, "restored": 60})
    after = await by_title(spoken)
    assert {title: after[title] for title in before} == before


async def test_a_server_whose_database_was_restored_to_an_older_state(spoken: World) -> None:
    """What was deleted since is there again, what was added since is not, and ids are dealt out anew."""
    before = await by_title(spoken)
    library = spoken.shelf.library
    beta = library.record(2)
    library.delete(2)
    since = spoken.shelf.add("Delta", 2004)
    await spoken.refresh()
    library.delete(since)
    library.replace(2, beta)
    later = spoken.shelf.add("Epsilon", 2005)
    renumber(spoken, later, since)
    report = await spoken.refresh()
    assert (report.outcome, did(report)) == (
        Outcome.OK,
        {"fetched": 4, "unchanged": 2, "added": 1, "restored": 1, "removed": 1},
    )
    after = await by_title(spoken)
    assert {title: after[title] for title in before} == before
    assert (await spoken.rows())[since].title == "Epsilon"


async def test_our_own_database_restored_to_an_older_state(spoken: World, tmp_path: Path) -> None:
    """The next refresh finds everything again, by whatever arr ids the server has dealt out since."""
    before = await by_title(spoken)
    backup = tmp_path / "backup.db"
    copy(spoken.database.path, backup)
    spoken.shelf.library.reinstall()
    spoken.shelf.add("Delta", 2004)
    await spoken.refresh()
    await spoken.store.set_intent([row for row, _ in before.values()], intent=None, at=spoken.now)

    copy(backup, spoken.database.path)
    report = await spoken.refresh()
    assert (report.outcome, did(report)) == (Outcome.OK, {"fetched": 4, "added": 1, "restored": 3})
    after = await by_title(spoken)
    assert {title: after[title] for title in before} == before
    assert await contents(spoken) == await as_if_fresh(spoken)


def copy(source: Path, target: Path) -> None:
    """One database over another, as a backup tool does it."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
