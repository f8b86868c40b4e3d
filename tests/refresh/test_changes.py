"""What the server changes is changed here, and nothing else: edited, cleared, added, removed, moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from tests.refresh.conftest import did
from trailarrd.domain.report import Outcome
from trailarrd.testing import RADARR, SONARR, Dialect, EmptyList, ShortenedList

if TYPE_CHECKING:
    from tests.refresh.conftest import World

radarr = pytest.mark.parametrize("dialect", [RADARR], ids=["radarr"])


@pytest.mark.parametrize(
    ("dialect", "said", "stored"),
    [
        (RADARR, {"title": "Beta Prime"}, {"title": "Beta Prime"}),
        (RADARR, {"year": 1999}, {"year": 1999}),
        (RADARR, {"monitored": False}, {"monitored_remotely": False}),
        (RADARR, {"youTubeTrailerId": "abc-DEF_123"}, {"youtube_trailer_id": "abc-DEF_123"}),
        (RADARR, {"tmdbId": 7, "imdbId": "tt7"}, {"external_ids": {"tmdb": "7", "imdb": "tt7"}}),
        (RADARR, {"movieFile": {"relativePath": "b.mkv"}}, {"main_file": "b.mkv"}),
        (SONARR, {"title": "Beta Prime"}, {"title": "Beta Prime"}),
        (SONARR, {"year": 1999}, {"year": 1999}),
        (SONARR, {"monitored": False}, {"monitored_remotely": False}),
        (
            SONARR,
            {"tvdbId": 7, "tmdbId": 8, "tvMazeId": 9, "imdbId": "tt7"},
            {"external_ids": {"tvdb": "7", "tmdb": "8", "tvmaze": "9", "imdb": "tt7"}},
        ),
    ],
)
async def test_an_edit_is_stored(
    world: World, dialect: Dialect, said: dict[str, Any], stored: dict[str, Any]
) -> None:
    await world.refresh()
    before = await world.rows()
    world.shelf.library.edit(2, **said)
    assert did(await world.refresh()) == {"fetched": 3, "updated": 1, "unchanged": 2}
    rows = await world.rows()
    assert {name: getattr(rows[2], name) for name in stored} == stored
    assert (rows[1], rows[3]) == (before[1], before[3])


@pytest.mark.parametrize(
    ("dialect", "names", "column", "left"),
    [
        (RADARR, ["year"], "year", None),
        (RADARR, ["youTubeTrailerId"], "youtube_trailer_id", None),
        (RADARR, ["imdbId", "tmdbId"], "external_ids", {}),
        (RADARR, ["movieFile"], "main_file", None),
        (SONARR, ["year"], "year", None),
        (SONARR, ["imdbId", "tvdbId", "tmdbId", "tvMazeId"], "external_ids", {}),
    ],
)
@pytest.mark.parametrize("how", ["absent", "empty"])
async def test_what_the_server_cleared_is_cleared_here(
    world: World, dialect: Dialect, names: list[str], column: str, left: object, how: str
) -> None:
    if "movieFile" in names:
        world.shelf.library.edit(2, movieFile={"relativePath": "beta.mkv"})
    await world.refresh()
    assert (await world.each(column))[2] not in (None, {}), "there was a value"
    if how == "absent":
        world.shelf.library.clear(2, *names)
    else:
        nothing = {"movieFile": {"relativePath": ""}, "youTubeTrailerId": "", "imdbId": ""}
        world.shelf.library.edit(2, **{name: nothing.get(name, 0) for name in names})
    assert did(await world.refresh()) == {"fetched": 3, "updated": 1, "unchanged": 2}
    assert (await world.each(column))[2] == left


async def test_an_added_item_is_added_once(world: World) -> None:
    await world.refresh()
    world.shelf.add("Delta", 2004)
    assert did(await world.refresh()) == {"fetched": 4, "added": 1, "unchanged": 3}
    assert await world.each("title") == {1: "Alpha", 2: "Beta", 3: "Gamma", 4: "Delta"}
    assert did(await world.refresh()) == {"fetched": 4, "unchanged": 4}


async def test_a_removed_item_is_gone_but_its_history_stays(world: World) -> None:
    await world.refresh()
    world.shelf.library.delete(2)
    report = await world.refresh()
    assert (report.outcome, did(report)) == (Outcome.OK, {"fetched": 2, "unchanged": 2, "removed": 1})
    assert await world.each("title") == {1: "Alpha", 3: "Gamma"}
    assert [event for event, arr_id, _ in await world.history() if arr_id == 2] == ["added", "removed"]
    assert did(await world.refresh()) == {"fetched": 2, "unchanged": 2}, "nothing is removed twice"


async def test_an_item_that_comes_back_has_its_row_and_its_intent(world: World) -> None:
    await world.refresh()
    await world.intend(2, intent=False)
    number = (await world.rows())[2].id
    record = world.shelf.library.record(2)
    world.shelf.library.delete(2)
    await world.refresh()
    world.shelf.library.replace(2, record)
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 2, "restored": 1}
    row = (await world.rows())[2]
    assert (row.id, row.intent, row.monitor_reason) == (number, False, "user")


async def test_an_item_that_moved_is_looked_for_where_it_is_now(world: World) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await world.refresh()
    old = world.shelf.place(2)
    root = world.shelf.library.dialect.root
    world.shelf.library.move(2, f"{root}/Beta, moved")
    old.rename(world.shelf.place(2))
    assert did(await world.refresh()) == {"fetched": 3, "updated": 1, "unchanged": 2}
    row = (await world.rows())[2]
    assert (row.remote_path, row.local_path) == (
        f"{root}/Beta, moved",
        str(world.shelf.folder / "Beta, moved"),
    )
    assert (row.trailer, row.trailer_file) == ("present", "Trailers/Teaser.mkv")


async def test_a_trailer_left_behind_in_the_old_folder_is_not_the_items_any_more(world: World) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await world.refresh()
    world.shelf.library.move(2, f"{world.shelf.library.dialect.root}/Beta, moved")
    world.shelf.lay(2)
    await world.refresh()
    assert (await world.each("trailer"))[2] == "absent"
    assert (await world.decisions())[2] == (True, "mode-missing")


async def test_an_empty_list_where_items_are_known_removes_nothing_and_is_held(world: World) -> None:
    await world.refresh()
    before = await world.rows()
    world.shelf.server.fault = EmptyList()
    report = await world.refresh()
    assert (report.outcome, report.error) == (Outcome.PARTIAL, None)
    assert did(report) == {"held": 3}
    held = await world.rows()
    assert {row.held_at is not None for row in held.values()} == {True}
    assert {arr_id: replace(row, held_at=None) for arr_id, row in held.items()} == before


async def test_a_shortened_but_complete_list_removes_what_it_lacks(world: World) -> None:
    await world.refresh()
    world.shelf.server.fault = ShortenedList(keep=0.67)
    assert did(await world.refresh()) == {"fetched": 2, "unchanged": 2, "removed": 1}
    assert await world.each("title") == {1: "Alpha", 2: "Beta"}


async def test_all_kinds_of_change_at_once(world: World) -> None:
    await world.refresh()
    world.shelf.library.edit(1, title="Alpha Prime")
    world.shelf.library.delete(2)
    world.shelf.put(3, "Trailers/Teaser.mkv")
    world.shelf.add("Delta", 2004)
    report = await world.refresh()
    assert did(report) == {"fetched": 3, "added": 1, "updated": 2, "removed": 1}
    assert (report.trailers.present, report.trailers.absent, report.monitored) == (1, 2, 2)
    told = sorted((arr_id, event) for event, arr_id, _ in (await world.history())[3:])
    assert told == [(1, "updated"), (2, "removed"), (3, "trailer-appeared"), (3, "unmonitored"), (4, "added")]


async def test_the_history_tells_before_and_after(world: World) -> None:
    await world.refresh()
    world.shelf.library.edit(1, title="Alpha Prime", year=2011)
    await world.refresh()
    assert (await world.history())[3:] == [
        ("updated", 1, {"title": ["Alpha", "Alpha Prime"], "year": [2001, 2011]})
    ]
