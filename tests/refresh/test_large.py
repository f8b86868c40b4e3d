"""What a refresh costs, in counts that no busy machine disturbs; and what a large one leaves behind."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from tests.refresh.conftest import did
from trailarrd.disk.roots import Roots
from trailarrd.domain.report import Outcome
from trailarrd.store.spool import IN_MEMORY
from trailarrd.testing import RADARR, Stall, Truncated
from trailarrd.testing.asked import Phase

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.refresh.conftest import World
    from trailarrd.testing import Dialect

SETTLED = 3.2
"""Seconds after which a folder's times are believed."""


@pytest.fixture
def dialect() -> Dialect:
    return RADARR


@dataclass
class Counts:
    """What was asked of the disk below the items' folders, and of the database."""

    listings: Counter[str] = field(default_factory=Counter)
    stats: Counter[str] = field(default_factory=Counter)
    statements: list[str] = field(default_factory=list)

    def scandir(self, path: str) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        self.listings[path] += 1
        return os.scandir(path)

    def stat(self, path: str) -> os.stat_result:
        self.stats[path] += 1
        return Path(path).stat()

    def note(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.statements.append(statement)

    def clear(self) -> None:
        self.listings.clear()
        self.stats.clear()
        self.statements.clear()


def watched(world: World) -> Counts:
    counts = Counts()
    world.roots = Roots(scandir=counts.scandir, stat=counts.stat)
    event.listen(world.store._database.engine.sync_engine, "before_cursor_execute", counts.note)
    return counts


async def test_an_unchanged_library_costs_a_stat_an_item_and_as_many_statements_whatever_its_size(
    world: World,
) -> None:
    counts, statements = watched(world), []
    for size in (40, 1200):
        world.grow(size)
        await asyncio.sleep(SETTLED)
        await world.refresh()
        counts.clear()
        world.now -= timedelta(minutes=1)  # no time has passed, so it is nobody's turn to be listed anyway
        report = await world.refresh()
        assert did(report) == {"fetched": size, "unchanged": size}
        folders = {str(world.shelf.place(arr_id)) for arr_id in world.shelf.library.ids}
        assert {path for path in counts.listings if path in folders} == set()
        assert {path: counts.stats[path] for path in folders} == dict.fromkeys(folders, 1)
        statements.append(Counter(counts.statements))
    assert statements[0] == statements[1]
    about_media = [one for one in statements[1].elements() if "media" in one]
    assert [one.split()[0] for one in about_media] == ["SELECT"]
    assert "title" not in about_media[0]
    assert "path" not in about_media[0]


async def test_only_a_folder_that_changed_is_listed(world: World) -> None:
    counts = watched(world)
    await asyncio.sleep(SETTLED)
    await world.refresh()
    world.shelf.put(2, "Trailers/Teaser.mkv")
    counts.clear()
    assert did(await world.refresh()) == {"fetched": 3, "updated": 1, "unchanged": 2}
    listed = {path for path in counts.listings if path != str(world.shelf.folder)}
    assert listed == {str(world.shelf.place(2)), str(world.shelf.place(2) / "Trailers")}


async def test_an_item_whose_main_file_is_another_is_listed_anew(world: World) -> None:
    counts = watched(world)
    world.shelf.put(1, "Alpha-trailer.mkv")
    await asyncio.sleep(SETTLED)
    assert (await world.refresh()).trailers.present == 1
    world.shelf.library.edit(1, movieFile={"relativePath": "Alpha-trailer.mkv", "path": "x"})
    counts.clear()
    report = await world.refresh()
    assert (report.trailers.present, counts.listings[str(world.shelf.place(1))]) == (0, 1)


async def test_in_a_week_every_folder_is_listed_once(world: World) -> None:
    counts = watched(world)
    await asyncio.sleep(SETTLED)
    await world.refresh()
    counts.clear()
    for _ in range(14):
        world.now += timedelta(hours=12) - timedelta(minutes=1)
        assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3}
    places = [str(world.shelf.place(arr_id)) for arr_id in (1, 2, 3)]
    assert [counts.listings[place] for place in places] == [1, 1, 1]


async def test_nobodys_turn_falls_into_a_refresh(world: World) -> None:
    """However long they take: here a half of all the time."""
    counts = watched(world)
    world.grow(60)
    await asyncio.sleep(SETTLED)
    await world.refresh()
    counts.clear()
    for _ in range(22):
        world.now += timedelta(hours=4)
        slow: Any = world.api
        slow.all_media = partial(_in_four_hours, world, slow.all_media)
        await world.refresh(slow)
    places = [str(world.shelf.place(arr_id)) for arr_id in world.shelf.library.ids]
    assert [place for place in places if not counts.listings[place]] == []


async def _in_four_hours(
    world: World, list_media: Callable[[], AsyncGenerator[Any, None]]
) -> AsyncGenerator[Any, None]:
    async for batch in list_media():
        yield batch
    world.now += timedelta(hours=4)


async def test_nobody_waits_for_a_write_while_the_server_is_slow(world: World) -> None:
    """Nor does anything of the refresh show before its end."""
    await world.refresh()
    world.shelf.library.edit(2, title="Beta Prime")
    world.shelf.server.fault = Stall(at=0.5, seconds=1.5, phase=Phase.LIST)
    refresh = asyncio.create_task(world.refresh())
    await asyncio.sleep(0.5)
    assert not refresh.done()
    with closing(sqlite3.connect(world.database.path, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE media SET intent = 1 WHERE arr_id = 1")
        assert other.execute("SELECT title FROM media WHERE arr_id = 2").fetchone() == ("Beta",)
        other.commit()
    assert did(await refresh)["updated"] == 1


async def test_a_large_refresh_that_fails_leaves_nothing_but_its_report(world: World) -> None:
    for _ in range(IN_MEMORY + 500):
        world.shelf.library.add()
    before = files_beside(world.database.path)
    world.shelf.server.fault = Truncated(at=0.99, phase=Phase.LIST)
    report = await world.refresh()
    assert report.outcome is Outcome.FAILED
    assert world.database.content() == {"media": [], "history": []}
    assert files_beside(world.database.path) == before
    assert nameless_files(world.database.path.parent) == []
    world.shelf.server.fault = None
    # Of a younger folder no signature is kept, and the refresh after that would write one.
    await asyncio.sleep(SETTLED)
    assert did(await world.refresh())["added"] == IN_MEMORY + 503
    assert nameless_files(world.database.path.parent) == []
    world.database.watch()
    assert did(await world.refresh())["unchanged"] == IN_MEMORY + 503
    assert world.database.written() == []


def files_beside(database: Path) -> set[Path]:
    """All but the locks, which stay where they are."""
    return {file for file in database.parent.iterdir() if file.suffix != ".lock"}


def nameless_files(folder: Path) -> list[str]:
    """What this process has open there that has no name any more."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the listing's own
            found.append(str(link.readlink()))
    return [file for file in found if file.startswith(str(folder)) and file.endswith("(deleted)")]
