"""What is counted is counted once for all, and never stale: whoever writes, in whatever process."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from trailarrd.domain.monitoring import MediaStatus, TrailerState
from trailarrd.domain.want import Years
from trailarrd.store.connections import overview
from trailarrd.store.filter import EVERYTHING, MediaFilter, MediaOrder
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.store.conftest import Library

pytestmark = pytest.mark.shared

_SHELL = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.stdin:
    database.execute(statement)
    print("done", flush=True)
"""
_WRITES = (
    "UPDATE media SET trailer = 'present', last_changed = last_changed WHERE id = {}",
    "UPDATE media SET trailer = 'absent' WHERE id = {}",
    "UPDATE media SET monitored = NOT monitored WHERE id = {}",
    "UPDATE media SET removed_at = last_changed WHERE id = {}",
    "UPDATE media SET removed_at = NULL, held_at = last_changed WHERE id = {}",
    "UPDATE media SET claimed_until = '2026-03-01 13:00:00.000000' WHERE id = {}",
    "UPDATE media SET vanishing_since = last_changed, misnamed = NOT misnamed WHERE id = {}",
    "UPDATE connections SET active = NOT active",
    "DELETE FROM media WHERE id = {} AND id % 3 = 0",
)


@contextmanager
def another_process(path: Path) -> Iterator[Callable[[str], object]]:
    """Runs statements there, each to its end."""
    with subprocess.Popen(
        [sys.executable, "-c", _SHELL, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as shell:
        assert shell.stdin
        assert shell.stdout
        stdin, stdout = shell.stdin, shell.stdout

        def run(statement: str) -> None:
            print(statement, file=stdin, flush=True)
            assert stdout.readline() == "done\n"

        yield run
        stdin.close()


@pytest.mark.shared("sqlite")
async def test_whoever_writes_what_is_told_is_what_is_so(library: Library) -> None:
    """Writes of two processes in random order; each time all is counted anew, beside what is told."""
    states = list(TrailerState)
    items = [
        library.item(n, states[n % 3], "a-trailer.mkv" if states[n % 3] == "present" else None)
        for n in range(1, 31)
    ]
    await library.refresh(*items)
    random, store, asked = Random(17), library.store, library.now
    with another_process(library.path) as elsewhere:
        for _ in range(150):
            number = random.randrange(1, 31)
            match random.randrange(4):
                case 0:
                    elsewhere(random.choice(_WRITES).format(number))
                case 1:
                    library.sql(random.choice(_WRITES).format(number))
                case 2:
                    await store.set_intent([number], intent=random.choice((True, False)), at=asked)
                case _:
                    asked += timedelta(
                        minutes=random.randrange(-5, 15)
                    )  # claims end, and clocks are set back
            fresh = await store._database.read(overview, asked)
            assert await store.tally(asked) == fresh.counts.tally()
            assert await store.connections() == fresh.connections


@pytest.mark.shared("sqlite")
async def test_what_nobody_has_changed_is_not_counted_again(library: Library, url: str) -> None:
    await library.refresh(library.item(1))
    async with Store.open(url) as other:
        first, tally = await other.connections(), await other.tally(library.now)
        library.sql("DROP INDEX ix_media_counted")  # which makes it look again, once
        again = await other.connections()
        assert again == first
        assert await other.connections() is again
        assert await other.tally(library.now) == tally


async def test_a_claim_counts_until_it_ends(library: Library) -> None:
    await library.refresh(library.item(1))
    until = library.now + timedelta(minutes=10)
    library.sql(f"UPDATE media SET claimed_until = '{until:%Y-%m-%d %H:%M:%S}.000000'")
    told = [
        (await library.store.tally(library.now + timedelta(minutes=minutes)))[
            "movies", MediaStatus.DOWNLOADING
        ]
        for minutes in (0, 9, 10, 9)
    ]
    assert told == [1, 1, 0, 1]


SEARCHES: dict[str, Any] = {
    "text": "matrix",
    "tag": "kids",
    "genre": "Drama",
    "language": "French",
    "release": "released",
    "has_file": True,
    "years": Years(1990, None),
    "added_since": datetime(2026, 1, 1, tzinfo=UTC),
    "changed_since": datetime(2026, 1, 1, tzinfo=UTC),
}


@pytest.mark.shared("sqlite")
async def test_lists_counts_and_what_a_server_tells_of_go_by_an_index(library: Library) -> None:
    """Also where the planner knows nothing of how many rows there are."""
    await library.refresh(library.item(1))
    statements: list[tuple[str, Any]] = []
    event.listen(
        library.store._database.engine.sync_engine,
        "before_cursor_execute",
        lambda _db, _cursor, statement, parameters, *_: statements.append((statement, parameters)),
    )
    start = await library.begin()
    del statements[:]
    for order in MediaOrder:
        await library.store.select(EVERYTHING, order=order, limit=50, after=1, now=library.now)
    for name, value in SEARCHES.items():
        which = MediaFilter(connection="movies", **{name: value})
        await library.store.select(which, order=MediaOrder.TITLE, limit=50, now=library.now)
    await library.store.known_like(start, [library.item(1).item.keys])
    await library.store.tally(library.now)
    with closing(sqlite3.connect(library.path)) as db:
        plans = [
            row[-1]
            for statement, parameters in statements
            if statement.startswith("SELECT")
            for row in db.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert [plan for plan in plans if plan.startswith("SCAN media") and "INDEX" not in plan] == []
    used = {word for plan in plans for word in plan.split() if word.startswith("ix_media")}
    ordered = {"ix_media_titles", "ix_media_years", "ix_media_added", "ix_media_last_changed_id"}
    assert used >= {*ordered, "ix_media_folder", "ix_media_identity_mark", "ix_media_counted"}
