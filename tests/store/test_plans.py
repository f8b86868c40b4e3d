"""What a refresh found becomes true: all of it, only what differs, and truthfully counted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from tests.depth import IS_DEEP
from trailarrd.domain.guard import Guard
from trailarrd.domain.keys import Fingerprints
from trailarrd.domain.media import MediaKind
from trailarrd.domain.monitoring import MonitorMode, MonitorReason, TrailerState
from trailarrd.domain.paths import RemotePath
from trailarrd.domain.plan import Change, Entry
from trailarrd.domain.report import Outcome
from trailarrd.errors import DatabaseError

if TYPE_CHECKING:
    from tests.domain.library import Listed
    from tests.store.conftest import Library

pytestmark = pytest.mark.shared

PRESENT, ABSENT, UNKNOWN = TrailerState.PRESENT, TrailerState.ABSENT, TrailerState.UNKNOWN


async def test_what_was_found_is_stored_whole(library: Library) -> None:
    listed = library.item(
        7,
        PRESENT,
        "trailers/one.mkv",
        title="Heat",
        year=1995,
        external_ids={"tmdb": "949", "imdb": "tt0113277"},
        youtube_trailer_id="2GfZl4kuVNI",
        main_file="Heat.mkv",
        monitored_remotely=False,
    )
    await library.refresh(listed)
    ((number, row),) = ((row.id, row) for row in (await library.rows()).values())
    assert await library.stored([number]) == {
        number: Entry(
            media=listed.item.media,
            local_path=listed.item.local_path,
            trailer=PRESENT,
            trailer_file="trailers/one.mkv",
            monitored=False,
            monitor_reason=MonitorReason.TRAILER_PRESENT,
            contradicted=False,
            fingerprint=Fingerprints().of(listed.item.media, listed.item.local_path),
            identity=0,
            first_refresh=1,
        )
    }
    assert library.sql("SELECT titles_folded, keys_folded FROM media") == [
        ("heat", "\n1995\n949\ntt0113277\n")
    ]
    assert (row.connection, row.provider, row.kind) == ("movies", "radarr", "movie")
    assert (row.first_seen, row.last_changed) == (library.now, library.now)


async def test_nothing_is_written_where_nothing_changed(library: Library) -> None:
    items = [library.item(number) for number in range(1, 1201)]
    await library.refresh(*items)
    library.forbid_writing()
    library.forbid_writing("history")
    assert (await library.refresh(*items)).unchanged == 1200
    with pytest.raises(DatabaseError, match="written"):  # the triggers do work
        await library.refresh(*items[1:])


async def test_only_what_differs_moves_last_changed(library: Library) -> None:
    first = library.now
    await library.refresh(library.item(1), library.item(2))
    library.now += timedelta(hours=1)
    counts = await library.refresh(library.item(1, year=1999), library.item(2))
    rows = await library.rows()
    assert (counts.updated, counts.unchanged) == (1, 1)
    assert (rows[1].year, rows[1].first_seen, rows[1].last_changed) == (1999, first, library.now)
    assert rows[2].last_changed == first


async def test_values_that_the_server_cleared_are_cleared(library: Library) -> None:
    await library.refresh(library.item(1, year=1999, youtube_trailer_id="abc", external_ids={"tmdb": "1"}))
    await library.refresh(library.item(1))
    row = (await library.rows())[1]
    assert (row.year, row.youtube_trailer_id, row.external_ids) == (None, None, {})


@pytest.mark.shared("sqlite")
async def test_another_fingerprint_of_the_same_values_is_no_update(library: Library) -> None:
    """A new program version derives everything anew; what comes out the same did not change."""
    await library.refresh(library.item(1))
    library.sql("UPDATE media SET fingerprint = x'00'")
    seen = library.now
    library.now += timedelta(hours=1)
    counts = await library.refresh(library.item(1))
    assert (counts.updated, counts.unchanged) == (0, 1)
    assert (await library.rows())[1].last_changed == seen
    assert await library.events() == ["added"]
    assert library.sql("SELECT length(fingerprint) FROM media") == [(16,)]  # and yet it is the new one


async def test_a_removed_item_is_marked_and_comes_back_as_itself(library: Library) -> None:
    await library.refresh(library.item(1), library.item(2))
    before = (await library.rows())[2]
    assert (await library.refresh(library.item(1))).removed == 1
    assert list(await library.rows()) == [1]
    assert library.sql("SELECT arr_id FROM media WHERE removed_at IS NOT NULL") == [(2,)]
    counts = await library.refresh(library.item(1), library.item(2))
    assert (counts.restored, counts.added, counts.updated, counts.unchanged) == (1, 0, 0, 1)
    assert (await library.rows())[2].id == before.id
    assert await library.events(before.id) == ["added", "removed", "restored"]


async def test_a_removed_item_is_removed_once(library: Library) -> None:
    await library.refresh(library.item(1), library.item(2))
    assert [(await library.refresh(library.item(1))).removed for _ in range(2)] == [1, 0]


async def test_an_item_that_two_refreshes_miss_at_once_is_removed_once(library: Library) -> None:
    await library.refresh(library.item(1), library.item(2))
    starts = [await library.begin(), await library.begin()]
    plans = [await library.plan(start, [library.item(1)]) for start in starts]
    counts = [
        await library.store.apply(start, plan, at=library.now, outcome=Outcome.OK)
        for start, plan in zip(starts, plans, strict=True)
    ]
    assert [one.removed for one in counts] == [1, 0]
    assert await library.events(2) == ["added", "removed"]


async def test_items_that_swap_their_arr_ids_keep_their_rows(library: Library) -> None:
    one, two = library.item(1), library.item(2)
    await library.refresh(known_as(one, "501"), known_as(two, "502"))
    before = {row.title: row.id for row in (await library.rows()).values()}
    counts = await library.refresh(known_as(one, "501", arr_id=2), known_as(two, "502", arr_id=1))
    assert (counts.restored, counts.added, counts.removed) == (2, 0, 0)
    rows = await library.rows()
    assert {row.title: row.id for row in rows.values()} == before
    assert rows[2].title == one.item.media.title


def known_as(listed: Listed, identity: str, **media: Any) -> Listed:
    item = replace(listed.item, identity=identity, media=replace(listed.item.media, **media))
    return listed._replace(item=item)


async def test_what_is_known_is_of_that_connection_alone(library: Library) -> None:
    kind = MediaKind("movie")
    await library.store.register([("movies", "radarr", kind), ("uhd", "radarr", kind)])
    await library.refresh(library.item(1))
    await library.refresh(library.item(1, title="Same id, other film"), library.item(2), name="uhd")
    assert [one.arr_id for one in await library.store.known(await library.begin())] == [1]
    assert (await library.refresh(library.item(1))).removed == 0


async def test_an_item_moved_to_another_folder_is_the_same_item(library: Library) -> None:
    await library.refresh(library.item(1))
    before = (await library.rows())[1]
    await library.refresh(library.item(1, path=RemotePath("/other/Film 1")))
    after = (await library.rows())[1]
    assert (after.id, after.remote_path) == (before.id, "/other/Film 1")


async def test_history_tells_each_difference_once(library: Library) -> None:
    await library.refresh(library.item(1))
    await library.refresh(library.item(1, PRESENT, "a-trailer.mkv", year=1999))
    (unmonitored, appeared, updated, _) = await library.store.history()
    assert (updated.event, updated.detail) == ("updated", {"year": [None, 1999]})
    assert (appeared.event, appeared.detail) == (
        "trailer-appeared",
        {"trailer": ["absent", "present"], "trailer_file": [None, "a-trailer.mkv"]},
    )
    assert (unmonitored.event, unmonitored.detail) == (
        "unmonitored",
        {"monitored": [True, False], "monitor_reason": ["mode-missing", "trailer-present"]},
    )
    assert {updated.refresh_id, appeared.refresh_id, unmonitored.refresh_id} == {2}
    await library.refresh(library.item(1, year=1999))
    assert (await library.events())[-2:] == ["trailer-vanished", "monitored"]


async def test_a_trailer_that_is_renamed_did_not_vanish(library: Library) -> None:
    await library.refresh(library.item(1, PRESENT, "a-trailer.mkv"))
    await library.refresh(library.item(1, PRESENT, "b-trailer.mkv"))
    (newest, *_) = await library.store.history()
    assert (newest.event, newest.detail) == ("updated", {"trailer_file": ["a-trailer.mkv", "b-trailer.mkv"]})


async def test_a_disk_that_is_seen_at_last_without_a_trailer_lost_none(library: Library) -> None:
    await library.refresh(library.item(1, UNKNOWN))
    await library.refresh(library.item(1, ABSENT))
    assert await library.events() == ["added", "updated", "monitored"]


async def test_added_items_are_told_with_the_refresh_that_saw_them(library: Library) -> None:
    await library.refresh(library.item(1))
    await library.refresh(library.item(1), library.item(2, title="Ran"))
    (newest, oldest) = await library.store.history()
    assert (newest.title, newest.arr_id, newest.event, newest.refresh_id, newest.at) == (
        "Ran",
        2,
        "added",
        2,
        library.now,
    )
    assert (newest.connection, newest.detail, oldest.refresh_id) == ("movies", {}, 1)


@pytest.mark.parametrize("wish", [True, False])
async def test_a_wish_spoken_during_a_refresh_outranks_its_plan(library: Library, *, wish: bool) -> None:
    mode = MonitorMode.NONE if wish else MonitorMode.MISSING
    await library.refresh(library.item(1), mode=mode)
    number = (await library.rows())[1].id
    start = await library.begin(mode)
    plan = await library.plan(start, [library.item(1, title="Edited")])
    await library.store.set_intent([number], intent=wish, at=library.now)
    counts = await library.store.apply(start, plan, at=library.now, outcome=Outcome.OK)
    row = (await library.rows())[1]
    assert (row.title, row.monitored, row.monitor_reason) == ("Edited", wish, MonitorReason.USER)
    assert counts.monitored == wish


async def test_an_item_purged_during_a_refresh_is_added_again(library: Library) -> None:
    await library.refresh(library.item(1), library.item(2))
    await library.refresh(library.item(2))
    start = await library.begin()
    plan = await library.plan(start, [library.item(1), library.item(2)])
    assert [type(one) for one in plan.changes] == [Change]
    library.sql("DELETE FROM media WHERE arr_id = 1")
    counts = await library.store.apply(start, plan, at=library.now, outcome=Outcome.OK)
    assert (counts.added, counts.restored) == (1, 0)
    assert sorted(await library.rows()) == [1, 2]


@pytest.mark.deep
async def test_more_items_than_a_statement_has_variables(library: Library) -> None:
    """SQLite takes 32,766 and PostgreSQL 32,767; a whole library may be asked for, change or go at once.

    Even of 1,100 items the values are more than that.
    """
    there = 33_000 if IS_DEEP else 1_100
    await library.refresh(*(library.item(number) for number in range(1, there + 1)))
    ids = range(1, 33_001)
    assert len(await library.stored(ids)) == there
    assert len((await library.store.set_intent(ids, intent=False, at=library.now)).changed) == there
    counts = await library.refresh(library.item(1), guard=Guard(max_items=there))
    assert (counts.unchanged, counts.removed) == (1, there - 1)
