from __future__ import annotations

import asyncio
import stat
import sys
import time
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from trailarrd.domain.database import DatabaseAddress
from trailarrd.errors import DatabaseError
from trailarrd.store.engine import (
    create_engine,
    create_file,
    parse_url,
    place_of,
    prepare_file,
    sqlite_file,
)
from trailarrd.store.integrity import condition_of
from trailarrd.store.store import Store
from trailarrd.store.transactions import transact

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    url = parse_url(f"sqlite:///{tmp_path}/x.db")
    create_file(tmp_path / "x.db", create=True)
    prepare_file(tmp_path / "x.db", busy_timeout=5)
    engine = create_engine(url, busy_timeout=5)
    yield engine
    await engine.dispose()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("busy_timeout", 250),  # the rest of the five seconds can be given up
        ("foreign_keys", 1),
        ("synchronous", 1),  # 1 is NORMAL
    ],
)
async def test_sqlite_is_set_up_for_a_daemon(engine: AsyncEngine, pragma: str, value: object) -> None:
    async with engine.connect() as db:
        assert await db.scalar(sa.text(f"PRAGMA {pragma}")) == value


async def test_migrations_may_rebuild_a_table_that_others_refer_to(tmp_path: Path) -> None:
    url = parse_url(f"sqlite:///{tmp_path}/x.db")
    engine = create_engine(url, busy_timeout=1, to_migrate=True)
    async with engine.connect() as db:
        assert await db.scalar(sa.text("PRAGMA foreign_keys")) == 0
    await engine.dispose()


async def test_table_definitions_roll_back_too(engine: AsyncEngine) -> None:
    async def create_and_fail() -> None:
        async with engine.begin() as db:
            await db.execute(sa.text("CREATE TABLE a (x INTEGER)"))
            await db.execute(sa.text("INSERT INTO b VALUES (1)"))

    with pytest.raises(sa.exc.OperationalError, match="no such table: b"):
        await create_and_fail()
    async with engine.connect() as db:
        assert await db.run_sync(lambda sync: sa.inspect(sync).get_table_names()) == []


async def test_concurrent_read_modify_write_loses_nothing(engine: AsyncEngine) -> None:
    async with engine.begin() as db:
        await db.execute(sa.text("CREATE TABLE a (x INTEGER)"))
        await db.execute(sa.text("INSERT INTO a VALUES (0)"))

    def count(db: sa.Connection) -> None:
        x = db.scalar(sa.text("SELECT x FROM a"))
        time.sleep(0.001)
        db.execute(sa.text("UPDATE a SET x = :x"), {"x": x + 1})

    async def count_to_twenty() -> None:
        for _ in range(20):
            await transact(engine, "x.db", count)

    await asyncio.gather(*(count_to_twenty() for _ in range(4)))
    async with engine.execution_options(read_only=True).connect() as db:
        assert await db.scalar(sa.text("SELECT x FROM a")) == 80


async def test_a_new_database_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "trailarrd.db"
    async with Store.open(f"sqlite+aiosqlite:///{path}"):
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert modes == dict.fromkeys(modes, 384)
    assert "trailarrd.db" in modes


async def test_a_missing_database_is_not_made_by_a_command_that_only_reads(tmp_path: Path) -> None:
    path = tmp_path / "state" / "trailarrd.db"
    with pytest.raises(DatabaseError, match=r"there is no database .*trailarrd\.db yet"):
        async with Store.open(f"sqlite+aiosqlite:///{path}", create=False):
            pass
    assert not path.parent.exists()


@pytest.mark.parametrize("folder", ["why?", "a%20b", "100% #1 ?a=1&timeout=3 ж"])
async def test_the_very_file_that_is_named_is_opened_and_named(tmp_path: Path, folder: str) -> None:
    file = tmp_path / folder / "trailarrd.db"
    url = f"sqlite+aiosqlite:///{file}"
    async with Store.open(url) as store:
        assert store.name == str(file)
    async with Store.open_to_read(url) as store:
        assert (store.name, await store.connections()) == (str(file), [])
    assert sqlite_file(url) == file
    assert await asyncio.to_thread(lambda: [one.name for one in tmp_path.iterdir()]) == [folder]
    condition = await condition_of(DatabaseAddress(url=url))
    assert (condition.place, condition.exists) == (str(file), True)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite+aiosqlite://", "nonsense", ""])
def test_a_url_that_names_no_database_is_refused(url: str) -> None:
    with pytest.raises(DatabaseError, match=r"database\.url"):
        parse_url(url)


def test_the_name_of_a_database_hides_its_password() -> None:
    url = parse_url("postgresql://me:hunter2@host/trailarrd")
    assert place_of(url) == "postgresql+asyncpg://me:***@host/trailarrd"


def test_another_driver_is_refused() -> None:
    with pytest.raises(DatabaseError, match=r"driver 'postgresql\+psycopg' is none of trailarrd's"):
        parse_url("postgresql+psycopg://host/x")


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(
        DatabaseError,
        match=r"driver 'asyncpg' is not installed; pip install .trailarrd\[postgres\]. brings it$",
    ):
        create_engine(parse_url("postgresql://host/x"), busy_timeout=1)
