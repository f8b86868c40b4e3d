"""A database is copied to a server and back: all of it, or nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.store.conftest import Library
from tests.world import DatabaseFile
from trailarrd.domain.database import DatabaseAddress
from trailarrd.domain.media import MediaKind
from trailarrd.domain.monitoring import TrailerState
from trailarrd.errors import DatabaseError
from trailarrd.store.store import Store
from trailarrd.store.transfer import Copied, transfer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import DatabaseServer


async def filled(path: Path) -> None:
    """Some items and all that happened to them; the newest of either are gone."""
    database = DatabaseFile(path)
    async with Store.open(database.url) as store:
        await store.register([("movies", "radarr", MediaKind("movie"))])
        library = Library(store, database)
        items = [library.item(n, title=f"Ünï {n}", external_ids={"tmdb": str(n)}) for n in range(1, 1200)]
        await library.refresh(*items)
        await library.refresh(*items[:-1], library.item(1199, TrailerState.PRESENT, "x-trailer.mkv"))
        await store.set_intent([1, 2], intent=True, at=library.now, by="anna")
    database.sql("DELETE FROM media WHERE id = 1199")


def dumped(path: Path) -> dict[str, list[tuple[object, ...]]]:
    tables = ("connections", "refreshes", "media", "history", "sqlite_sequence")
    return {table: sorted(DatabaseFile(path).sql(f"SELECT * FROM {table}")) for table in tables}


def names(folder: Path, pattern: str) -> list[str]:
    return [one.name for one in folder.glob(pattern)]


async def test_there_and_back_is_the_same(tmp_path: Path, postgres: DatabaseServer) -> None:
    here, back = tmp_path / "here.db", tmp_path / "back.db"
    await filled(here)
    postgres.empty()
    server, told = DatabaseAddress(url=postgres.url), list[Copied]()
    await transfer(DatabaseAddress(url=f"sqlite+aiosqlite:///{here}"), server, told.append)
    assert postgres.sql("SELECT count(*), max(id) FROM media") == [(1198, 1198)]
    async with Store.open(postgres.url) as store:
        library = Library(store, postgres)
        assert len(await library.rows()) == 1198
    again = list[Copied]()
    await transfer(server, DatabaseAddress(url=f"sqlite+aiosqlite:///{back}"), again.append)
    assert [(one.table, one.rows, one.digest) for one in told] == [
        (one.table, one.rows, one.digest) for one in again
    ]
    assert dumped(back) == dumped(here)
    known = "SELECT count(*) > 0 FROM sqlite_stat1 WHERE tbl = 'media'"
    assert DatabaseFile(back).sql(known) == [(1,)], "else its lists take twenty times as long"
    async with Store.open(postgres.url) as store:
        library = Library(store, postgres)
        await library.refresh(library.item(1199))
    assert postgres.sql("SELECT id FROM media WHERE arr_id = 1199") == [(1200,)], "no number is given twice"


async def test_who_gives_up_does_so_between_two_statements(tmp_path: Path, postgres: DatabaseServer) -> None:
    """In the middle of many rows the driver waits for a minute, and has forgotten then what for."""
    await filled(tmp_path / "here.db")
    postgres.empty()
    here = DatabaseAddress(url=f"sqlite+aiosqlite:///{tmp_path}/here.db")
    copying = asyncio.create_task(transfer(here, DatabaseAddress(url=postgres.url), lambda _: None))
    begun, ended = list[str](), list[str]()

    def begin(_db: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO media"):
            begun.append(statement)
            asyncio.get_running_loop().call_soon(copying.cancel)

    def end(_db: object, _cursor: object, statement: str, *_: object) -> None:
        ended.extend([statement] if statement in begun else [])

    listening = [("before_cursor_execute", begin), ("after_cursor_execute", end)]
    for event, function in listening:
        sa.event.listen(sa.engine.Engine, event, function)
    try:
        await asyncio.wait([copying], timeout=5)
    finally:
        for event, function in listening:
            sa.event.remove(sa.engine.Engine, event, function)
    assert copying.cancelled()
    assert begun == ended != []
    assert postgres.sql("SELECT count(*) FROM history") == [(0,)]


async def test_of_a_database_in_use_nothing_is_made(tmp_path: Path) -> None:
    here, there = (DatabaseAddress(url=f"sqlite+aiosqlite:///{tmp_path}/{one}.db") for one in ("a", "b"))
    async with Store.open(here):
        with pytest.raises(DatabaseError, match="is in use by"):
            await transfer(here, there, print)
    assert names(tmp_path, "b*") == []


async def test_a_database_that_holds_something_or_is_in_use_is_not_copied_to(
    tmp_path: Path, postgres: DatabaseServer
) -> None:
    here = tmp_path / "here.db"
    source, server = DatabaseAddress(url=f"sqlite+aiosqlite:///{here}"), DatabaseAddress(url=postgres.url)
    await filled(here)
    postgres.empty()
    async with Store.open(postgres.url) as store:
        async with store.daemon_lock():
            with pytest.raises(DatabaseError, match="is in use by trailarrd"):
                await transfer(source, server, print)
        await store.register([("series", "sonarr", MediaKind("series"))])
    with pytest.raises(FileExistsError, match="there is something in table connections"):
        await transfer(source, server, print)
    assert postgres.sql("SELECT name FROM connections") == [("series",)]
    async with Store.open(source.url):
        postgres.empty()
        with pytest.raises(DatabaseError, match="is in use by"):
            await transfer(source, server, print)
    assert postgres.sql("SELECT count(*) FROM media") == [(0,)]
