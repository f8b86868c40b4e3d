"""An item that returns under another arr id is the same item: same row, same word, same history.

It is known again by its id elsewhere (Radarr's tmdb, Sonarr's tvdb), then by its folder. What cannot be
told apart stays apart: two rows too many are better than two items in one row.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.refresh.conftest import did
from tests.safety.conftest import as_if_fresh, contents
from tests.safety.spoken import by_title, identity, renumber, story
from trailarrd.domain.report import Outcome

if TYPE_CHECKING:
    from tests.refresh.conftest import World

GRACE = timedelta(days=30)


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
