"""What news of a server costs it: some questions about items, or now and then the whole library."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest
from structlog.testing import capture_logs

from trailarrd.daemon.debouncer import DebounceLimits, Debouncer
from trailarrd.daemon.poller import Poller
from trailarrd.domain.circuit import Circuit
from trailarrd.domain.connection import Connection
from trailarrd.domain.report import Outcome, RefreshReport
from trailarrd.errors import DatabaseError
from trailarrd.plugin import WebhookHint
from trailarrd.runtime.slot import ConnectionSlot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from trailarrd.refresh.refresher import Refresher

QUICK = DebounceLimits(gather=0.02, most_items=5, between_refreshes=0.2)
OK = RefreshReport(connection="movies", provider="radarr", outcome=Outcome.OK)


def about(*arr_ids: int) -> WebhookHint:
    return WebhookHint(event="Download", arr_ids=frozenset(arr_ids))


WHOLE = WebhookHint(event="connected", whole=True)
NOTHING = WebhookHint(event="Test")


@dataclass
class Server:
    """Counts what it is asked: `items` one by one, `refreshes` of the whole library by their time."""

    items: list[set[int]] = field(default_factory=list)
    deletions: list[set[int]] = field(default_factory=list)
    refreshes: list[float] = field(default_factory=list)
    settles: bool = True
    error: Exception | None = None
    connection: Connection = field(
        default_factory=lambda: Connection(name="movies", provider="radarr", interval=timedelta(hours=1))
    )

    def clock(self) -> datetime:
        return datetime.now(UTC)

    async def circuit(self) -> Circuit:
        return Circuit()

    async def refresh(self, progress: Callable[[int], None]) -> RefreshReport:
        progress(1)
        self.refreshes.append(asyncio.get_running_loop().time())
        return OK

    async def revisit(self, changed: frozenset[int], deleted: frozenset[int]) -> bool:
        self.items.append(set(changed))
        self.deletions.append(set(deleted))
        if self.error:
            raise self.error
        return self.settles


@asynccontextmanager
async def listening(server: Server, limits: DebounceLimits = QUICK) -> AsyncIterator[Debouncer]:
    """The daemon runs, and its first refresh is over."""
    poller = Poller(ConnectionSlot(cast("Refresher", server)))
    debouncer = Debouncer(poller, server.revisit, limits)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(poller.run()), group.create_task(debouncer.run())]
        await until(lambda: bool(server.refreshes))
        server.refreshes.clear()
        yield debouncer
        for task in tasks:
            task.cancel()


async def until(true: Callable[[], bool], within: float = 5) -> None:
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.005)


async def test_hints_that_come_together_are_one_question_about_their_items() -> None:
    server = Server()
    async with listening(server) as debouncer:
        for hint in (about(1), about(2), about(1), about(3)):
            debouncer.add(hint)
        await until(lambda: bool(server.items))
    assert server.items == [{1, 2, 3}]
    assert server.refreshes == []


async def test_deletions_are_told_apart_and_count_with_the_others() -> None:
    server = Server()
    async with listening(server) as debouncer:
        debouncer.add(about(1, 2))
        debouncer.add(replace(about(2, 3), deleted=True))
        await until(lambda: bool(server.items))
        assert (server.items, server.deletions) == ([{1, 2}], [{2, 3}])
        debouncer.add(replace(about(1, 2, 3, 4), deleted=True))
        debouncer.add(about(5, 6))
        await until(lambda: bool(server.refreshes))
    assert len(server.items) == 1


async def test_the_first_hint_after_some_quiet_is_asked_about_at_once_and_what_follows_is_gathered() -> None:
    server = Server()
    async with listening(server, replace(QUICK, gather=0.3)) as debouncer:
        debouncer.add(about(1))
        await until(lambda: bool(server.items), within=0.2)
        began = asyncio.get_running_loop().time()
        for arr_id in (2, 3):
            debouncer.add(about(arr_id))
            await asyncio.sleep(0.02)
        await until(lambda: len(server.items) > 1)
        assert asyncio.get_running_loop().time() - began >= 0.3
        await asyncio.sleep(0.3)
        debouncer.add(about(4))
        await until(lambda: len(server.items) > 2, within=0.2)
    assert server.items == [{1}, {2, 3}, {4}]


async def test_a_hint_about_nothing_costs_nothing() -> None:
    server = Server()
    async with listening(server) as debouncer:
        debouncer.add(NOTHING)
        await asyncio.sleep(0.1)
    assert (server.items, server.refreshes) == ([], [])


async def test_a_hint_about_the_whole_library_is_a_refresh() -> None:
    server = Server()
    async with listening(server) as debouncer:
        debouncer.add(about(1))
        debouncer.add(WHOLE)
        debouncer.add(about(2))
        await until(lambda: bool(server.refreshes))
    assert server.items == []


async def test_what_items_alone_cannot_tell_the_whole_library_does() -> None:
    server = Server(settles=False)
    async with listening(server) as debouncer:
        debouncer.add(about(1))
        await until(lambda: bool(server.refreshes))
    assert server.items == [{1}]


async def test_many_deletions_one_after_the_other_are_one_refresh() -> None:
    server = Server(settles=False)
    async with listening(server, replace(QUICK, gather=0.1)) as debouncer:
        for arr_id in range(1, 5):
            debouncer.add(about(arr_id))
            await asyncio.sleep(0.01)
        await until(lambda: bool(server.refreshes))
        await asyncio.sleep(0.15)
    assert (server.items, len(server.refreshes)) == ([{1}], 1)


async def test_a_storm_of_five_thousand_events_is_one_refresh() -> None:
    server = Server()
    async with listening(server) as debouncer:
        for number in range(1, 5001):
            debouncer.add(about(number))
        await until(lambda: bool(server.refreshes))
        await asyncio.sleep(0.1)
    assert (len(server.refreshes), server.items) == (1, [])


async def test_a_storm_that_goes_on_is_a_refresh_now_and_then() -> None:
    server = Server()
    async with listening(server) as debouncer:
        storm_until = asyncio.get_running_loop().time() + 0.5
        while asyncio.get_running_loop().time() < storm_until:
            debouncer.add(WHOLE)
            await asyncio.sleep(0.005)
        await until(lambda: len(server.refreshes) > 1)
    # 0.5 s of storm, 0.2 s between refreshes: at most the first, one each 0.2 s, and one for the rest.
    assert len(server.refreshes) <= 4
    waits = [after - before for before, after in zip(server.refreshes, server.refreshes[1:], strict=False)]
    assert min(waits) >= 0.2 - 0.01


async def test_news_during_a_question_is_asked_about_after_it() -> None:
    server = Server()
    async with listening(server) as debouncer:
        debouncer.add(about(1))
        await until(lambda: bool(server.items))
        debouncer.add(about(2))
        await until(lambda: len(server.items) > 1)
    assert server.items == [{1}, {2}]


async def test_a_database_that_fails_leaves_it_to_a_refresh() -> None:
    server = Server(error=DatabaseError("database is locked"))
    with capture_logs() as logs:
        async with listening(server) as debouncer:
            debouncer.add(about(1))
            await until(lambda: bool(server.refreshes))
    assert [line["error"] for line in logs if line["event"] == "database.unusable"] == ["database is locked"]


@pytest.mark.parametrize("count", [5, 6])
async def test_so_many_items_are_asked_for_one_by_one_and_no_more(count: int) -> None:
    server = Server()
    async with listening(server) as debouncer:
        debouncer.add(about(*range(1, count + 1)))
        await until(lambda: bool(server.items or server.refreshes))
    assert bool(server.items) is (count == 5)
