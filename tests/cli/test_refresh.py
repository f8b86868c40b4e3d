"""`trailarrd refresh`: one round, told as a table or as JSON, with an exit code that says how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.world import KEY
from trailarrd.testing import EmptyList, Refusal, ServerError, Truncated

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household

COUNTS = [
    "fetched",
    "added",
    "updated",
    "unchanged",
    "removed",
    "restored",
    "held",
    "quarantined",
]
KEYS = [
    *("connection", "provider", "outcome", *COUNTS),
    *("trailers", "monitored", "duration_s", "error", "roots"),
    *("contradicted", "elsewhere", "vanishing"),
]


def of(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The part of the document that is about one connection."""
    (refresh,) = [one for one in document["refreshes"] if one["connection"] == name]
    assert isinstance(refresh, dict)
    return refresh


async def test_json_is_one_document_with_exactly_these_keys_and_types(trailarrd: CommandLine) -> None:
    done = await trailarrd("refresh", "--json")
    assert done.code == 0
    assert list(done.document) == ["refreshes"]
    assert [one["connection"] for one in done.document["refreshes"]] == ["movies", "series"]
    for one in done.document["refreshes"]:
        assert list(one) == KEYS
        assert {name: type(one[name]) for name in COUNTS} == dict.fromkeys(COUNTS, int)
        assert list(one["trailers"]) == ["present", "absent", "unknown"]
        assert {type(count) for count in one["trailers"].values()} == {int}
        assert type(one["monitored"]) is int
        assert type(one["duration_s"]) is float
        assert (one["outcome"], one["error"]) == ("ok", None)
        assert one["provider"] == {"movies": "radarr", "series": "sonarr"}[one["connection"]]


async def test_json_says_what_really_happened(household: Household, trailarrd: CommandLine) -> None:
    household.movies.put(1, "Trailers/Teaser.mkv")
    household.series.library.edit(2, monitored=False)
    await trailarrd("refresh")
    household.movies.library.edit(2, title="Beta Prime")
    household.movies.library.delete(3)
    household.series.add("Delta", 2004)
    document = (await trailarrd("refresh", "--json")).document
    nothing = dict.fromkeys(COUNTS, 0)
    movies, series = of(document, "movies"), of(document, "series")
    assert {name: movies[name] for name in COUNTS} == {
        **nothing,
        "fetched": 2,
        "updated": 1,
        "unchanged": 1,
        "removed": 1,
    }
    assert (movies["trailers"], movies["monitored"]) == ({"present": 1, "absent": 1, "unknown": 0}, 1)
    assert {name: series[name] for name in COUNTS} == {**nothing, "fetched": 4, "added": 1, "unchanged": 3}
    assert (series["trailers"], series["monitored"]) == ({"present": 0, "absent": 4, "unknown": 0}, 3)


async def test_a_failed_connection_has_an_error_with_kind_and_message(
    household: Household, trailarrd: CommandLine
) -> None:
    household.movies.server.fault = Refusal()
    done = await trailarrd("refresh", "--json")
    movies = of(done.document, "movies")
    assert (done.code, movies["outcome"]) == (1, "failed")
    assert list(movies) == KEYS
    assert list(movies["error"]) == ["kind", "message"]
    assert movies["error"]["kind"] == "rejected"
    assert type(movies["error"]["message"]) is str
    assert of(done.document, "series")["outcome"] == "ok"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(ServerError(status=503), "unavailable"), (Refusal(), "rejected"), (Truncated(), "response")],
    ids=["unavailable", "rejected", "response"],
)
async def test_with_radarr_in_trouble_sonarr_is_refreshed_and_nothing_of_radarrs_removed(
    household: Household, trailarrd: CommandLine, fault: Any, kind: str
) -> None:
    await trailarrd("refresh")
    household.movies.server.fault = fault
    household.series.library.delete(3)
    done = await trailarrd("refresh", "--json")
    assert done.code == 1
    assert of(done.document, "movies")["error"]["kind"] == kind
    assert (of(done.document, "series")["outcome"], of(done.document, "series")["removed"]) == ("ok", 1)
    titles = [(item["connection"], item["title"]) for item in (await trailarrd("media", "--json")).lines]
    assert sorted(titles) == [
        *(("movies", title) for title in ("Alpha", "Beta", "Gamma")),
        *(("series", title) for title in ("Alpha", "Beta")),
    ]


