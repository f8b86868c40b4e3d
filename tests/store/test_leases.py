"""Leases of a database on a server: whoever has lost one writes nothing, whatever it was at."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from tests.store.team import MOVIES, daemons, hang, peers_of, taken
from trailarrd.errors import DatabaseError, LeaseLostError
from trailarrd.store import lease_rows
from trailarrd.store.leases import Leases
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from tests.postgres import DatabaseServer
    from trailarrd.domain.database import DatabaseAddress

FENCE = "SELECT fence FROM leases WHERE name = 'connection:movies'"


async def test_who_has_lost_its_lease_writes_nothing(
    address: DatabaseAddress, postgres: DatabaseServer
) -> None:
    async with daemons(address) as (first, second):
        await taken(first, "movies")
        async with first.refresh_lock("movies", on_wait=print):
            await first.register([MOVIES])
            hang(first)
            await taken(second, "movies")
            with pytest.raises(
                LeaseLostError, match=r"another process has taken over \(connection:movies\); nothing"
            ):
                await first.register([])
            assert [row.active for row in await first.connections()] == [True], "reading goes on"
        async with second.refresh_lock("movies", on_wait=print):
            await second.register([])
        assert postgres.sql(FENCE) == [(2,)]


async def test_who_hangs_in_the_midst_of_a_takeover_is_waited_for_by_nobody(address: DatabaseAddress) -> None:
    async with daemons(address) as (first, second):
        await taken(first, "movies")
        hang(first)
        assert isinstance(first._locks, Leases)
        async with first._locks._engine.connect() as open_for_ever:
            await open_for_ever.execute(sa.text("UPDATE leases SET fence = 9, since = now()"))
            await taken(second, "movies")
            with pytest.raises(DBAPIError):
                await open_for_ever.commit()


async def test_a_refresh_writes_nothing_either_where_its_lease_was_lost_and_taken_anew(
    address: DatabaseAddress, postgres: DatabaseServer
) -> None:
    """What it has read in between may be old: another one may have had it, and written."""
    async with Store.open(address) as store, store.daemon_lock():
        await taken(store, "movies")
        async with store.refresh_lock("movies", on_wait=print):
            await store.register([MOVIES])
            postgres.sql("UPDATE leases SET until = until - interval '1 hour'")
            await taken(store, "movies")
            async with asyncio.timeout(10):
                while postgres.sql(FENCE) == [(1,)]:
                    await taken(store, "movies")
                    await asyncio.sleep(0.05)
            with pytest.raises(LeaseLostError):
                await store.register([])


async def test_a_daemon_refreshes_nothing_that_it_does_not_work_at(address: DatabaseAddress) -> None:
    async with daemons(address) as (first, second):
        await taken(first, "movies")
        with pytest.raises(LeaseLostError):
            async with second.refresh_lock("movies", on_wait=print):
                pass


async def test_what_is_given_back_can_be_had_at_once(address: DatabaseAddress) -> None:
    async with Store.open(address) as first, Store.open(address) as second, second.daemon_lock():
        async with first.daemon_lock():
            await taken(first, "movies", "series")
            await peers_of(first).give(["series"])
            async with asyncio.timeout(0.9):
                await taken(second, "series")
        async with asyncio.timeout(0.9):
            await taken(second, "movies")


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


async def test_who_was_cut_off_is_a_daemon_again(address: DatabaseAddress, postgres: DatabaseServer) -> None:
    """As after a restart of the server that took longer than the lease; what it tells is told again."""
    async with Store.open(address) as store, store.daemon_lock(), asyncio.timeout(10):
        await peers_of(store).tell(knows=["movies"])
        postgres.sql("UPDATE leases SET until = until - interval '1 hour'")
        while not [one for one in await peers_of(store).living() if one.knows]:
            await asyncio.sleep(0.05)


async def test_where_nothing_can_be_written_nobody_is_taken_for_frozen(
    address: DatabaseAddress, postgres: DatabaseServer
) -> None:
    """None can prolong a lease there; they would end each other's sessions for ever."""
    async with daemons(address) as (first, second):
        await taken(first, "movies")
        postgres.sql("UPDATE leases SET until = until - interval '1 hour'")
        assert isinstance(second._locks, Leases)
        sessions = (
            f"SELECT pid FROM pg_stat_activity WHERE application_name = 'trailarrd {peers_of(first).id}'"
        )
        before = postgres.sql(sessions)
        hang(first)
        with pytest.raises(DatabaseError, match="only lets us read"):
            await second._locks.look(
                lease_rows.take, "connection:movies", peers_of(second).id, "", second._locks.ttl
            )
        assert set(before) <= set(postgres.sql(sessions)) != set()
