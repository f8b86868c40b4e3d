"""What the daemons of a database on a server tell and ask each other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tests.store.team import MOVIES, daemons, hang, peers_of, taken
from trailarrd.domain.media import MediaKind
from trailarrd.domain.report import Outcome, RefreshReport
from trailarrd.errors import ConfigError, DaemonError
from trailarrd.runtime.elsewhere import delete_elsewhere, refresh_elsewhere
from trailarrd.store.leases import Leases
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from tests.postgres import DatabaseServer
    from trailarrd.domain.database import DatabaseAddress


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


async def test_what_takes_long_is_waited_for_all_the_same(
    address: DatabaseAddress, postgres: DatabaseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trailarrd.runtime.elsewhere._EVERY", 0.1)
    monkeypatch.setattr("trailarrd.runtime.elsewhere._RENEWED", 0.0)
    async with daemons(address) as (first, second), asyncio.timeout(20):

        async def request() -> int:
            while not (requests := (await peers_of(first).look(["movies"]))[1].requests):
                await asyncio.sleep(0.02)
            return requests[0].id

        await peers_of(first).tell(rules={"movies": "digest"})
        asked = asyncio.create_task(delete_elsewhere(second, peers_of(second), "movies", 5))
        await request()
        postgres.sql("UPDATE requests SET at = at - interval '2 hours'")
        await peers_of(first).answer(await request(), {"refused": "no"})
        assert await asked == "no"
        asked = asyncio.create_task(delete_elsewhere(second, peers_of(second), "movies", 5))
        await request()
        postgres.sql("DELETE FROM requests")
        with pytest.raises(DaemonError, match="was dropped, as nobody seemed to wait for it"):
            await asked


async def test_what_nobody_could_do_is_not_done_later(address: DatabaseAddress) -> None:
    async with daemons(address) as (first, second):
        with pytest.raises(DaemonError, match="no daemon that runs may work at movies"):
            await delete_elsewhere(second, peers_of(second), "movies", 5)
        assert (await peers_of(first).look(["movies"]))[1].requests == []


async def test_what_the_daemon_tells_ends_with_it(address: DatabaseAddress) -> None:
    async with Store.open(address) as daemon, Store.open(address) as other:
        async with daemon.daemon_lock():
            await daemon.note({"restart_needed": "database"})
            assert await other.noted() == {"restart_needed": "database"}
        assert await other.noted() == {}
