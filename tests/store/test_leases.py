"""Leases of a database on a server: whoever has lost one writes nothing, whatever it was at."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError

from tests.postgres import SERVER
from trailarrd.domain.database import DatabaseAddress
from trailarrd.domain.media import MediaKind
from trailarrd.domain.report import Outcome, RefreshReport
from trailarrd.errors import ConfigError, DatabaseError, LeaseLostError
from trailarrd.runtime.elsewhere import refresh_elsewhere
from trailarrd.store import lease_rows
from trailarrd.store.leases import Leases
from trailarrd.store.peers import Peers
from trailarrd.store.place import Place
from trailarrd.store.schema import head
from trailarrd.store.server import condition_of_server
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.postgres import DatabaseServer

MOVIES = ("movies", "radarr", MediaKind("movie"))
FENCE = "SELECT fence FROM leases WHERE name = 'connection:movies'"

SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name LIKE 'trailarrd %'"
)


@pytest.fixture
def address(postgres: DatabaseServer) -> DatabaseAddress:
    postgres.empty()
    return DatabaseAddress(url=postgres.url, lease=timedelta(seconds=1))


def hang(store: Store) -> None:
    """As if its process were frozen: it prolongs nothing any more."""
    assert isinstance(store._database.locks, Leases)
    assert store._database.locks._keeping
    store._database.locks._keeping.cancel()


@asynccontextmanager
async def daemons(address: DatabaseAddress) -> AsyncIterator[tuple[Store, Store]]:
    """Two of one database."""
    async with (
        Store.open(address) as first,
        Store.open(address) as second,
        first.daemon_lock(),
        second.daemon_lock(),
    ):
        yield first, second


def peers_of(store: Store) -> Peers:
    assert store.peers
    return store.peers


async def taken(store: Store, *connections: str) -> None:
    """Take these over, as soon as they can be had."""
    async with asyncio.timeout(10):
        while not peers_of(store).held >= set(connections):
            await peers_of(store).take(connections)
            await asyncio.sleep(0.05)


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


async def test_a_newer_program_leaves_the_tables_alone_while_an_older_one_works(
    address: DatabaseAddress, postgres: DatabaseServer
) -> None:
    """That one would write what the new tables mean otherwise; once it has stopped, they are brought up."""
    async with Store.open(address) as older, older.daemon_lock():
        await taken(older, "movies")
        postgres.sql("UPDATE alembic_version SET version_num = '0021'")
        try:
            with pytest.raises(DatabaseError, match=r"is at revision 0021 and in use by .+; stop that first"):
                async with Store.open(address):
                    pass
            assert postgres.sql("SELECT version_num FROM alembic_version") == [("0021",)]
        finally:  # other tests have the same database
            postgres.sql(f"UPDATE alembic_version SET version_num = '{head()}'")


async def test_who_is_cancelled_again_and_again_while_it_closes_leaves_no_session(
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


async def test_what_is_given_back_can_be_had_at_once(address: DatabaseAddress) -> None:
    async with Store.open(address) as first, Store.open(address) as second, second.daemon_lock():
        async with first.daemon_lock():
            await taken(first, "movies", "series")
            await peers_of(first).give(["series"])
            async with asyncio.timeout(0.9):
                await taken(second, "series")
        async with asyncio.timeout(0.9):
            await taken(second, "movies")


async def test_all_daemons_are_known_with_what_they_work_at_and_what_they_tell(
    address: DatabaseAddress,
) -> None:
    async with daemons(address) as (first, second):
        await taken(first, "movies")
        await peers_of(first).tell(rules={"movies": "digest"}, knows=["movies", "series"])
        await peers_of(first).tell_of("movies", {"fetched": 7})
        one, other = await peers_of(second).living()
        assert (one.id, other.id) == (peers_of(first).id, peers_of(second).id)
        assert one.rules == {"movies": "digest"}
        assert one.seats["movies"].note == {"fetched": 7}
        assert one.since <= one.seats["movies"].since
        assert other.seats == {}
    async with Store.open(address) as third:
        assert await peers_of(third).living() == []


async def test_two_things_that_a_daemon_tells_at_once_are_both_told(
    address: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with daemons(address) as (first, second):
        ask, is_slow = Leases.ask, iter([True])

        async def held_up(*args: Any, **kwargs: Any) -> Any:
            if next(is_slow, False):  # as by a session that is still to be opened
                await asyncio.sleep(0.2)
            return await ask(*args, **kwargs)

        monkeypatch.setattr(Leases, "ask", held_up)
        await asyncio.gather(
            peers_of(first).tell(knows=["movies"]), peers_of(first).tell(rules={"movies": "x"})
        )
        (told, _) = await peers_of(second).living()
        assert (told.knows, told.rules) == (frozenset({"movies"}), {"movies": "x"})


async def test_what_a_daemon_tells_while_its_lease_seems_to_be_over_is_not_taken_for_told(
    address: DatabaseAddress, postgres: DatabaseServer
) -> None:
    async with daemons(address) as (first, second):
        hang(first)
        assert await peers_of(first).tell(knows=["movies"])
        postgres.sql("UPDATE leases SET until = clock_timestamp() WHERE name LIKE 'daemon:%'")
        assert not await peers_of(first).tell(knows=["series"])
        assert [one.knows for one in await peers_of(second).living() if one.id == peers_of(first).id] == []


async def test_what_another_daemon_knows_stays_active(address: DatabaseAddress) -> None:
    series = ("series", "sonarr", MediaKind("series"))
    async with daemons(address) as (first, second):
        await peers_of(first).tell(knows=["movies"])
        await first.register([MOVIES])
        await second.register([series])
        assert {row.name for row in await second.connections() if row.active} == {"movies", "series"}
        with pytest.raises(ConfigError, match="'movies' is in the configuration of another daemon"):
            await second.forget("movies")
        await first.register([])
        assert {row.name for row in await second.connections() if row.active} == set()


async def test_one_alone_has_a_role_until_it_hangs(address: DatabaseAddress) -> None:
    heard: list[str] = []

    async def notify(name: str) -> None:
        heard.append(name)
        await asyncio.Event().wait()

    async with daemons(address) as (first, second):
        roles = [
            asyncio.create_task(peers_of(store).alone_at("notifier", partial(notify, name)))
            for store, name in ((first, "first"), (second, "second"))
        ]
        async with asyncio.timeout(10):
            while not heard:
                await asyncio.sleep(0.02)
            hang(first if heard == ["first"] else second)
            while len(heard) < 2:
                await asyncio.sleep(0.02)
        assert sorted(heard) == ["first", "second"]
        for role in roles:
            role.cancel()
        await asyncio.gather(*roles, return_exceptions=True)


async def test_who_waits_for_a_role_asks_seldom_and_bears_that_the_server_is_away(
    address: DatabaseAddress, postgres: DatabaseServer
) -> None:
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.Event().wait()

    async with daemons(address) as (first, second):
        assert isinstance(first._locks, Leases)
        assert isinstance(second._locks, Leases)
        assert await first._locks.take("role:housekeeper")
        with counted_looks(second._locks) as looks:
            waiting = asyncio.create_task(peers_of(second).alone_at("housekeeper", work))
            await asyncio.sleep(1.0)
        assert 2 <= len(looks) <= 4, "three in the time of a lease"
        # In a thread, as it waits for transactions of this loop.
        await asyncio.to_thread(postgres.sql, "ALTER TABLE leases RENAME TO gone")
        await asyncio.sleep(0.5)
        assert not waiting.done()
        await asyncio.to_thread(postgres.sql, "ALTER TABLE gone RENAME TO leases")
        with structlog.testing.capture_logs() as logs:
            hang(first)
            async with asyncio.timeout(10):
                await begun.wait()
        (told,) = [one for one in logs if one["event"] == "lease.taken_over"]
        assert (told["name"], told["given_back"]) == ("role:housekeeper", False)
        assert f"pid {os.getpid()} on " in told["before"]
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


@contextmanager
def counted_looks(leases: Leases) -> Iterator[list[str]]:
    """The questions for who has a lease, meanwhile."""
    asked: list[str] = []

    def note(_db: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT leases.holder"):
            asked.append(statement)

    engine = leases._reading.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


async def test_who_waits_for_a_role_is_woken_when_it_is_given_back(postgres: DatabaseServer) -> None:
    """A look every five seconds is enough then."""
    postgres.empty()
    async with daemons(DatabaseAddress(url=postgres.url)) as (first, second):
        has_it = asyncio.Event()

        async def work() -> None:
            has_it.set()

        assert isinstance(first._locks, Leases)
        assert await first._locks.take("role:notifier")
        wakeups = peers_of(second).wakeups
        assert wakeups
        tasks = [
            asyncio.create_task(wakeups.run(lambda: None)),
            asyncio.create_task(peers_of(second).alone_at("notifier", work)),
        ]
        await asyncio.sleep(0.6)
        assert not has_it.is_set()
        await first._locks.give(["role:notifier"])
        async with asyncio.timeout(1):
            await has_it.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_hints_and_requests_reach_who_works_at_the_connection_and_wake_it(
    address: DatabaseAddress,
) -> None:
    async with Store.open(address) as here, Store.open(address) as there:
        wakeups, woken = peers_of(there).wakeups, asyncio.Event()
        assert wakeups
        listening = asyncio.create_task(wakeups.run(woken.set))
        await asyncio.sleep(0.3)
        await peers_of(here).hint([("movies", {"event": "Grab", "arr_ids": [3]})])
        async with asyncio.timeout(1):
            await woken.wait()
        number = await peers_of(here).request("movies", [4])
        _, errands = await peers_of(there).look(["movies"])
        assert (errands.hints, errands.requests) == (True, [(number, "movies", [4], None)])
        assert await peers_of(there).look(["series"]) == ([], (False, []))
        assert await peers_of(there).take_hints(["movies"]) == [("movies", {"event": "Grab", "arr_ids": [3]})]
        assert await peers_of(there).take_hints(["movies"]) == []
        assert await peers_of(here).answer_of(number) is None
        await peers_of(there).answer(number, {"report": {}})
        assert await peers_of(here).answer_of(number) == {"report": {}}
        assert (await peers_of(there).look(["movies"]))[1] == (False, [])
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_who_asks_for_a_refresh_hears_who_takes_it_over(address: DatabaseAddress) -> None:
    report = RefreshReport(connection="movies", provider="radarr", outcome=Outcome.OK)
    heard: list[str] = []
    async with daemons(address) as (first, second), Store.open(address) as third:
        for one in (first, second):
            await peers_of(one).tell(rules={"movies": "digest"})
        await taken(first, "movies")
        asked = asyncio.create_task(refresh_elsewhere(third, peers_of(third), "movies", heard.append))
        async with asyncio.timeout(10):
            while not (requests := (await peers_of(first).look(["movies"]))[1].requests):
                await asyncio.sleep(0.05)
            await asyncio.sleep(1.5)
            await peers_of(first).give(["movies"])
            await taken(second, "movies")
            while not heard:
                await asyncio.sleep(0.05)
            await peers_of(second).answer(requests[0].id, {"report": msgspec.to_builtins(report)})
            assert (await asked).connection == "movies"
    assert len(heard) == 1


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


async def test_who_was_cut_off_is_a_daemon_again(address: DatabaseAddress, postgres: DatabaseServer) -> None:
    """As after a restart of the server that took longer than the lease; what it tells is told again."""
    async with Store.open(address) as store, store.daemon_lock(), asyncio.timeout(10):
        await peers_of(store).tell(knows=["movies"])
        postgres.sql("UPDATE leases SET until = until - interval '1 hour'")
        while not [one for one in await peers_of(store).living() if one.knows]:
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
