"""`trailarrd history`: what happened, newest first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household

KEYS = {
    "at": (str,),
    "connection": (str,),
    "id": (int,),
    "arr_id": (int,),
    "title": (str,),
    "event": (str,),
    "detail": (dict,),
    "refresh": (int, type(None)),
}
MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
async def moved_on(household: Household, trailarrd: CommandLine) -> Household:
    """Two refreshes of the movies; between them, one edit, one removal, one trailer, one addition."""
    await trailarrd("refresh", "movies")
    household.movies.library.edit(1, title="Alpha Prime")
    household.movies.library.delete(2)
    household.movies.put(3, "Trailers/Teaser.mkv")
    household.movies.add("Delta", 2004)
    await trailarrd("refresh", "movies")
    return household


async def test_json_is_one_object_a_line_with_exactly_these_keys_and_types(
    moved_on: Household, trailarrd: CommandLine
) -> None:
    events = (await trailarrd("history", "--json")).lines
    for event in events:
        assert list(event) == list(KEYS)
        assert {name: event[name] for name, kinds in KEYS.items() if type(event[name]) not in kinds} == {}
        assert MOMENT.fullmatch(event["at"])
    for event in events:
        assert all(len(change) == 2 for change in event["detail"].values())


async def test_json_tells_what_changed_from_what_to_what(moved_on: Household, trailarrd: CommandLine) -> None:
    events = (await trailarrd("history", "--json")).lines
    told = {(event["arr_id"], event["event"]): event["detail"] for event in events[:-3]}
    assert told == {
        (1, "updated"): {"title": ["Alpha", "Alpha Prime"]},
        (2, "removed"): {},
        (3, "trailer-appeared"): {
            "trailer": ["absent", "present"],
            "trailer_file": [None, "Trailers/Teaser.mkv"],
        },
        (3, "unmonitored"): {
            "monitored": [True, False],
            "monitor_reason": ["mode-missing", "trailer-present"],
        },
        (4, "added"): {},
    }
    assert {event["refresh"] for event in events[:-3]} == {2}
    assert [(event["event"], event["refresh"]) for event in events[-3:]] == [("added", 1)] * 3


async def test_the_newest_come_first_and_not_more_than_asked_for(
    moved_on: Household, trailarrd: CommandLine
) -> None:
    everything = (await trailarrd("history", "--json")).lines
    assert [event["at"] for event in everything] == sorted((e["at"] for e in everything), reverse=True)
    assert (await trailarrd("history", "--json", "--limit", "2")).lines == everything[:2]


async def test_it_can_be_of_one_connection_or_one_item(moved_on: Household, trailarrd: CommandLine) -> None:
    await trailarrd("refresh", "series")
    series = (await trailarrd("history", "--json", "--connection", "series")).lines
    assert [(event["connection"], event["event"]) for event in series] == [("series", "added")] * 3
    removed = next(e for e in (await trailarrd("history", "--json")).lines if e["event"] == "removed")
    own = (await trailarrd("history", "--json", "--id", str(removed["id"]))).lines
    assert [event["event"] for event in own] == ["removed", "added"]


async def test_the_table_says_the_same_in_words(moved_on: Household, trailarrd: CommandLine) -> None:
    out = " ".join((await trailarrd("history")).out.split())
    assert "Alpha Prime: updated (title: Alpha → Alpha Prime)" in out
    assert "Gamma: trailer-appeared (trailer: absent → present; trailer_file: – → Trailers/Teaser.mkv)" in out
    assert "monitored: yes → no; monitor_reason: mode-missing → trailer-present" in out
    assert "Beta: removed" in out


async def test_ids_that_changed_are_told_in_words(household: Household, trailarrd: CommandLine) -> None:
    await trailarrd("refresh", "movies")
    household.movies.library.edit(1, tmdbId=949, imdbId="tt0113277")
    await trailarrd("refresh", "movies")
    (line, *_) = (await trailarrd("history", "--id", "1")).out.splitlines()
    assert line.endswith("→ imdb tt0113277, tmdb 949)")
    assert "{" not in line


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
async def test_a_limit_is_a_number_of_events(trailarrd: CommandLine, limit: str) -> None:
    assert (await trailarrd("history", "--limit", limit)).code == 2
