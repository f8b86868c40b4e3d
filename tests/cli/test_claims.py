"""`claim`, `release`: downloaders say what they are working on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household


@pytest.fixture
async def ids(trailarrd: CommandLine) -> dict[str, str]:
    """The ids of the movies by title, after a refresh; all three want a trailer."""
    await trailarrd("refresh", "movies")
    return {item["title"]: str(item["id"]) for item in (await trailarrd("media", "--json")).lines}


async def wanted(trailarrd: CommandLine) -> set[str]:
    """What a downloader is told to get."""
    return {item["title"] for item in (await trailarrd("media", "--wants-trailer", "--json")).lines}


async def test_what_is_claimed_is_downloading_and_wanted_by_nobody_else(
    trailarrd: CommandLine, ids: dict[str, str]
) -> None:
    done = await trailarrd("claim", ids["Alpha"], ids["Beta"], "--as", "one")
    assert (done.code, done.out) == (0, "")
    assert "2 items claimed until" in done.err
    assert await wanted(trailarrd) == {"Gamma"}
    downloading = (await trailarrd("media", "--status", "downloading", "--json")).lines
    assert {item["title"] for item in downloading} == {"Alpha", "Beta"}


async def test_items_are_named_by_title_and_path_as_well(
    trailarrd: CommandLine, household: Household, ids: dict[str, str]
) -> None:
    assert (await trailarrd("claim", "alpha", str(household.movies.place(2)), "--as", "one")).code == 0
    assert await wanted(trailarrd) == {"Gamma"}
    events = (await trailarrd("history", "--id", "Beta", "--json")).lines
    assert {event["id"] for event in events} == {int(ids["Beta"])}
    assert (await trailarrd("release", "alpha", "--as", "one")).code == 0
    for words in (("claim", "nobody", "--as", "one"), ("history", "--id", "nobody")):
        done = await trailarrd(*words)
        assert (done.code, done.out, "no item fits 'nobody'" in done.err) == (1, "", True)


async def test_only_its_owner_may_prolong_and_release(trailarrd: CommandLine, ids: dict[str, str]) -> None:
    assert (await trailarrd("claim", ids["Alpha"], "--as", "one", "--for", "30m")).code == 0
    done = await trailarrd("claim", ids["Alpha"], ids["Beta"], "--as", "two")
    assert done.code == 1
    assert f"item {ids['Alpha']} is claimed by one until" in done.err
    assert "1 item claimed" in done.err
    assert (await trailarrd("claim", ids["Alpha"], "--as", "one", "--for", "2h")).code == 0
    done = await trailarrd("release", ids["Alpha"], "--as", "two")
    assert (done.code, f"item {ids['Alpha']} is not claimed by two" in done.err) == (1, True)
    assert await wanted(trailarrd) == {"Gamma"}
    done = await trailarrd("release", ids["Alpha"], "--as", "one")
    assert (done.code, done.err.splitlines()[-1]) == (0, "1 item released")
    assert await wanted(trailarrd) == {"Alpha", "Gamma"}


async def test_a_claim_holds_for_the_time_that_was_asked_for(
    trailarrd: CommandLine, ids: dict[str, str]
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    told = (await trailarrd("claim", ids["Alpha"], "--as", "one", "--for", "1h30m", "--utc")).err.split()[-1]
    late = datetime.fromisoformat(told) - before - timedelta(minutes=90)
    assert timedelta() <= late < timedelta(minutes=1)


async def test_a_claim_outlives_a_refresh(trailarrd: CommandLine, ids: dict[str, str]) -> None:
    await trailarrd("claim", ids["Alpha"], "--as", "one")
    await trailarrd("refresh", "movies")
    assert await wanted(trailarrd) == {"Beta", "Gamma"}


async def test_an_unknown_id_is_said_and_the_others_are_done(
    trailarrd: CommandLine, ids: dict[str, str]
) -> None:
    done = await trailarrd("claim", "999", ids["Alpha"], ids["Alpha"], "--as", "one")
    assert (done.code, "no item has the ID 999" in done.err) == (1, True)
    assert "1 item claimed" in done.err
    assert await wanted(trailarrd) == {"Beta", "Gamma"}


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["1"],
        ["--as", "one"],
        ["9" * 20, "--as", "one"],
        ["1", "--as", "one", "--for", "30"],
        ["1", "--as", "one", "--for", "0s"],
    ],
    ids=" ".join,
)
async def test_it_takes_ids_an_owner_and_a_duration(trailarrd: CommandLine, words: list[str]) -> None:
    assert (await trailarrd("claim", *words)).code == 2
