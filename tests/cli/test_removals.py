"""What is held is listed, approved or discarded by name; what is quarantined is listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.testing import EmptyList

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household


async def _hold(household: Household, trailarrd: CommandLine) -> None:
    await trailarrd("refresh")
    household.movies.server.fault = EmptyList()
    await trailarrd("refresh")
    household.movies.server.fault = None


async def test_what_is_held_is_listed_for_all_or_for_one_connection(
    household: Household, trailarrd: CommandLine
) -> None:
    await _hold(household, trailarrd)
    for words in (("removals", "--json"), ("removals", "movies", "--json")):
        lines = (await trailarrd(*words)).lines
        assert [(line["connection"], line["arr_id"]) for line in lines] == [("movies", n) for n in (1, 2, 3)]
    assert (await trailarrd("removals", "series", "--json")).lines == []
    assert "3 removals are held" in (await trailarrd("removals")).err


async def test_approval_removes_what_is_held_and_nothing_else(
    household: Household, trailarrd: CommandLine
) -> None:
    await _hold(household, trailarrd)
    assert "3 items of movies are removed" in (await trailarrd("removals", "approve", "movies")).err
    left = {line["connection"] for line in (await trailarrd("media", "--json")).lines}
    assert left == {"series"}
    done = await trailarrd("refresh", "movies", "--json")
    assert done.document["refreshes"][0]["restored"] == 3, "the server lists them again"


async def test_discarding_keeps_everything(household: Household, trailarrd: CommandLine) -> None:
    await _hold(household, trailarrd)
    assert "3 items of movies are held no longer" in (await trailarrd("removals", "discard", "movies")).err
    assert (await trailarrd("removals", "--json")).lines == []
    done = await trailarrd("removals")
    assert (done.out, done.err.splitlines()[-1]) == ("", "0 removals are held")
    assert len((await trailarrd("media", "--connection", "movies", "--json")).lines) == 3


async def test_an_unknown_connection_is_wrong_usage(household: Household, trailarrd: CommandLine) -> None:
    await trailarrd("refresh")
    for words in (("removals", "moveis"), ("removals", "approve", "moveis"), ("quarantine", "moveis")):
        done = await trailarrd(*words)
        assert (done.code, "No connection 'moveis'" in done.err) == (2, True)


async def test_a_quarantined_record_is_listed_with_its_place_and_reason(
    household: Household, trailarrd: CommandLine
) -> None:
    household.movies.library.edit(2, title=17)
    await trailarrd("refresh")
    (line,) = (await trailarrd("quarantine", "movies", "--json")).lines
    assert (line["position"], line["arr_id"]) == (1, "2")
    assert "title" in line["reason"]
    household.movies.library.edit(2, title="Beta")
    await trailarrd("refresh")
    assert (await trailarrd("quarantine", "--json")).lines == []
