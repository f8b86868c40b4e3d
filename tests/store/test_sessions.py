"""Sessions of a database on a server: where they lead, and which are used again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError

from tests.postgres import SERVER
from tests.store.team import MOVIES, peers_of, taken
from trailarrd.domain.database import DatabaseAddress
from trailarrd.errors import ConfigError, DatabaseError
from trailarrd.store.leases import Leases
from trailarrd.store.place import Place
from trailarrd.store.server import condition_of_server
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from tests.postgres import DatabaseServer

SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name LIKE 'trailarrd %'"
)


async def test_who_is_cancelled_again_and_again_while_it_closes_leaves_none(
    address: DatabaseAddress, postgres: DatabaseServer
) -> None:
    at_work = asyncio.Event()

    async def work() -> None:
        async with Store.open(address) as store, store.daemon_lock():
            await taken(store, "movies")
            at_work.set()
            await asyncio.sleep(60)

    working = asyncio.create_task(work())
    await at_work.wait()
    while not working.done():
        working.cancel()
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        while postgres.sql(SESSIONS) != [(0,)]:
            await asyncio.sleep(0.05)


async def test_a_server_that_only_lets_us_read_is_not_filled_with_sessions(
    address: DatabaseAddress, postgres: DatabaseServer
) -> None:
    """Each try asks anew, as after a failover the same name leads to another server."""
    ((database,),) = postgres.sql("SELECT current_database()")
    async with Store.open(address, busy_timeout=1.0) as store:
        postgres.sql(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
        postgres.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        try:
            with pytest.raises(DatabaseError, match="only lets us read: its server is a standby"):
                await store.register([MOVIES])
            assert await peers_of(store).barred() == "its server is set so that nobody can write"
            ((sessions,),) = postgres.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            )
        finally:
            postgres.sql(f"ALTER DATABASE {database} RESET default_transaction_read_only")
        await store.register([MOVIES])
    assert sessions <= 4


async def test_a_session_that_its_server_ended_is_not_used_again(address: DatabaseAddress) -> None:
    """What the driver says of it is no word of the server, and so tells of no mistake."""
    tried = list[int]()

    def once(db: sa.Connection) -> None:
        tried.append(db.scalar(sa.func.pg_backend_pid()) or 0)
        if len(tried) == 1:
            left = "cannot switch to state 15; another operation (2) is in progress"
            half = AsyncAdapt_asyncpg_dbapi.InternalClientError(left)  # type: ignore[no-untyped-call]  # not typed there
            raise DBAPIError(None, None, half)

    async with Store.open(address) as store:
        assert isinstance(store._locks, Leases)
        await store._locks.ask(once)
    assert len(set(tried)) == 2


async def test_leases_and_news_go_past_a_pooler_where_that_is_known() -> None:
    url, direct = (f"postgresql+asyncpg://trailarrd@{host}/trailarrd" for host in ("pooler", "server"))
    for listen_url, host, is_woken in ((direct, "server", True), (None, "pooler", False)):
        address = DatabaseAddress(url=url, pooler=True, listen_url=listen_url)
        leases = Place.of(address, 1.0).locks()
        assert isinstance(leases, Leases)
        assert (leases._engine.url.host, bool(leases.peers.wakeups)) == (host, is_woken)


async def test_a_way_past_the_pooler_that_leads_to_another_database_is_refused(
    postgres: DatabaseServer,
) -> None:
    postgres.empty()
    right = DatabaseAddress(url=postgres.url, pooler=True, listen_url=postgres.url)
    async with Store.open(right):
        pass
    assert (await condition_of_server(right)).trouble is None
    wrong = replace(right, listen_url=SERVER)
    for opening in (Store.open(wrong), Store.open_to_read(wrong)):
        with pytest.raises(ConfigError, match=r"^database\.listen_url, .*, leads to another database than"):
            async with opening:
                pass
    assert "leads to another database" in ((await condition_of_server(wrong)).trouble or "")
    closed = replace(right, listen_url="postgresql+asyncpg://trailarrd@127.0.0.1:1/trailarrd")
    assert ":1/trailarrd cannot be reached" in (
        (await condition_of_server(closed, patience=0.1)).trouble or ""
    )
