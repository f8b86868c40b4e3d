"""The first refresh: everything is new, and everything that the server says is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.refresh.conftest import did, seen
from trailarrd.domain.report import Outcome
from trailarrd.testing import RADARR, SONARR

if TYPE_CHECKING:
    from tests.refresh.conftest import World

radarr = pytest.mark.parametrize("dialect", [RADARR], ids=["radarr"])
sonarr = pytest.mark.parametrize("dialect", [SONARR], ids=["sonarr"])


async def test_every_item_is_added_and_counted(world: World) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    report = await world.refresh()
    assert (report.outcome, report.error) == (Outcome.OK, None)
    assert did(report) == {"fetched": 3, "added": 3}
    assert seen(report) == {"present": 1, "absent": 2}
    assert report.monitored == 2
    assert (report.connection, report.provider) == ("library", world.provider.name)
    assert report.duration_s > 0


@radarr
async def test_a_movie_is_stored_as_radarr_tells_it(world: World) -> None:
    file = {"relativePath": "Delta (2004) Bluray.mkv"}
    arr_id = world.shelf.add("Delta", 2004, tmdbId=603, monitored=False, movieFile=file)
    trailer = world.shelf.put(arr_id, "Delta (2004) Bluray-trailer.mkv")
    await world.refresh()
    row = (await world.rows())[4]
    assert (row.connection, row.provider, row.kind) == ("library", "radarr", "movie")
    assert (row.title, row.year, row.youtube_trailer_id) == ("Delta", 2004, "trailer2004")
    assert row.external_ids == {"tmdb": "603", "imdb": "tt0002004"}
    assert (row.remote_path, row.local_path) == ("/movies/Delta (2004)", str(trailer.parent))
    assert (row.trailer, row.trailer_file) == ("present", "Delta (2004) Bluray-trailer.mkv")
    assert row.main_file == "Delta (2004) Bluray.mkv"
    assert (row.monitored_remotely, row.intent) == (False, None)
    assert (row.monitored, row.monitor_reason) == (False, "trailer-present")
    moment = datetime(2026, 3, 1, 12, 1, tzinfo=UTC)
    assert (row.first_seen, row.last_changed) == (moment, moment)


@sonarr
async def test_a_series_is_stored_as_sonarr_tells_it(world: World) -> None:
    arr_id = world.shelf.add("Delta", 2004, tvdbId=81189, tmdbId=1396, tvMazeId=169)
    await world.refresh()
    row = (await world.rows())[arr_id]
    assert (row.connection, row.provider, row.kind) == ("library", "sonarr", "series")
    assert (row.title, row.year, row.youtube_trailer_id) == ("Delta", 2004, None)
    assert row.external_ids == {"tvdb": "81189", "tmdb": "1396", "tvmaze": "169", "imdb": "tt0002004"}
    assert (row.remote_path, row.local_path) == ("/tv/Delta", str(world.shelf.folder / "Delta"))
    assert (row.trailer, row.trailer_file, row.main_file) == ("absent", None, None)
    assert (row.monitored, row.monitor_reason) == (True, "mode-missing")


async def test_the_history_begins_with_every_item(world: World) -> None:
    await world.refresh()
    assert await world.history() == [("added", 1, {}), ("added", 2, {}), ("added", 3, {})]


async def test_what_the_server_leaves_out_is_unknown_and_stops_nobody(world: World) -> None:
    world.shelf.library.clear(2, "images", "year", "imdbId", "youTubeTrailerId", "statistics", "ratings")
    report = await world.refresh()
    assert report.outcome is Outcome.OK
    row = (await world.rows())[2]
    assert (row.title, row.year, row.youtube_trailer_id) == ("Beta", None, None)
    assert "imdb" not in row.external_ids


async def test_zero_and_empty_mean_that_the_server_does_not_know(world: World) -> None:
    nothing = {"year": 0, "tmdbId": 0, "tvdbId": 0, "tvMazeId": 0, "imdbId": "", "youTubeTrailerId": ""}
    for arr_id in (1, 2):
        world.shelf.library.edit(arr_id, **nothing)
    report = await world.refresh()
    assert did(report) == {"fetched": 3, "added": 3}, "two items without ids elsewhere are two items"
    rows = await world.rows()
    for arr_id in (1, 2):
        assert (rows[arr_id].year, rows[arr_id].youtube_trailer_id) == (None, None)
        assert rows[arr_id].external_ids == {}


async def test_a_folder_that_is_not_there_yet_has_no_trailer(world: World) -> None:
    announced = world.shelf.library.add(title="Announced", year=2027)
    world.shelf.library.set_file(announced["id"], has_file=False)
    report = await world.refresh()
    assert report.outcome is Outcome.OK
    assert (await world.each("trailer"))[4] == "absent"


async def test_a_path_that_means_nothing_here_is_no_reason_to_fail(world: World) -> None:
    world.shelf.library.edit(2, path="D:\\Films\\Beta")
    report = await world.refresh()
    row = (await world.rows())[2]
    assert (row.remote_path, row.local_path, row.trailer) == ("D:\\Films\\Beta", None, "unknown")
    assert (row.monitored, row.monitor_reason) == (False, "undecided")
    assert (report.outcome, seen(report)) == (Outcome.PARTIAL, {"absent": 2, "unknown": 1})


async def test_an_empty_library_is_nothing_special(world: World) -> None:
    world.shelf.library.delete(1, 2, 3)
    report = await world.refresh()
    assert (report.outcome, did(report)) == (Outcome.OK, {})


async def test_progress_hears_of_every_record(world: World) -> None:
    heard: list[int] = []
    await world.refresher().refresh(heard.append)
    assert heard[-1] == 3
    assert heard == sorted(heard)
