"""Trailers are looked for at every refresh; the disk is believed only when it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.refresh.conftest import did, seen
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.report import Outcome
from trailarrd.testing import RADARR, SONARR, Dialect

if TYPE_CHECKING:
    from tests.refresh.conftest import World

radarr = pytest.mark.parametrize("dialect", [RADARR], ids=["radarr"])

# What at least one of Plex, Jellyfin, Emby and Kodi shows as a trailer of the movie or the show itself.
OF_A_MOVIE = [
    "the item itself-trailer.mkv",
    "any words-trailer.mp4",
    "any words.trailer.webm",
    "any words_trailer.avi",
    "any words - trailer.m4v",
    "any words-trailer2.mkv",
    "ANY WORDS-TRAILER.MKV",
    "trailer.mov",
    "movie-trailer.mkv",
    "a link-trailer.strm",
    "Trailers/Teaser.mkv",
    "trailers/one.wmv",
]
OF_A_SHOW = [
    "Trailers/Teaser.mkv",
    "trailers/one.ts",
    "any words-trailer.mkv",
    "trailer.mp4",
    "any words.trailer.mkv",
]
NO_TRAILERS = [
    "The Trailer S01E02.mkv",
    "any words trailer.m4v",
    "Extras/Trailers/Teaser.mkv",
    "Trailers/sample.mkv",
    "Trailer Park Boys.mkv",
    "Trailer/Teaser.mkv",
    "backdrops/any words-trailer.mkv",
    "any words-trailer.jpg",
    "any words-trailer.nfo",
    "any words-trailer.mkv.part",
    "._any words-trailer.mkv",
    "@eaDir/any words-trailer.mkv",
]


@pytest.mark.parametrize(
    ("dialect", "layouts"), [(RADARR, OF_A_MOVIE), (SONARR, OF_A_SHOW)], ids=["radarr", "sonarr"]
)
async def test_a_trailer_is_noticed_in_each_layout_when_it_comes_and_when_it_goes(
    world: World, dialect: Dialect, layouts: list[str]
) -> None:
    named = {world.shelf.add(f"Item {n}", 1960 + n): name for n, name in enumerate(layouts)}
    await world.refresh()
    assert set((await world.each("trailer")).values()) == {"absent"}

    files = [world.shelf.put(arr_id, name) for arr_id, name in named.items()]
    report = await world.refresh()
    assert report.updated == report.trailers.present == len(named)
    rows = await world.rows()
    assert {arr_id: rows[arr_id].trailer_file for arr_id in named} == named
    assert {rows[arr_id].trailer.value for arr_id in named} == {"present"}

    for file in files[:10]:  # not more at once than the guard lets go
        file.unlink()
    await world.refresh()
    for file in files[10:]:
        file.unlink()
    report = await world.refresh()
    assert seen(report) == {"absent": len(named) + 3}
    rows = await world.rows()
    assert {(rows[arr_id].trailer.value, rows[arr_id].trailer_file) for arr_id in named} == {("absent", None)}


async def test_what_media_servers_do_not_show_as_a_trailer_is_none(world: World) -> None:
    named = {world.shelf.add(f"Item {n}", 1960 + n): name for n, name in enumerate(NO_TRAILERS)}
    for arr_id, name in named.items():
        world.shelf.put(arr_id, name)
    world.shelf.put(1, "an empty file-trailer.mkv", b"")
    await world.refresh()
    assert {file for file in (await world.each("trailer_file")).values() if file} == set()


@radarr
async def test_the_movie_itself_is_never_its_own_trailer(world: World) -> None:
    world.shelf.library.edit(2, movieFile={"relativePath": "Beta.trailer.mkv"})
    world.shelf.put(2, "Beta.trailer.mkv")
    await world.refresh()
    assert (await world.each("trailer"))[2] == "absent"


async def test_another_trailer_file_is_a_change_too(world: World) -> None:
    first = world.shelf.put(2, "Trailers/Teaser.mkv")
    await world.refresh()
    first.rename(first.with_name("Official.mkv"))
    assert did(await world.refresh()) == {"fetched": 3, "updated": 1, "unchanged": 2}
    row = (await world.rows())[2]
    assert (row.trailer, row.trailer_file) == ("present", "Trailers/Official.mkv")


async def test_a_trailer_of_a_neighbour_with_a_longer_name_is_not_the_items(world: World) -> None:
    arr_id = world.shelf.add("Alphabet", 2001)
    world.shelf.put(arr_id, "Trailers/Teaser.mkv")
    await world.refresh()
    assert (await world.each("trailer"))[1] == "absent"
    assert (await world.each("trailer"))[arr_id] == "present"


@pytest.mark.parametrize("how", ["missing", "empty"])
async def test_a_root_that_is_gone_keeps_the_last_known_state(world: World, how: str) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await world.refresh()
    before = world.database.content()
    away = world.shelf.folder.rename(world.shelf.folder.with_name("unmounted"))
    if how == "empty":
        world.shelf.folder.mkdir()

    report = await world.refresh()
    assert (report.outcome, seen(report)) == (Outcome.PARTIAL, {"unknown": 3})
    assert did(report) == {"fetched": 3, "unchanged": 3}
    assert world.database.content() == before

    if how == "empty":
        world.shelf.folder.rmdir()
    away.rename(world.shelf.folder)
    (world.shelf.place(2) / "Trailers" / "Teaser.mkv").unlink()
    report = await world.refresh()
    assert (report.outcome, seen(report)) == (Outcome.OK, {"absent": 3})
    assert (await world.decisions())[2] == (True, "mode-missing")


async def test_a_root_that_is_gone_decides_nothing_anew_but_the_servers_edits_count(world: World) -> None:
    await world.refresh()
    world.shelf.folder.rename(world.shelf.folder.with_name("unmounted"))
    world.shelf.library.edit(1, title="Alpha Prime", monitored=False)
    world.mode = MonitorMode.NONE
    await world.refresh()
    assert await world.decisions() == dict.fromkeys((1, 2, 3), (True, "mode-missing"))
    row = (await world.rows())[1]
    assert (row.title, row.monitored_remotely, row.trailer) == ("Alpha Prime", False, "absent")


async def test_a_root_that_was_never_there_decides_nothing_until_it_is(world: World) -> None:
    away = world.shelf.folder.rename(world.shelf.folder.with_name("not mounted yet"))
    report = await world.refresh()
    assert (report.outcome, report.monitored) == (Outcome.PARTIAL, 0)
    assert set((await world.each("trailer")).values()) == {"unknown"}
    assert await world.decisions() == dict.fromkeys((1, 2, 3), (False, "undecided"))
    away.rename(world.shelf.folder)
    await world.refresh()
    assert await world.decisions() == dict.fromkeys((1, 2, 3), (True, "mode-missing"))


async def test_one_root_that_is_gone_says_nothing_about_another(world: World) -> None:
    world.shelf.library.roots.append("/elsewhere")
    world.shelf.library.move(3, "/elsewhere/Gamma")
    report = await world.refresh()
    assert (report.outcome, seen(report)) == (Outcome.PARTIAL, {"absent": 2, "unknown": 1})
