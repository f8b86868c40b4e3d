"""`monitor`, `unmonitor`, `follow`: the user's own word on items, which outranks the mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household


@pytest.fixture
async def ids(household: Household, trailarrd: CommandLine) -> dict[str, str]:
    """The ids of the movies by title, after a refresh in mode missing; Gamma has a trailer."""
    household.movies.put(3, "Trailers/Teaser.mkv")
    await trailarrd("refresh", "movies")
    return {item["title"]: str(item["id"]) for item in (await trailarrd("media", "--json")).lines}


async def stands(trailarrd: CommandLine) -> dict[str, tuple[Any, ...]]:
    """Intent, decision and reason by title."""
    items = (await trailarrd("media", "--json")).lines
    return {item["title"]: (item["intent"], item["monitored"], item["monitor_reason"]) for item in items}


async def test_unmonitor_holds_through_refreshes_until_follow(
    trailarrd: CommandLine, ids: dict[str, str]
) -> None:
    done = await trailarrd("unmonitor", ids["Alpha"], ids["Beta"])
    assert (done.code, done.out) == (0, "")
    for _ in range(2):
        assert (await stands(trailarrd))["Alpha"] == (False, False, "user")
        assert (await stands(trailarrd))["Beta"] == (False, False, "user")
        await trailarrd("refresh", "movies")
    assert (await trailarrd("follow", ids["Alpha"])).code == 0
    assert (await stands(trailarrd))["Alpha"] == (None, True, "mode-missing")
    assert (await stands(trailarrd))["Beta"] == (False, False, "user")


async def test_monitor_outranks_the_mode(
    household: Household, trailarrd: CommandLine, ids: dict[str, str]
) -> None:
    household.modes["movies"] = "none"
    household.write_config()
    await trailarrd("refresh", "movies")
    assert (await stands(trailarrd))["Alpha"] == (None, False, "mode-none")
    assert (await trailarrd("monitor", ids["Alpha"])).code == 0
    assert (await stands(trailarrd))["Alpha"] == (True, True, "user")
    await trailarrd("refresh", "movies")
    assert (await stands(trailarrd))["Alpha"] == (True, True, "user")


async def test_a_trailer_outranks_the_user(trailarrd: CommandLine, ids: dict[str, str]) -> None:
    assert (await trailarrd("monitor", ids["Gamma"])).code == 0
    assert (await stands(trailarrd))["Gamma"] == (True, False, "trailer-present")


async def test_the_word_is_in_the_history(trailarrd: CommandLine, ids: dict[str, str]) -> None:
    await trailarrd("unmonitor", ids["Alpha"])
    events = (await trailarrd("history", "--id", ids["Alpha"], "--json")).lines
    told = [(event["event"], event["refresh"]) for event in reversed(events)]
    assert [event for event, _ in told] == ["added", "intent-set", "unmonitored"]
    assert [refresh is None for _, refresh in told] == [False, True, True]


@pytest.mark.parametrize("command", ["monitor", "unmonitor", "follow"])
async def test_an_unknown_id_is_said_and_the_others_are_done(
    trailarrd: CommandLine, ids: dict[str, str], command: str
) -> None:
    done = await trailarrd(command, "999", ids["Alpha"])
    assert (done.code, done.out) == (1, "")
    assert "no item has the ID 999" in done.err
    intent = {"monitor": True, "unmonitor": False, "follow": None}[command]
    assert (await stands(trailarrd))["Alpha"][0] is intent


@pytest.mark.parametrize("command", ["monitor", "unmonitor", "follow"])
@pytest.mark.parametrize("words", [[], ["0"], ["99999999999999999999"]], ids=str)
async def test_digits_that_are_no_id_are_refused(
    trailarrd: CommandLine, command: str, words: list[str]
) -> None:
    assert (await trailarrd(command, *words)).code == 2


async def test_items_are_named_by_titles_as_well(trailarrd: CommandLine, ids: dict[str, str]) -> None:
    assert (await trailarrd("unmonitor", "ALPHA", ids["Beta"])).code == 0
    assert {title for title, (intent, *_) in (await stands(trailarrd)).items() if intent is False} == {
        "Alpha",
        "Beta",
    }
    several, none = await trailarrd("monitor", "a"), await trailarrd("monitor", "--title", ids["Beta"])
    assert (several.code, none.code) == (1, 1)
    assert "items fit 'a'; name one by its ID" in several.err
    assert "no item fits" in none.err
    assert (await stands(trailarrd))["Alpha"][0] is False
