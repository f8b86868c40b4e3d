"""What one daemon of a database on a server does alone, and who waits for it."""

from __future__ import annotations

import asyncio
import os
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from tests.store.team import daemons, hang, peers_of
from trailarrd.domain.database import DatabaseAddress
from trailarrd.store.leases import Leases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres import DatabaseServer


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
