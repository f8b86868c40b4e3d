"""A power cut loses the end of the write-ahead log: the database is then as after some earlier refresh."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest
import sqlalchemy as sa
from alembic import command

from tests.crash.remains import Remains
from tests.world import DatabaseFile
from trailarrd.store.schema import alembic_config
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.refresh.conftest import World

pytestmark = [pytest.mark.deep, pytest.mark.timeout(600)]

CUTS: Final = 3 * int(os.environ.get("TRAILARRD_KILLS", "5"))
ENDS: Final = CUTS // 3
"""Of how many frames the ends are tried."""
_HEADER: Final = 32
_FRAME: Final = 24 + 8192
Content = dict[str, list[tuple[Any, ...]]]


class Wreck:
    """What a power cut leaves: the file as it was last synced, and some of the log."""

    def __init__(self, world: World) -> None:
        self.main = world.database.path.read_bytes()
        self.log = world.database.path.with_name(f"{world.database.path.name}-wal").read_bytes()
        self.contents: list[Content] = []

    def put(self, folder: Path, log: bytes) -> DatabaseFile:
        """The same database in another place, with that log."""
        folder.mkdir()
        (folder / "trailarrd.db").write_bytes(self.main)
        (folder / "trailarrd.db-wal").write_bytes(log)
        return DatabaseFile(folder / "trailarrd.db")


@pytest.fixture
async def wreck(world: World) -> Wreck:
    """Four refreshes: the first is in the file, the others are still in the log."""
    await world.refresh()
    assert world.database.sql("PRAGMA wal_checkpoint(TRUNCATE)") == [(0, 0, 0)]
    contents = [world.database.content()]
    for number in range(3):
        for item in range(15):
            world.shelf.add(f"Item {number}-{item}", 2010 + 20 * number + item)
        world.shelf.library.edit(1, title=f"Alpha {number}")
        world.shelf.library.delete(world.shelf.library.ids[3 + number])
        await world.refresh()
        contents.append(world.database.content())
    wreck = Wreck(world)
    wreck.contents = contents
    assert len(wreck.log) > 20 * _FRAME
    assert (len(wreck.log) - _HEADER) % _FRAME == 0, "a page is not of the size that this test thinks"
    return wreck


def lengths(whole: int) -> list[int]:
    """Where to cut: at random, evenly, and at, just before and just after the ends of frames."""
    chosen = {random.randrange(whole + 1) for _ in range(CUTS)} | set(range(0, whole, whole // 12))
    frames = (whole - _HEADER) // _FRAME
    for frame in random.sample(range(frames + 1), min(ENDS, frames)):
        end = _HEADER + frame * _FRAME
        chosen |= {max(end - 1, 0), end, min(end + 1, whole)}
    return sorted(chosen | {0, 1, _HEADER - 1, _HEADER, whole - 1, whole})


async def look(database: DatabaseFile, wreck: Wreck) -> int:
    """After how many of the later refreshes it is; trailarrd is the first to open it."""
    async with Store.open(database.url, create=False) as store:
        assert len(await store.connections()) == 1
        Remains(database).check()
        ((applied,),) = database.sql("SELECT count(*) FROM refreshes WHERE finished_at IS NOT NULL")
        assert database.content() == wreck.contents[applied - 1]
        return int(applied) - 1


def shortened(log: bytes, length: int) -> bytes:
    return log[:length]


def zeroed(log: bytes, length: int) -> bytes:
    """The file has its size, but its end was never written."""
    return log[:length] + bytes(len(log) - length)


def torn(log: bytes, length: int) -> bytes:
    """The end is what was on the disk before: anything."""
    return log[:length] + random.randbytes(len(log) - length)


@pytest.mark.parametrize("spoil", [shortened, zeroed, torn])
async def test_whatever_is_left_of_the_log_it_is_the_state_after_some_refresh(
    wreck: Wreck, tmp_path: Path, spoil: Callable[[bytes, int], bytes]
) -> None:
    """And the more there is of it, the later the refresh."""
    found = [
        await look(wreck.put(tmp_path / f"{length}", spoil(wreck.log, length)), wreck)
        for length in lengths(len(wreck.log))
    ]
    assert found == sorted(found)
    assert set(found) == {0, 1, 2, 3}, "every refresh is the last one of some cut"


async def test_the_next_refresh_makes_good_whatever_was_lost(
    wreck: Wreck, world: World, tmp_path: Path
) -> None:
    reference = await _refreshed(world, tmp_path / "fresh" / "trailarrd.db")
    assert len(reference) > 40
    for length in random.sample(range(len(wreck.log) + 1), 8):
        database = wreck.put(tmp_path / f"{length}", wreck.log[:length])
        assert await _refreshed(world, database.path) == reference


async def _refreshed(world: World, path: Path) -> set[tuple[Any, ...]]:
    """Every listed item after one more refresh, by all that does not tell when it was stored."""
    async with _opened(world, path) as other:
        report = await other.refresh()
        assert (report.outcome.value, report.fetched) == ("ok", len(world.shelf.library))
    remains = Remains(DatabaseFile(path))
    remains.check()
    return set(remains.state(world.name).listed.values()) | remains.derived()


@asynccontextmanager
async def _opened(world: World, path: Path) -> AsyncIterator[World]:
    database = DatabaseFile(path)
    async with Store.open(database.url) as store:
        await store.register([(world.name, world.provider.name, world.provider.media_kind)])
        yield replace(world, store=store, database=database)


def old_database(path: Path) -> None:
    """As the first version of trailarrd left it, with twenty connections."""
    path.parent.mkdir()
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    with engine.begin() as db:
        command.upgrade(alembic_config(db), "0001")
        for number in range(20):
            db.exec_driver_sql(
                "INSERT INTO connections (name, provider, kind, active) VALUES (?, 'radarr', 'movie', 1)",
                (f"c{number}",),
            )


async def test_a_cut_in_the_middle_of_a_migration_leaves_all_that_was_there(tmp_path: Path) -> None:
    """And opening it again ends what was begun."""
    path = tmp_path / "state" / "trailarrd.db"
    old_database(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("PRAGMA journal_mode=WAL")
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM connections").fetchall()  # keeps the log from being taken in
        async with Store.open(f"sqlite+aiosqlite:///{path}"):
            main, log = path.read_bytes(), path.with_name("trailarrd.db-wal").read_bytes()
    assert len(log) > 10 * _FRAME
    for length in random.sample(range(len(log) + 1), CUTS // 3):
        cut = tmp_path / f"{length}" / "trailarrd.db"
        cut.parent.mkdir()
        cut.write_bytes(main)
        cut.with_name("trailarrd.db-wal").write_bytes(log[:length])
        async with Store.open(f"sqlite+aiosqlite:///{cut}") as store:
            names = sorted(row.name for row in await store.connections())
            assert names == sorted(f"c{number}" for number in range(20))
            Remains(DatabaseFile(cut)).check()
