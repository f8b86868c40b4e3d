"""A disk that loses its trailers: nothing is wanted until a second look, or the user, says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import CommandLine
    from tests.household import Household

MANY = 12


@pytest.fixture
async def trailers(household: Household, trailarrd: CommandLine) -> list[Path]:
    """Twelve movies have a trailer, and all of them go at once."""
    for number in range(4, MANY + 1):
        household.movies.add(f"Film {number}", 1900 + number)
    files = [household.movies.put(number, "any words-trailer.mkv") for number in range(1, MANY + 1)]
    assert (await trailarrd("refresh")).code == 0
    for file in files:
        file.unlink()
    return files


async def _wanted(trailarrd: CommandLine) -> int:
    return len((await trailarrd("media", "--connection", "movies", "--wants-trailer", "--json")).lines)


async def test_they_are_kept_and_told_everywhere(trailers: list[Path], trailarrd: CommandLine) -> None:
    dry = await trailarrd("refresh", "movies", "--dry-run")
    assert "12 trailers not seen any more would be kept" in dry.out
    done = await trailarrd("refresh", "movies")
    assert done.code == 1
    assert "12 trailers are not seen any more and kept; see 'trailarrd vanished movies'" in done.err
    document = (await trailarrd("refresh", "movies", "--json")).document
    assert (document["refreshes"][0]["outcome"], document["refreshes"][0]["vanishing"]) == ("partial", MANY)
    assert await _wanted(trailarrd) == 0
    assert "12 trailers are not seen and kept" in (await trailarrd("connections")).out
    status = await trailarrd("status")
    assert (status.code, "trailers-vanishing: movies: 12 trailers vanished at once" in status.out) == (
        1,
        True,
    )
    (one, *_) = (await trailarrd("vanished", "--json")).lines
    told = (await trailarrd("explain", str(one["id"]))).out
    assert "it is kept, though it is not seen as a trailer any more" in told
    assert "trailarrd vanished approve movies" in told
    assert "the next refresh takes that" not in told
    events = (await trailarrd("history", "--limit", str(MANY), "--json")).lines
    assert {event["event"] for event in events} == {"trailer-vanishing"}


async def test_they_are_listed_and_approved_by_name(
    household: Household, trailers: list[Path], trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    for words in (("vanished", "--json"), ("vanished", "movies", "--json")):
        lines = (await trailarrd(*words)).lines
        assert [(line["connection"], line["arr_id"]) for line in lines] == [
            ("movies", number) for number in range(1, MANY + 1)
        ]
        assert {(line["trailer_file"], line["misnamed"]) for line in lines} == {
            ("any words-trailer.mkv", False)
        }
    assert (await trailarrd("vanished", "series", "--json")).lines == []
    done = await trailarrd("vanished", "approve", "movies")
    assert (done.code, "12 trailers of movies are taken as gone" in done.err) == (0, True)
    assert "0 trailers are not seen any more and kept" in (await trailarrd("vanished")).err
    assert await _wanted(trailarrd) == MANY
    assert (await trailarrd("refresh")).code == 0
    assert (await trailarrd("status")).code == 0
    assert (await trailarrd("vanished", "approve", "moveis")).code == 2


async def test_what_is_discarded_is_decided_anew_and_what_comes_back_is_there(
    household: Household, trailers: list[Path], trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    done = await trailarrd("vanished", "discard", "movies")
    assert (done.code, "12 trailers of movies are kept" in done.err) == (0, True)
    assert (await trailarrd("vanished", "--json")).lines == []
    assert (await trailarrd("refresh", "movies")).code == 1
    for file in trailers:
        file.write_bytes(b"a video")
    assert (await trailarrd("refresh", "movies")).code == 0
    assert ((await trailarrd("vanished", "--json")).lines, await _wanted(trailarrd)) == ([], 0)


async def test_ten_minutes_later_the_items_own_files_are_believed(
    household: Household, trailers: list[Path], trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    household.database.sql("UPDATE media SET vanishing_since = datetime(vanishing_since, '-10 minutes')")
    household.movies.place(1).joinpath("the item itself.mkv").unlink()
    done = await trailarrd("refresh", "movies", "--json")
    (report,) = done.document["refreshes"]
    assert (report["vanishing"], report["contradicted"]) == (0, 1)
    assert (await _wanted(trailarrd), report["monitored"]) == (MANY - 1, MANY - 1)


async def test_the_guard_of_a_connection_lets_more_go(
    household: Household, trailers: list[Path], trailarrd: CommandLine
) -> None:
    household.settings = "defaults: {trailer_guard: {max_items: 12}}\n"
    household.write_config()
    assert (await trailarrd("refresh", "movies")).code == 0
    assert await _wanted(trailarrd) == MANY
