"""A database on a server, as `check` sees it: what is wrong is told, and soon."""

from __future__ import annotations

import asyncio
import re
import socket
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from trailarrd.doctor import Code
from trailarrd.doctor.host import of_database
from trailarrd.domain.database import Condition, DatabaseAddress
from trailarrd.store.integrity import condition_of
from trailarrd.store.server import condition_of_server

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from pathlib import Path

    from tests.doctor.conftest import Doctor
    from tests.postgres import DatabaseServer


async def test_a_server_is_asked_what_it_is_and_whether_it_fits(postgres: DatabaseServer) -> None:
    postgres.empty()
    (finding,) = of_database(await condition_of(DatabaseAddress(url=postgres.url)))
    assert finding.code is Code.DATABASE_OK
    assert finding.fact.startswith("postgresql+asyncpg://")
    assert re.search(r" is sound, at revision \d+ \(PostgreSQL .+\)$", finding.fact)
    ((database,),) = postgres.sql("SELECT current_database()")
    postgres.sql(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    try:
        barred, _ = of_database(await condition_of(DatabaseAddress(url=postgres.url)))
    finally:
        postgres.sql(f"ALTER DATABASE {database} RESET default_transaction_read_only")
    assert barred.code is Code.DATABASE_BARRED
    assert barred.fact.endswith(" is set so that nobody can write (default_transaction_read_only)")


@pytest.mark.parametrize(
    ("condition", "code", "fact"),
    [
        ({"exists": False}, Code.DATABASE_NEW, "db/t has no tables yet (PostgreSQL 15.1)"),
        (
            {"not_writable": "this user may make no tables in db/t"},
            Code.DATABASE_BARRED,
            "this user may make no tables in db/t",
        ),
        (
            {"clock": timedelta(hours=-1)},
            Code.DATABASE_CLOCK,
            "the server's clock is 1 h behind that of this host",
        ),
        (
            {"unindexed": 30_000},
            Code.DATABASE_SEARCH,
            "words are looked for in each of 30000 items",
        ),
    ],
)
def test_what_is_wrong_with_a_server_is_told(condition: dict[str, Any], code: Code, fact: str) -> None:
    sound = {
        "place": "db/t",
        "exists": True,
        "revision": "1",
        "is_current": True,
        "server": "PostgreSQL 15.1",
    }
    found = of_database(Condition(is_file=False, **{**sound, **condition}))
    assert {finding.code: finding.fact for finding in found}[code] == fact


async def test_a_server_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    address = DatabaseAddress(url=f"postgresql+asyncpg://trailarrd@/t?host={tmp_path}")
    condition = await condition_of_server(address, patience=0.05)
    (finding,) = of_database(condition)
    assert finding.code is Code.DATABASE_UNUSABLE
    assert finding.fact.endswith("cannot be reached: No such file or directory")


@pytest.mark.parametrize("is_taken", [True, False], ids=["says nothing", "is heard by nobody"])
async def test_a_silent_server_is_given_up_after_a_while(*, is_taken: bool) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, ExitStack() as others:
        for _ in range(0 if is_taken else 2):  # for more the kernel has no room
            others.enter_context(other := socket.socket()).setblocking(False)
            other.connect_ex(server.getsockname())
        url = f"postgresql+asyncpg://trailarrd@127.0.0.1:{server.getsockname()[1]}/t"
        async with asyncio.timeout(5):
            condition = await condition_of_server(DatabaseAddress(url=url), patience=1)
    assert condition.trouble == f"database {url} cannot be reached: it does not answer"


async def test_tables_that_somebody_is_changing_are_not_waited_for(postgres: DatabaseServer) -> None:
    postgres.empty()
    engine = create_async_engine(postgres.url)
    async with engine.begin() as db, asyncio.timeout(5):
        await db.exec_driver_sql("LOCK TABLE alembic_version")
        condition = await condition_of_server(DatabaseAddress(url=postgres.url), patience=1)
    await engine.dispose()
    assert (condition.trouble or "").endswith(
        " is locked by another program; try again when that one is done"
    )


async def test_a_server_without_our_database_is_asked_for_it_once(doctor: Doctor, tmp_path: Path) -> None:
    """And not for each connection once more, each of which would wait for it."""
    asked, told = 0, b"SFATAL\0C3D000\0Mgone\0\0"

    async def refuse(_: StreamReader, answer: StreamWriter) -> None:
        nonlocal asked
        asked += 1
        answer.write(b"E" + (len(told) + 4).to_bytes(4, "big") + told)
        answer.close()

    doctor.edit(doctor.household.database.url, f"postgresql+asyncpg://trailarrd@/t?host={tmp_path}")
    async with await asyncio.start_unix_server(refuse, tmp_path / ".s.PGSQL.5432"):
        found = await doctor("database")
    assert found["database-unusable"].fact.endswith(" is not there; make it with 'createdb' on its server")
    assert asked == 1
