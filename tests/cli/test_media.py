"""`trailarrd media`: what is known of each item, narrowed as asked for."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household

TEXT, NUMBER, FLAG, NOTHING = str, int, bool, type(None)
KEYS: dict[str, tuple[type, ...]] = {
    "id": (NUMBER,),
    "connection": (TEXT,),
    "provider": (TEXT,),
    "kind": (TEXT,),
    "arr_id": (NUMBER,),
    "title": (TEXT,),
    "year": (NUMBER, NOTHING),
    "external_ids": (dict,),
    "remote_path": (TEXT,),
    "local_path": (TEXT, NOTHING),
    "trailer": (TEXT,),
    "trailer_file": (TEXT, NOTHING),
    "youtube_trailer_id": (TEXT, NOTHING),
    "monitored_remotely": (FLAG,),
    "intent": (FLAG, NOTHING),
    "monitored": (FLAG,),
    "monitor_reason": (TEXT,),
    "status": (TEXT,),
    "first_seen": (TEXT,),
    "last_changed": (TEXT,),
    "has_file": (FLAG, NOTHING),
    "contradicted": (FLAG,),
    "vanishing": (FLAG,),
    "details": (dict,),
    "condition": (NOTHING,),
    "trailer_target": (str, NOTHING),
    "trailer_target_reason": (str, NOTHING),
}
MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def titles(items: list[dict[str, Any]]) -> set[str]:
    """Which items, as `connection/title`."""
    return {f"{item['connection']}/{item['title']}" for item in items}


@pytest.fixture
async def varied(household: Household, trailarrd: CommandLine) -> Household:
    """Refreshed: of each connection Alpha has a trailer; the user does not want movies/Beta's."""
    household.movies.put(1, "Alpha-trailer.mkv")
    household.series.put(1, "Trailers/Teaser.mkv")
    household.series.library.edit(2, monitored=False)
    assert (await trailarrd("refresh")).code == 0
    items = (await trailarrd("media", "--json")).lines
    (beta,) = [item["id"] for item in items if (item["connection"], item["title"]) == ("movies", "Beta")]
    assert (await trailarrd("unmonitor", str(beta))).code == 0
    return household


async def test_json_is_one_object_a_line_with_exactly_these_keys_and_types(
    varied: Household, trailarrd: CommandLine
) -> None:
    varied.movies.library.edit(3, path="D:\\Films\\Gamma", year=0, youTubeTrailerId="")
    await trailarrd("refresh")
    items = (await trailarrd("media", "--json")).lines
    assert len(items) == 6
    for item in items:
        assert list(item) == list(KEYS)
        assert {name: item[name] for name, kinds in KEYS.items() if type(item[name]) not in kinds} == {}
        assert {type(value) for pair in item["external_ids"].items() for value in pair} == {str}
        assert MOMENT.fullmatch(item["first_seen"])
        assert MOMENT.fullmatch(item["last_changed"])
        assert item["trailer"] in ("present", "absent", "unknown")
        assert item["status"] in ("downloaded", "downloading", "monitored", "missing")


async def test_json_tells_an_item_as_it_is(varied: Household, trailarrd: CommandLine) -> None:
    items = {(i["connection"], i["title"]): i for i in (await trailarrd("media", "--json")).lines}
    alpha = items["movies", "Alpha"]
    moments = alpha.pop("first_seen"), alpha.pop("last_changed")
    assert alpha.pop("details")["genres"] == varied.movies.library.record(1)["genres"]
    tmdb = str(varied.movies.library.record(1)["tmdbId"])
    assert alpha == {
        "id": alpha["id"],
        "connection": "movies",
        "provider": "radarr",
        "kind": "movie",
        "arr_id": 1,
        "title": "Alpha",
        "year": 2001,
        "external_ids": {"tmdb": tmdb, "imdb": "tt0002001"},
        "remote_path": "/movies/Alpha (2001)",
        "local_path": str(varied.movies.folder / "Alpha (2001)"),
        "trailer": "present",
        "trailer_file": "Alpha-trailer.mkv",
        "youtube_trailer_id": "trailer2001",
        "monitored_remotely": True,
        "intent": None,
        "monitored": False,
        "monitor_reason": "trailer-present",
        "status": "downloaded",
        "has_file": True,
        "contradicted": False,
        "vanishing": False,
        "condition": None,
        "trailer_target": str(varied.movies.folder / "Alpha (2001)/Trailers/Alpha (2001)"),
        "trailer_target_reason": None,
    }
    assert moments[0] == moments[1]
    decided = {
        name: (i["monitored"], i["monitor_reason"], i["status"], i["intent"]) for name, i in items.items()
    }
    assert decided == {
        ("movies", "Alpha"): (False, "trailer-present", "downloaded", None),
        ("movies", "Beta"): (False, "user", "missing", False),
        ("movies", "Gamma"): (True, "mode-missing", "monitored", None),
        ("series", "Alpha"): (False, "trailer-present", "downloaded", None),
        ("series", "Beta"): (False, "mode-sync", "missing", None),
        ("series", "Gamma"): (True, "mode-sync", "monitored", None),
    }


