"""`connections` and `forget`: how each connection stands, and the end of one that is not wanted any more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from trailarrd.testing import EmptyList, Refusal

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household

_COUNTS = ("items", "with_trailer", "monitored", "held", "quarantined")
KEYS = [
    *("connection", "provider", "kind", "state", "mode", "last_refresh", "last_success", "error"),
    *_COUNTS,
    *("circuit", "failures", "next_try", "roots", "contradicted", "vanishing"),
]
MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")


async def listed(trailarrd: CommandLine) -> dict[str, dict[str, Any]]:
    """`connections --json` by name."""
    done = await trailarrd("connections", "--json")
    assert done.code == 0
    return {line["connection"]: line for line in done.lines}


async def test_json_is_one_object_a_line_with_exactly_these_keys_and_types(
    household: Household, trailarrd: CommandLine
) -> None:
    household.movies.put(1, "Trailers/Teaser.mkv")
    await trailarrd("refresh")
    household.series.server.fault = Refusal()
    await trailarrd("refresh")
    rows = await listed(trailarrd)
    for row in rows.values():
        assert list(row) == KEYS
        assert [type(row[name]) for name in _COUNTS] == [int] * 5
        assert MOMENT.fullmatch(row["last_refresh"])
        assert MOMENT.fullmatch(row["last_success"])
    movies, series = rows["movies"], rows["series"]
    assert [movies[name] for name in KEYS[:5]] == ["movies", "radarr", "movie", "ok", "missing"]
    assert [movies[name] for name in KEYS[7:13]] == [None, 3, 1, 2, 0, 0]
    assert [series[name] for name in KEYS[:5]] == ["series", "sonarr", "series", "failed", "sync"]
    assert (series["items"], series["error"]["kind"]) == (3, "rejected")
    assert list(series["error"]) == ["kind", "message"]


async def test_the_state_is_how_the_last_refresh_ended(household: Household, trailarrd: CommandLine) -> None:
    await trailarrd("refresh", "movies")
    rows = await listed(trailarrd)
    assert (rows["movies"]["state"], rows["series"]["state"]) == ("ok", "new")
    never = {name: rows["series"][name] for name in ("mode", "last_refresh", "last_success", "error")}
    assert never == dict.fromkeys(never)
    household.movies.server.fault = EmptyList()
    await trailarrd("refresh", "movies")
    assert (await listed(trailarrd))["movies"]["state"] == "partial"


async def test_the_table_names_the_trouble(household: Household, trailarrd: CommandLine) -> None:
    household.movies.server.fault = Refusal()
    await trailarrd("refresh")
    out = " ".join((await trailarrd("connections")).out.split())
    assert "movies radarr failed never missing 0 0 0 series" in out
    assert "series sonarr ok 0 s ago sync 3 0 3 movies: rejected: GET" in re.sub(r"\d+ s ago", "0 s ago", out)
    assert re.search(r"movies: its circuit is open, next try in (1 min|\d+ s)", out)


async def test_a_dropped_connection_is_kept_but_inactive(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    del household.modes["series"]
    household.write_config()
    await trailarrd("refresh")
    row = (await listed(trailarrd))["series"]
    assert (row["state"], row["items"]) == ("inactive", 3)
    assert len((await trailarrd("media", "--connection", "series", "--json")).lines) == 3
    household.modes["series"] = "sync"
    household.write_config()
    await trailarrd("refresh")
    row = (await listed(trailarrd))["series"]
    assert (row["state"], row["items"]) == ("ok", 3)


async def test_forget_removes_a_dropped_connection_with_its_items_but_not_its_history(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    del household.modes["series"]
    household.write_config()
    await trailarrd("refresh")
    done = await trailarrd("forget", "series", "--yes")
    assert (done.code, done.out) == (0, "")
    assert list(await listed(trailarrd)) == ["movies"]
    assert {item["connection"] for item in (await trailarrd("media", "--json")).lines} == {"movies"}
    assert len((await trailarrd("history", "--connection", "series", "--json")).lines) == 3


async def test_forget_needs_no_refresh_between_dropping_and_forgetting(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    del household.modes["series"]
    household.write_config()
    done = await trailarrd("forget", "series", "--yes")
    assert (done.code, done.err.count("still")) == (0, 0)


async def test_forget_refuses_a_connection_that_is_configured(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    done = await trailarrd("forget", "series", "--yes")
    assert done.code != 0
    assert "still configured" in done.err
    assert (await listed(trailarrd))["series"]["items"] == 3


async def test_forget_refuses_a_connection_that_is_configured_again(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    del household.modes["series"]
    household.write_config()
    await trailarrd("refresh")
    household.modes["series"] = "sync"
    household.write_config()
    assert (await trailarrd("forget", "series", "--yes")).code != 0
    assert (await listed(trailarrd))["series"]["items"] == 3


async def test_forget_asks_first(household: Household, trailarrd: CommandLine) -> None:
    await trailarrd("refresh")
    del household.modes["series"]
    household.write_config()
    await trailarrd("refresh")
    assert (await trailarrd("forget", "series", answer="n\n")).code != 0
    assert (await listed(trailarrd))["series"]["items"] == 3
    assert (await trailarrd("forget", "series", answer="y\n")).code == 0
    assert "series" not in await listed(trailarrd)


async def test_forgetting_an_unknown_name_is_wrong_usage(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    done = await trailarrd("forget", "serries", "--yes")
    assert "serries" in done.err
    assert done.code == 2
