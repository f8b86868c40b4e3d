"""Leases of a database on a server: whoever has lost one writes nothing, whatever it was at."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from trailarrd.domain.database import DatabaseAddress
from trailarrd.domain.media import MediaKind
from trailarrd.errors import DatabaseError, LeaseLostError
from trailarrd.store.leases import Leases
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from tests.postgres import DatabaseServer

MOVIES = ("movies", "radarr", MediaKind("movie"))
FENCE = "SELECT fence FROM leases WHERE name = 'daemon'"


@pytest.fixture
def address(postgres: DatabaseServer) -> DatabaseAddress:
    postgres.empty()
    return DatabaseAddress(url=postgres.url, lease=timedelta(seconds=1))


def hang(store: Store) -> None:
    """As if its process were frozen: it prolongs nothing any more."""
    assert isinstance(store._locks, Leases)
    assert store._locks._keeping
    store._locks._keeping.cancel()


async def test_who_has_lost_its_lease_writes_nothing(
    address: DatabaseAddress, postgres: DatabaseServer
) -> None:
    async with Store.open(address) as first, Store.open(address) as second, first.daemon_lock():
        await first.register([MOVIES])
        hang(first)
        async with asyncio.timeout(10), second.daemon_lock():
            with pytest.raises(
                LeaseLostError, match=r"another process has taken over \(daemon\); nothing was"
            ):
                await first.register([])
            assert [row.active for row in await first.connections()] == [True], "reading goes on"
            await second.register([])
            assert postgres.sql(FENCE) == [(2,)]


async def test_a_lease_that_is_prolonged_is_waited_for_by_nobody(address: DatabaseAddress) -> None:
    async with Store.open(address) as first, Store.open(address) as second, first.daemon_lock():
        with pytest.raises(DatabaseError, match="has a daemon already: trailarrd"):
            async with second.daemon_lock():
                pass
        await first.register([MOVIES])


async def test_a_lease_is_given_back_at_once(address: DatabaseAddress) -> None:
    async with Store.open(address) as first, Store.open(address) as second:
        for store in (first, second, first):
            async with asyncio.timeout(0.9), store.daemon_lock():
                await store.register([MOVIES])


async def test_one_at_a_time_refreshes_a_connection_and_a_hanging_one_is_not_waited_for(
    address: DatabaseAddress,
) -> None:
    heard: list[str] = []
    async with Store.open(address) as first, Store.open(address) as second:
        async with first.refresh_lock("movies", on_wait=heard.append):
            hang(first)
            async with asyncio.timeout(10), second.refresh_lock("movies", on_wait=heard.append):
                await second.register([MOVIES])
                with pytest.raises(LeaseLostError):
                    await first.register([])
        await first.register([MOVIES])
    assert len(heard) == 1
    assert heard[0].startswith("trailarrd")


async def test_what_the_daemon_tells_ends_with_it(address: DatabaseAddress) -> None:
    async with Store.open(address) as daemon, Store.open(address) as other:
        async with daemon.daemon_lock():
            await daemon.note({"restart_needed": "database"})
            assert await other.noted() == {"restart_needed": "database"}
        assert await other.noted() == {}


async def test_who_was_cut_off_takes_its_own_lease_up_again(
    address: DatabaseAddress, postgres: DatabaseServer
) -> None:
    """As after a restart of the server that took longer than the lease."""
    async with Store.open(address) as store, store.daemon_lock(), asyncio.timeout(10):
        postgres.sql("UPDATE leases SET until = until - interval '1 hour'")
        while postgres.sql(FENCE) == [(1,)]:
            await asyncio.sleep(0.05)
        await store.register([MOVIES])


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
            ((sessions,),) = postgres.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            )
        finally:
            postgres.sql(f"ALTER DATABASE {database} RESET default_transaction_read_only")
        await store.register([MOVIES])
    assert sessions <= 3