async def test_with_radarr_down_sonarr_is_refreshed_and_nothing_of_radarrs_removed(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    await household.movies.server.stop()
    done = await trailarrd("refresh", "--json")
    assert done.code == 1
    assert of(done.document, "movies")["error"]["kind"] == "unavailable"
    assert of(done.document, "series")["outcome"] == "ok"
    assert len((await trailarrd("media", "--connection", "movies", "--json")).lines) == 3


async def test_what_is_held_is_a_partial_refresh_and_exit_code_1(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    household.movies.server.fault = EmptyList()
    done = await trailarrd("refresh", "--json")
    movies = of(done.document, "movies")
    assert (done.code, movies["outcome"], movies["held"], movies["error"]) == (1, "partial", 3, None)
    done = await trailarrd("refresh")
    assert (done.code, "held" in done.out) == (1, True)
    assert "movies: 3 items are no longer listed; kept" in done.err


async def test_what_is_held_for_records_that_cannot_be_read_is_not_said_to_be_gone(
    household: Household, trailarrd: CommandLine
) -> None:
    """The record without an id is there, and so may be its item."""
    await trailarrd("refresh")
    household.movies.library.edit(2, id=None)
    done = await trailarrd("refresh")
    assert "movies: 1 item is not among the records that could be read; kept" in done.err
    assert "no longer listed" not in done.err


async def test_only_the_connections_that_are_named_are_refreshed(
    household: Household, trailarrd: CommandLine
) -> None:
    done = await trailarrd("refresh", "series", "--json")
    assert [one["connection"] for one in done.document["refreshes"]] == ["series"]
    assert household.movies.server.requests == []


async def test_a_name_that_is_not_configured_is_wrong_usage(
    household: Household, trailarrd: CommandLine
) -> None:
    done = await trailarrd("refresh", "serries", "--json")
    assert (done.code, done.out) == (2, "")
    assert "No connection 'serries'; configured are: movies, series." in done.err
    assert household.movies.server.requests == household.series.server.requests == []


async def test_the_table_has_a_row_per_connection_with_its_counts(
    household: Household, trailarrd: CommandLine
) -> None:
    household.movies.put(1, "Trailers/Teaser.mkv")
    done = await trailarrd("refresh")
    head, rows = _table(done.out)
    assert head == [
        *("connection", "outcome", "fetched", "added", "updated", "removed"),
        *("with", "trailer", "monitored"),
    ]
    assert rows == [
        ["movies", "ok", "3", "3", "0", "0", "1", "2"],
        ["series", "ok", "3", "3", "0", "0", "0", "3"],
    ]


def _table(out: str) -> tuple[list[str], list[list[str]]]:
    lines = [line.split() for line in out.splitlines() if line.strip() and "──" not in line]
    return lines[0], lines[1:]


async def test_everything_but_the_answer_goes_to_stderr(household: Household, trailarrd: CommandLine) -> None:
    household.movies.library.edit(2, title=17)
    household.movies.library.roots.append("/nowhere")
    done = await trailarrd("refresh", "--json")
    assert of(done.document, "movies")["quarantined"] == 1
    assert f"using {household.config}" in done.err
    assert "record.quarantined" in done.err


async def test_the_key_is_nowhere_in_what_is_said(household: Household, trailarrd: CommandLine) -> None:
    for fault in (Refusal(), ServerError(), Truncated(), None):
        household.movies.server.fault = fault
        for words in (["refresh"], ["refresh", "--json"], ["connections"], ["connections", "--json"]):
            done = await trailarrd(*words)
            assert KEY not in done.out + done.err
