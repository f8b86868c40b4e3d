"""Refreshes that somebody asks for, and pollers that get another slot or retire."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from tests.daemon.script import FAILED, LOCKED, OK, PARTIAL, REJECTED, Script, polling
from trailarrd.daemon.poller import Poller
from trailarrd.errors import DatabaseError, StoppedError
from trailarrd.runtime.slot import ConnectionSlot

if TYPE_CHECKING:
    from trailarrd.domain.report import RefreshReport
    from trailarrd.refresh.refresher import Refresher


async def test_a_request_refreshes_now_and_answers_with_the_report() -> None:
    script = Script([OK, PARTIAL], interval=3600.0)
    async with polling(script) as poller, asyncio.timeout(5):
        while poller.state.running_since:
            await asyncio.sleep(0)
        assert await poller.request() is PARTIAL
        assert (len(script.began), poller.state.last) == (2, PARTIAL)


async def test_all_requests_during_a_refresh_get_the_one_that_begins_after_it() -> None:
    """The one that is on may have read what has changed since."""
    script = Script([OK, PARTIAL, FAILED], takes=0.05, interval=3600.0)
    async with polling(script) as poller, asyncio.timeout(5):
        assert poller.state.running_since
        requests = [poller.request() for _ in range(5)]
        assert [await request for request in requests] == [PARTIAL] * 5
        assert len(script.began) == 2


async def test_whoever_gives_up_waiting_takes_the_refresh_from_nobody_else() -> None:
    script = Script([OK, PARTIAL], takes=0.05, interval=3600.0)
    async with polling(script) as poller, asyncio.timeout(5):
        impatient = asyncio.ensure_future(_wait_for(poller))
        await asyncio.sleep(0)
        impatient.cancel()
        assert await poller.request() is PARTIAL


async def _wait_for(poller: Poller) -> RefreshReport:
    return await poller.request()


async def test_a_request_that_nobody_waits_for_is_carried_out_all_the_same() -> None:
    script = Script([OK], interval=3600.0)
    async with polling(script) as poller:
        poller.request()
        await asyncio.wait_for(script.over.wait(), 5)


async def test_a_request_asks_at_once_a_server_that_refuses_us() -> None:
    script = Script([REJECTED, OK], interval=3600.0)
    async with polling(script) as poller, asyncio.timeout(5):
        while len(script.ended) < 1 or poller.state.running_since:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert poller.state.due is not None
        assert poller.state.due > script.clock() + timedelta(seconds=30)
        assert await poller.request() is OK


async def test_trouble_with_the_database_is_the_answer_to_a_request() -> None:
    script = Script([OK, LOCKED], takes=0.01, interval=3600.0)
    async with polling(script) as poller, asyncio.timeout(5):
        with pytest.raises(DatabaseError, match="is locked"):
            await poller.request()


async def test_its_state_tells_what_it_does_and_when_it_will() -> None:
    script = Script([OK], takes=0.05, interval=3600.0)
    before = datetime.now(UTC)
    async with polling(script) as poller, asyncio.timeout(5):
        state = poller.state
        assert state.running_since
        assert before <= state.running_since <= datetime.now(UTC)
        assert (state.fetched, state.due, state.last) == (3, None, None)
        while poller.state.due is None:
            await asyncio.sleep(0.01)
        state = poller.state
        assert (state.running_since, state.last) == (None, OK)
        assert state.due
        assert timedelta(minutes=53) < state.due - before < timedelta(minutes=67)


async def test_another_desk_is_taken_with_the_next_refresh_and_the_old_one_is_left_first() -> None:
    old, new = Script([OK], takes=0.1, interval=3600.0), Script([PARTIAL], interval=3600.0)
    closed = asyncio.Event()

    async def close() -> None:
        assert len(old.ended) == 1, "not under a refresh"
        closed.set()

    slot = ConnectionSlot(cast("Refresher", old), close)
    poller = Poller(slot)
    running = asyncio.create_task(poller.run())
    await old.begun.wait()
    poller.move_to(ConnectionSlot(cast("Refresher", new)))
    closing = asyncio.create_task(slot.drain())
    async with asyncio.timeout(5):
        assert await poller.request() is PARTIAL
        await closing
    assert (len(old.began), len(new.began), closed.is_set()) == (1, 1, True)
    running.cancel()
    await asyncio.wait({running})


async def test_a_retired_poller_ends_after_its_refresh_and_tells_those_who_wait() -> None:
    script = Script([OK], takes=0.05, interval=3600.0)
    poller = Poller(ConnectionSlot(cast("Refresher", script)))
    running = asyncio.create_task(poller.run())
    await script.begun.wait()
    request = poller.request()
    poller.retire()
    async with asyncio.timeout(5):
        await running
        with pytest.raises(StoppedError, match="movies is refreshed no more"):
            await request
        with pytest.raises(StoppedError):
            await poller.request()
    assert len(script.ended) == 1, "it was not cut short"


async def test_a_retired_poller_that_waits_ends_at_once() -> None:
    script = Script([OK], interval=3600.0)
    poller = Poller(ConnectionSlot(cast("Refresher", script)))
    running = asyncio.create_task(poller.run())
    async with asyncio.timeout(5):
        while poller.state.due is None:
            await asyncio.sleep(0)
        poller.retire()
        await running


async def test_a_stop_tells_those_who_wait_for_the_refresh_that_it_cuts_short() -> None:
    script = Script([OK], takes=3600.0)
    poller = Poller(ConnectionSlot(cast("Refresher", script)))
    first = poller.request()
    running = asyncio.create_task(poller.run())
    await script.begun.wait()
    second = poller.request()
    running.cancel()
    await asyncio.wait({running})
    for request in (first, second):
        with pytest.raises(StoppedError, match="stopping"):
            await request
