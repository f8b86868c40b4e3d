"""A server that deals its ids out anew, reinstalled or restored: nothing is lost, nobody is mixed up."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.refresh.conftest import did
from tests.safety.conftest import as_if_fresh, contents
from tests.safety.spoken import by_title, identity, renumber, story
from trailarrd.domain.report import Outcome
from trailarrd.testing import BrokenRecord, Phase

if TYPE_CHECKING:
    from pathlib import Path

    from tests.refresh.conftest import World


@pytest.mark.parametrize("first_id", [1, 3, 1000], ids=["permuted", "shifted", "new"])
async def test_a_reinstalled_server_is_no_mass_removal(spoken: World, first_id: int) -> None:
    for number in range(4, 61):
        spoken.shelf.lay(spoken.shelf.library.add(title=f"Item {number}", year=2000)["id"])
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
        spoken.shelf.lay(library.add(title=f"Item {number}", year=2000)["id"])
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
        spoken.shelf.lay(library.add(title=f"Item {number}", year=2000)["id"])
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
