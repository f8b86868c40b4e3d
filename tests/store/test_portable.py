"""The engines differ in one place."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.ext.asyncio import create_async_engine

import trailarrd.store
from trailarrd.store.portable import with_room
from trailarrd.store.schema import alembic_config
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from tests.postgres import DatabaseServer

ROOM = Path(trailarrd.store.__file__).parent
MAY_ASK = {"portable.py", "engine.py"}


def test_nothing_else_asks_which_engine_it_is() -> None:
    asking = re.compile(r"dialect\.name ==|get_backend_name|== \"(sqlite|postgresql)\"")
    found = {file.name for file in ROOM.glob("*.py") if asking.search(file.read_text(encoding="utf-8"))}
    assert found == MAY_ASK


@pytest.mark.shared
@pytest.mark.parametrize(("rows", "kib"), [(10_000, 2000), (40_000, 5000), (1_000_000, 8000)])
def test_sqlite_has_more_room_for_pages_only_while_it_writes_many_rows(rows: int, kib: int) -> None:
    with sa.create_engine("sqlite://").connect() as db:
        before = db.exec_driver_sql("PRAGMA cache_size").scalar()
        with with_room(db, rows):
            assert db.exec_driver_sql("PRAGMA cache_size").scalar() == -kib
        assert db.exec_driver_sql("PRAGMA cache_size").scalar() == before


INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
COLUMNS = (
    "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
    " WHERE table_schema = 'public'"
)


async def test_a_server_has_the_same_tables_and_indexes_whether_made_or_brought_up_to_date(
    postgres: DatabaseServer,
) -> None:
    made = {question: sorted(map(str, postgres.sql(question))) for question in (INDEXES, COLUMNS)}
    assert "removed_at IS NULL" in str([row for row in made[INDEXES] if "uq_media_living" in row])
    engine = create_async_engine(postgres.url)
    async with engine.connect() as db:
        await db.run_sync(lambda sync: _by_steps(sync, made))
        await db.rollback()
    await engine.dispose()


def _by_steps(db: sa.Connection, made: dict[str, list[str]]) -> None:
    """All of it in a transaction that is taken back."""
    db.exec_driver_sql("DROP SCHEMA public CASCADE")
    db.exec_driver_sql("CREATE SCHEMA public")
    command.upgrade(alembic_config(db), "head")
    for question, expected in made.items():
        assert sorted(str(tuple(row)) for row in db.exec_driver_sql(question)) == expected


async def test_two_that_open_an_empty_database_at_once_both_succeed(postgres: DatabaseServer) -> None:
    postgres.sql("DROP SCHEMA public CASCADE")
    postgres.sql("CREATE SCHEMA public")
    await asyncio.gather(*(_opened(postgres.url) for _ in range(4)))


async def _opened(url: str) -> None:
    async with Store.open(url) as store:
        assert await store.connections() == []
