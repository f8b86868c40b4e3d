"""After an upgrade from 0.1.0 the first refresh finds everything as it was, whatever the situation."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.upgrade.old_home import SITUATIONS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import CommandLine
    from tests.upgrade.old_home import OldHome

WAITING = {"held": 12, "quarantine": 2}
"""Removals that were held before, so that the refresh ends with exit code 1 as ever."""


async def media(trailarrd: CommandLine) -> dict[int, dict[str, Any]]:
    return {item["id"]: item for item in (await trailarrd("media", "--json")).lines}


async def held(trailarrd: CommandLine) -> set[int]:
    return {item["id"] for item in (await trailarrd("removals", "--json")).lines}


async def events(trailarrd: CommandLine) -> list[dict[str, Any]]:
    """Newest first."""
    return (await trailarrd("history", "--limit", "1000", "--json")).lines


@pytest.mark.parametrize("situation", SITUATIONS)
async def test_nothing_is_removed_nothing_more_is_wanted_and_nobody_chose_otherwise(
    household: OldHome, trailarrd: CommandLine, situation: str
) -> None:
    before = household.before()
    done = await trailarrd("refresh", "--json")
    assert done.code == (situation in WAITING or situation == "wrong-mapping"), done.err
    counts = ("added", "removed", "restored")
    assert [[one[count] for count in counts] for one in done.document["refreshes"]] == [[0, 0, 0]] * 2
    now = await media(trailarrd)
    assert now.keys() == before.listed.keys()
    assert [
        number for number, item in now.items() if item["monitored"] > before.items[number]["monitored"]
    ] == []
    assert [item["intent"] for item in now.values()] == [item["intent"] for item in before.listed.values()]
    assert await held(trailarrd) == before.held
    assert len(before.held) == WAITING.get(situation, 0)
    found = [(one["position"], one["arr_id"]) for one in (await trailarrd("quarantine", "--json")).lines]
    assert sorted(found) == sorted(before.quarantined)


@pytest.mark.parametrize("situation", [name for name in SITUATIONS if name != "wrong-mapping"])
async def test_no_item_changes_and_no_event_tells_of_one(household: OldHome, trailarrd: CommandLine) -> None:
    before = household.before()
    done = await trailarrd("refresh", "--json")
    assert [one["updated"] for one in done.document["refreshes"]] == [0, 0]
    now = await media(trailarrd)
    names = ("trailer", "trailer_file", "monitored", "monitor_reason", "title", "arr_id")
    assert [[now[number][name] for name in names] for number in before.listed] == [
        [item[name] for name in names] for item in before.listed.values()
    ]
    assert len(await events(trailarrd)) == before.events


async def test_what_changed_while_the_new_version_was_installed_is_told_once_and_nothing_else(
    household: OldHome, trailarrd: CommandLine
) -> None:
    before = household.before()
    household.movies.put(7, "Broken Lighthouse (2018)-trailer.mkv")
    household.movies.add("Between Two Versions", 2025)
    household.series.library.delete(5)
    household.movies.place(1).joinpath("Secret Tide (1987)-trailer.mkv").unlink()
    await trailarrd("refresh")
    new = (await events(trailarrd))[: -before.events]
    assert sorted((one["title"], one["event"]) for one in new) == [
        ("Between Two Versions", "added"),
        ("Broken Lighthouse", "trailer-appeared"),
        ("Broken Lighthouse", "unmonitored"),
        ("Electric Passenger", "removed"),
        ("Secret Tide", "monitored"),
        ("Secret Tide", "trailer-vanished"),
    ]
    await trailarrd("refresh")
    assert len(await events(trailarrd)) == before.events + len(new)


async def test_an_item_that_0_1_0_removed_comes_back_as_itself(
    household: OldHome, trailarrd: CommandLine
) -> None:
    (number,) = [
        number for number, item in household.before().items.items() if item["title"] == "Lonely Engine"
    ]
    household.movies.library.replace(
        3, {"id": 3, "title": "Lonely Engine", "path": "/movies/Lonely Engine (1992)"}
    )
    done = await trailarrd("refresh", "movies", "--json")
    assert done.document["refreshes"][0]["restored"] == 1
    assert (await media(trailarrd))[number]["arr_id"] == 3


async def test_a_disk_that_is_not_mounted_at_the_first_refresh_takes_nothing_away(
    household: OldHome, trailarrd: CommandLine
) -> None:
    before = household.before()
    films = _unmount(household)
    done = await trailarrd("refresh", "movies", "--json")
    (report,) = done.document["refreshes"]
    assert (done.code, report["outcome"]) == (1, "partial")
    assert [root["state"] for root in report["roots"]] == ["other-device"]
    trailers = {number: item["trailer"] for number, item in (await media(trailarrd)).items()}
    assert trailers == {number: item["trailer"] for number, item in before.listed.items()}
    shutil.rmtree(films)
    films.with_name("away").rename(films)
    done = await trailarrd("refresh", "movies", "--json")
    assert (done.code, done.document["refreshes"][0]["updated"]) == (0, 0)
    assert len(await events(trailarrd)) == before.events


async def test_another_directory_in_its_place_is_believed_when_the_user_says_so(
    household: OldHome, trailarrd: CommandLine
) -> None:
    _unmount(household)
    await trailarrd("refresh", "movies")
    done = await trailarrd("believe", "movies")
    assert (done.code, done.err[:1]) == (0, "1")
    done = await trailarrd("refresh", "movies", "--json")
    assert done.document["refreshes"][0]["roots"] == []


def _unmount(household: OldHome) -> Path:
    """Another directory is where the movies were; its path."""
    films = household.movies.folder
    films.rename(films.with_name("away"))
    films.joinpath("something else").mkdir(parents=True)
    return films


@pytest.mark.parametrize("situation", ["held"])
async def test_removals_that_0_1_0_held_are_approved(household: OldHome, trailarrd: CommandLine) -> None:
    before = household.before()
    await trailarrd("refresh")
    done = await trailarrd("removals", "approve", "movies")
    assert (done.code, "12 items of movies are removed" in done.err) == (0, True)
    assert (await media(trailarrd)).keys() == before.listed.keys() - before.held
    assert (await trailarrd("refresh")).code == 0


@pytest.mark.parametrize("situation", ["held"])
async def test_removals_that_0_1_0_held_are_discarded_before_any_refresh(
    household: OldHome, trailarrd: CommandLine
) -> None:
    before = household.before()
    assert (await trailarrd("removals", "discard", "movies")).code == 0
    assert (await media(trailarrd)).keys() == before.listed.keys()
    assert await held(trailarrd) == set()


@pytest.mark.parametrize("situation", ["intents"])
async def test_who_chose_what_is_known_and_a_claim_stands(household: OldHome, trailarrd: CommandLine) -> None:
    await trailarrd("refresh")
    by = {}
    for number, item in (await media(trailarrd)).items():
        if item["intent"] is not None:
            document = (await trailarrd("explain", str(number), "--json")).document
            by[item["title"]] = (item["intent"], document["intent_by"], item["monitor_reason"])
    assert by == {
        "The Frozen Lighthouse": (True, "command line", "trailer-present"),
        "Lonely Engine": (True, "command line", "user"),
        "Burning Cathedral": (True, "command line", "trailer-present"),
        "The Distant Kingdom": (False, "command line (anna)", "user"),
        "Golden Tide": (False, "command line (anna)", "trailer-present"),
        "Broken Lighthouse": (False, "command line (anna)", "user"),
        "The Iron Empire": (False, "command line (anna)", "user"),
        "Paper Ålesund": (False, "command line (anna)", "trailer-present"),
        "The Silent Tide": (True, "API key downloader", "user"),
        "Blue Carousel": (False, "API key downloader", "trailer-present"),
    }
    claimed = (await trailarrd("media", "--status", "downloading", "--json")).lines
    assert [item["title"] for item in claimed] == ["Lonely Engine"]
    lonely = str(claimed[0]["id"])
    assert (await trailarrd("claim", lonely, "--as", "another")).code == 1
    assert (await trailarrd("release", lonely, "--as", "downloader")).code == 0


@pytest.mark.parametrize("situation", ["intents"])
async def test_a_choice_outlives_a_removal_by_0_1_0(household: OldHome, trailarrd: CommandLine) -> None:
    household.movies.library.replace(
        1, {"id": 1, "title": "Secret Tide", "path": "/movies/Secret Tide (1987)"}
    )
    await trailarrd("refresh")
    (item,) = [item for item in (await media(trailarrd)).values() if item["title"] == "Secret Tide"]
    assert (item["intent"], item["monitored"]) == (True, True)


@pytest.mark.parametrize("situation", ["mode-new"])
async def test_the_baseline_is_the_one_of_0_1_0(household: OldHome, trailarrd: CommandLine) -> None:
    household.movies.add("Between Two Versions", 2025)
    await trailarrd("refresh")
    wanted = (await trailarrd("media", "--wants-trailer", "--json")).lines
    assert [item["title"] for item in wanted] == ["The Long Harbour", "Announced", "Between Two Versions"]


@pytest.mark.parametrize("situation", ["quarantine"])
async def test_a_record_that_0_1_0_could_not_read_is_its_item_again_once_it_can_be_read(
    household: OldHome, trailarrd: CommandLine
) -> None:
    before = household.before()
    household.movies.library.edit(4, title="Burning Cathedral")
    household.series.library.delete(*household.series.library.ids[1:2])
    await trailarrd("refresh")
    assert (await trailarrd("quarantine", "--json")).lines == []
    assert (await held(trailarrd), before.held & (await media(trailarrd)).keys()) == (set(), set())
    assert len(await media(trailarrd)) == len(before.listed) - len(before.held)


@pytest.mark.parametrize("situation", ["wrong-mapping"])
async def test_what_a_wrong_mapping_hid_is_wanted_no_more_after_the_first_refresh(
    household: OldHome, trailarrd: CommandLine
) -> None:
    """Every movie is unknown, those too that Radarr has no file of; one event each."""
    before = household.before()
    done = await trailarrd("refresh", "movies", "--json")
    (report,) = done.document["refreshes"]
    assert (done.code, report["outcome"], report["contradicted"]) == (1, "partial", 16)
    movies = [item for item in (await media(trailarrd)).values() if item["connection"] == "movies"]
    assert len(movies) == 20
    names = ("has_file", "trailer", "monitored", "monitor_reason")
    assert {tuple(item[name] for name in names) for item in movies} == {
        (True, "unknown", False, "contradicted"),
        (False, "unknown", False, "undecided"),
    }
    new = (await events(trailarrd))[: -before.events]
    assert sorted(one["title"] for one in new) == sorted(item["title"] for item in movies)
    assert {one["event"] for one in new} == {"unmonitored"}


@pytest.mark.parametrize("situation", ["wrong-mapping"])
async def test_what_a_wrong_mapping_hid_is_seen_as_soon_as_the_mapping_is_right(
    household: OldHome, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    config = household.config.read_text("utf-8")
    household.config.write_text(config.replace('/media"', '/media/films"'), "utf-8")
    assert (await trailarrd("refresh")).code == 0
    now = [item for item in (await media(trailarrd)).values() if item["connection"] == "movies"]
    assert len(now) == 20
    assert {item["monitored"] for item in now if item["trailer"] == "present"} == {False}
    # Two more had a name that counted for 0.1.0, which never saw them; no server shows those.
    assert len([item for item in now if item["trailer"] == "present"]) == 7


async def test_a_trailer_whose_name_counts_no_more_is_kept_while_it_lies_there_and_listed_by_check(
    household: OldHome, trailarrd: CommandLine
) -> None:
    names = (
        "Blue Carousel (2019)/Extras/Trailers/two.mkv",
        "Crimson Kingdom (1999)/Crimson Kingdom (1999) trailer.mkv",
    )
    done = await trailarrd("refresh", "movies", "--json")
    assert done.document["refreshes"][0]["updated"] == 0
    outdated = await _outdated(trailarrd)
    folder = household.movies.folder
    place, name = "media servers show no trailers from this folder", "its name does not end like a trailer's"
    assert sorted(outdated) == [
        f"{folder}/{names[0]}: {place}; as Blue Carousel (2019) Bluray-1080p-trailer.mkv it would count",
        f"{folder}/{names[1]}: {name}; as Crimson Kingdom (1999) Bluray-1080p-trailer.mkv it would count",
    ]
    for name in names:
        folder.joinpath(name).unlink()
    better = "Crimson Kingdom (1999) Bluray-1080p-trailer.mkv"
    folder.joinpath("Crimson Kingdom (1999)", better).write_bytes(b"a video")
    await trailarrd("refresh", "movies")
    trailers = {item["title"]: item["trailer_file"] for item in (await media(trailarrd)).values()}
    assert (trailers["Blue Carousel"], trailers["Crimson Kingdom"]) == (None, better)
    assert await _outdated(trailarrd) == []


async def _outdated(trailarrd: CommandLine) -> list[str]:
    found = (await trailarrd("check", "--offline", "--json")).lines
    return [
        line
        for one in found
        if one["code"] == "trailers-outdated" and one["area"] == "movies"
        for line in one["fact"].splitlines()[1:]
    ]
