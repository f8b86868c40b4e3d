"""`trailarrd refresh --dry-run`: the very plan that a refresh would apply, and nothing is written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from trailarrd.testing import EmptyList, Refusal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import CommandLine
    from tests.household import Ended, Household

STATE = ("trailer", "trailer_file", "monitored", "monitor_reason", "local_path", "remote_path", "title")


def items(done: Ended, connection: str = "movies") -> dict[tuple[str, int], dict[str, Any]]:
    """What would become of each item of a connection, by action and arr id."""
    return {
        (line["action"], line["arr_id"]): line
        for line in done.lines
        if line["connection"] == connection and line["action"] != "end"
    }


def ending(done: Ended, connection: str = "movies") -> dict[str, Any]:
    """The last line of a connection."""
    (line,) = [one for one in done.lines if (one["connection"], one["action"]) == (connection, "end")]
    return line


def traces(household: Household) -> dict[str, tuple[int, bytes]]:
    """Time and content of the database and all beside it, but for what readers share: no content at all."""
    found = {}
    for file in sorted(household.database.path.parent.iterdir()):
        content = file.read_bytes()
        if content and not file.name.endswith("-shm"):
            found[file.name] = (file.stat().st_mtime_ns, content)
    return found


async def move_on(household: Household, trailarrd: CommandLine) -> None:
    """Each kind of change at once: new, changed, gone, back, found on disk, decided otherwise."""
    movies = household.movies
    await trailarrd("refresh")
    movies.library.delete(3)
    await trailarrd("refresh")  # Gamma is removed
    movies.library.edit(1, title="Alpha Prime")
    movies.put(2, "Trailers/Teaser.mkv")
    movies.add("Delta", 2004)
    movies.add("Gamma", 2003, tmdbId=movies.library.record(2)["tmdbId"] + 1)
    household.series.library.edit(1, monitored=False)
    household.series.library.delete(2)


async def test_each_item_is_told_with_old_and_new_values_its_trailer_and_its_decision(
    household: Household, trailarrd: CommandLine
) -> None:
    await move_on(household, trailarrd)
    done = await trailarrd("refresh", "--dry-run", "--json")
    assert done.code == 0
    movies, series = items(done), items(done, "series")
    assert movies["changed", 1]["changes"] == {"title": ["Alpha", "Alpha Prime"]}
    assert movies["changed", 2]["changes"] == {
        "trailer": ["absent", "present"],
        "trailer_file": [None, "Trailers/Teaser.mkv"],
        "monitored": [True, False],
        "monitor_reason": ["mode-missing", "trailer-present"],
    }
    delta = movies["added", 4]
    assert (delta["id"], delta["trailer"], delta["monitored"], delta["monitor_reason"]) == (
        *(None, "absent", True, "mode-missing"),
    )
    assert series["changed", 1]["changes"]["monitored"] == [True, False]
    assert series["removed", 2]["title"] == "Beta"
    assert ending(done, "series")["removed"] == 1


async def test_the_refresh_after_it_does_exactly_what_it_said(
    household: Household, trailarrd: CommandLine
) -> None:
    await move_on(household, trailarrd)
    foreseen = await trailarrd("refresh", "--dry-run", "--json")
    reports = {one["connection"]: one for one in (await trailarrd("refresh", "--json")).document["refreshes"]}
    for name, report in reports.items():
        end = ending(foreseen, name)
        assert (end["added"], end["changed"], end["removed"]) == (
            *(report["added"], report["updated"], report["removed"]),
        )
        assert (end["restored"], end["held"], end["fetched"]) == (
            *(report["restored"], report["held"], report["fetched"]),
        )
    stored = {(one["connection"], one["arr_id"]): one for one in (await trailarrd("media", "--json")).lines}
    for line in foreseen.lines:
        if line["action"] in ("added", "changed", "restored"):
            now = stored[line["connection"], line["arr_id"]]
            assert {name: line[name] for name in STATE} == {name: now[name] for name in STATE}
            assert line["id"] in (None, now["id"])
        elif line["action"] == "removed":
            assert (line["connection"], line["arr_id"]) not in stored
    again = await trailarrd("refresh", "--dry-run", "--json")
    assert [line["action"] for line in again.lines] == ["end", "end"]


async def test_it_writes_nothing_at_all(household: Household, trailarrd: CommandLine) -> None:
    await move_on(household, trailarrd)
    with closing(sqlite3.connect(household.database.path, isolation_level=None)) as witness:
        witness.execute("SELECT count(*) FROM media").fetchone()
        before = traces(household)
        (version,) = witness.execute("PRAGMA data_version").fetchone()
        done = await trailarrd("refresh", "--dry-run")
        assert "Alpha Prime" in done.out
        assert traces(household) == before
        assert witness.execute("PRAGMA data_version").fetchone() == (version,)


async def test_what_a_crash_left_in_the_journal_is_read_and_left_there(
    household: Household, trailarrd: CommandLine
) -> None:
    """The last one to close a database tidies its journal up, and would so write to it."""
    await trailarrd("refresh")
    path = household.database.path
    with closing(sqlite3.connect(path, isolation_level=None)) as crashed:
        crashed.execute("UPDATE media SET title = 'Only in the journal' WHERE id = 1")
        left = {end: path.with_name(path.name + end).read_bytes() for end in ("-wal", "-shm")}
    for end, content in left.items():
        path.with_name(path.name + end).write_bytes(content)
    content = path.read_bytes()
    await trailarrd("refresh", "--dry-run")
    assert path.read_bytes() == content
    assert path.with_name(path.name + "-wal").read_bytes() == left["-wal"]


async def test_without_a_database_everything_would_be_added_and_there_is_still_none(
    household: Household, trailarrd: CommandLine
) -> None:
    done = await trailarrd("refresh", "--dry-run", "--json")
    assert (done.code, set(items(done))) == (0, {("added", 1), ("added", 2), ("added", 3)})
    assert not household.database.path.parent.exists()


async def test_a_connection_that_is_new_in_the_file_would_be_added_whole(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    household.modes["again"] = "none"
    household.shelves["again"] = household.movies
    household.write_config()
    done = await trailarrd("refresh", "again", "--dry-run", "--json")
    assert {(line["action"], line.get("monitor_reason")) for line in done.lines} == {
        ("added", "mode-none"),
        ("end", None),
    }


async def test_a_name_that_belongs_to_another_provider_is_refused_as_in_a_refresh(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    household.config.write_text(household.config.read_text().replace("name: movies", "name: other", 1))
    household.config.write_text(household.config.read_text().replace("name: series", "name: movies", 1))
    done = await trailarrd("refresh", "--dry-run")
    assert (done.code, "is stored as one of provider 'radarr'" in done.err) == (78, True)


async def test_removals_that_would_be_held_are_told_as_held(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    household.movies.server.fault = EmptyList()
    done = await trailarrd("refresh", "--dry-run", "--json")
    assert set(items(done)) == {("held", 1), ("held", 2), ("held", 3)}
    assert (done.code, ending(done)["outcome"], ending(done)["held"]) == (1, "partial", 3)
    await trailarrd("refresh")
    household.movies.server.fault = None
    done = await trailarrd("refresh", "--dry-run", "--json")
    assert set(items(done)) == {("released", 1), ("released", 2), ("released", 3)}
    assert done.code == 0


async def test_what_would_not_be_well_is_told(household: Household, trailarrd: CommandLine) -> None:
    household.movies.library.edit(2, title=17)
    household.series.server.fault = Refusal()
    done = await trailarrd("refresh", "--dry-run", "--json")
    assert (done.code, ending(done)["outcome"]) == (1, "partial")
    assert [one["arr_id"] for one in ending(done)["quarantined"]] == [2]
    assert ending(done, "series")["error"]["kind"] == "rejected"
    household.movies.folder.rename(household.home / "elsewhere")
    done = await trailarrd("refresh", "--dry-run", "movies")
    assert f"2 items in {household.movies.folder} would stay as they are: it does not exist here" in done.out
    assert "a record cannot be read (arr id 2)" in done.out


async def test_people_read_what_changes_and_that_nothing_was_written(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh", "movies")
    household.movies.library.edit(1, title="Alpha Prime")
    done = await trailarrd("refresh", "--dry-run", "movies")
    assert done.out.splitlines() == [
        "movies:",
        "  ~ changed   #1 Alpha Prime (2001): trailer absent, monitored (mode-missing)",
        "        title: Alpha → Alpha Prime",
        "  1 changed, 2 unchanged",
    ]
    assert done.err.splitlines()[-1] == "nothing was written"


async def test_it_waits_for_nobody(household: Household, trailarrd: CommandLine) -> None:
    """Neither for a refresh that is on its way, nor for a program that writes."""
    from trailarrd.store.store import Store

    await trailarrd("refresh")
    async with (
        Store.open(household.database.url) as store,
        store.refresh_lock("movies", on_wait=pytest.fail),
    ):
        with closing(sqlite3.connect(household.database.path, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            assert (await trailarrd("refresh", "--dry-run")).code == 0


async def test_a_database_of_an_older_version_is_left_as_it_is(
    household: Household, trailarrd: CommandLine, tmp_path: Path
) -> None:
    await trailarrd("refresh")
    household.database.sql("UPDATE alembic_version SET version_num = '0001'")
    before = traces(household)
    done = await trailarrd("refresh", "--dry-run")
    assert (done.code, "is at revision 0001" in done.err) == (75, True)
    assert traces(household) == before