async def test_options_narrow_the_list_together(
    varied: Household, trailarrd: CommandLine, subtests: pytest.Subtests
) -> None:
    for words, expected in [
        (["--connection", "series"], {"series/Alpha", "series/Beta", "series/Gamma"}),
        (["--status", "downloaded"], {"movies/Alpha", "series/Alpha"}),
        (["--status", "monitored"], {"movies/Gamma", "series/Gamma"}),
        (["--status", "missing"], {"movies/Beta", "series/Beta"}),
        (["--status", "downloading"], set()),
        (["--monitored"], {"movies/Gamma", "series/Gamma"}),
        (["--unmonitored"], {"movies/Alpha", "movies/Beta", "series/Alpha", "series/Beta"}),
        (["--wants-trailer"], {"movies/Gamma", "series/Gamma"}),
        (["--wants-trailer", "--connection", "movies"], {"movies/Gamma"}),
        (["--unmonitored", "--status", "missing", "--connection", "series"], {"series/Beta"}),
        (["--monitored", "--status", "downloaded"], set()),
    ]:
        with subtests.test(words=words, expected=expected):
            done = await trailarrd("media", *words, "--json")
            assert (done.code, titles(done.lines)) == (0, expected)


async def test_what_somebody_is_downloading_a_trailer_for_wants_none(
    varied: Household, trailarrd: CommandLine
) -> None:
    with closing(sqlite3.connect(varied.database.path, isolation_level=None)) as database:
        database.execute(
            "UPDATE media SET claimed_by = 'downloader', claimed_until = '2999-01-01 00:00:00.000000' "
            "WHERE arr_id = 3 AND kind = 'movie'"
        )
    assert titles((await trailarrd("media", "--wants-trailer", "--json")).lines) == {"series/Gamma"}
    downloading = (await trailarrd("media", "--status", "downloading", "--json")).lines
    assert titles(downloading) == {"movies/Gamma"}
    assert downloading[0]["status"] == "downloading"


async def test_the_table_shows_each_item_with_why(varied: Household, trailarrd: CommandLine) -> None:
    done = await trailarrd("media", "--connection", "movies")
    lines = [line.split() for line in done.out.splitlines() if line.strip() and "──" not in line]
    assert lines[0] == ["id", "connection", "title", "year", "trailer", "monitored", "why"]
    assert [line[2:] for line in lines[1:]] == [
        ["Alpha", "2001", "present", "no", "trailer-present"],
        ["Beta", "2002", "absent", "no", "user"],
        ["Gamma", "2003", "absent", "yes", "mode-missing"],
    ]
    assert "3 items" in done.err


async def test_no_line_is_an_answer_too(varied: Household, trailarrd: CommandLine) -> None:
    done = await trailarrd("media", "--status", "downloading", "--json")
    assert (done.code, done.out) == (0, "")


async def test_what_cannot_be_asked_for_is_wrong_usage(
    varied: Household, trailarrd: CommandLine, subtests: pytest.Subtests
) -> None:
    for words, hint in [
        (["--connection", "nowhere"], "No connection 'nowhere'"),
        (["--status", "odd"], "'downloaded', 'downloading', 'monitored', 'missing'"),
        (["--wants-trailer", "--status", "missing"], "exclude each other"),
    ]:
        with subtests.test(words=words, hint=hint):
            done = await trailarrd("media", "--json", *words)
            assert (done.code, done.out) == (2, "")
            assert hint in done.err
