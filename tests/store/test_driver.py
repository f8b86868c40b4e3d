"""How SQLite is spoken to: each statement wakes the thread of its connection once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import aiosqlite
import pytest
from sqlalchemy import Connection, text

from trailarrd.errors import DatabaseError
from trailarrd.store.engine import create_engine, create_file, parse_url, prepare_file, reading
from trailarrd.store.transactions import transact

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    create_file(tmp_path / "a.db", create=True)
    engine = create_engine(parse_url(f"sqlite+aiosqlite:///{tmp_path}/a.db"), busy_timeout=1)
    await transact(engine, "a.db", run, "CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT UNIQUE)")
    yield engine
    await engine.dispose()


def run(connection: Connection, /, statement: str, values: Any = None) -> Any:
    result = connection.execute(text(statement), values)
    return result.all() if result.returns_rows else (result.rowcount, result.lastrowid)


async def test_a_transaction_costs_one_turn_a_statement(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = []
    turn = aiosqlite.Connection._execute

    async def counted(self: aiosqlite.Connection, what: object, *args: object) -> object:
        turns.append(what)
        return await turn(self, what, *args)  # type: ignore[no-untyped-call]  # not typed there

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    for kind in (engine, reading(engine)):
        turns.clear()
        assert await transact(kind, "a.db", run, "SELECT * FROM item") == []
        assert len(turns) == len(["BEGIN and SELECT", "COMMIT"])


async def test_what_is_read_in_one_transaction_is_of_one_moment(engine: AsyncEngine, tmp_path: Path) -> None:
    counted = "SELECT count(*) FROM item"

    def read(connection: Connection, by: dict[str, Any]) -> list[Any]:
        before = connection.execute(text(counted), execution_options=by).scalar()
        with sqlite3.connect(tmp_path / "a.db") as other:
            other.execute("INSERT INTO item (title) VALUES (?)", (str(by),))
        return [before, connection.execute(text(counted)).scalar()]

    prepare_file(tmp_path / "a.db", busy_timeout=1)
    assert await transact(reading(engine), "a.db", read, {}) == [0, 0]
    assert await transact(reading(engine), "a.db", read, {"yield_per": 2}) == [1, 1]
    await transact(reading(engine), "a.db", lambda _: None)
    assert await transact(engine, "a.db", run, counted) == [(2,)]


async def test_who_may_write_keeps_others_from_it_from_the_first_statement_on(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    def read(connection: Connection) -> None:
        run(connection, "SELECT * FROM item")
        with (
            closing(sqlite3.connect(tmp_path / "a.db", timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("INSERT INTO item (title) VALUES ('a')")

    prepare_file(tmp_path / "a.db", busy_timeout=1)
    await transact(engine, "a.db", read)


async def test_what_a_statement_did_is_told(engine: AsyncEngine) -> None:
    many = [{"title": title} for title in "abc"]
    insert = "INSERT INTO item (title) VALUES (:title)"
    assert await transact(engine, "a.db", run, insert, {"title": "x"}) == (1, 1)
    assert (await transact(engine, "a.db", run, insert, many))[0] == len(many)
    assert await transact(engine, "a.db", run, "DELETE FROM item WHERE id < 3 RETURNING title") == [
        ("x",),
        ("a",),
    ]


async def test_rows_may_come_by_and_by(engine: AsyncEngine) -> None:
    def titles(connection: Connection) -> list[Any]:
        rows = connection.execute(text("VALUES (1), (2), (3), (4), (5)"), execution_options={"yield_per": 2})
        return [len(rows.fetchmany(2)) for _ in range(4)]

    assert await transact(engine, "a.db", titles) == [2, 2, 1, 0]


async def test_what_fails_is_taken_back_and_the_connection_goes_on(engine: AsyncEngine) -> None:
    def twice(connection: Connection) -> None:
        run(connection, "INSERT INTO item (title) VALUES ('a')")
        run(connection, "INSERT INTO item (title) VALUES ('a')")

    with pytest.raises(DatabaseError):
        await transact(engine, "a.db", twice)
    assert await transact(engine, "a.db", run, "SELECT count(*) FROM item") == [(0,)]
