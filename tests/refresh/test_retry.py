"""A server that is unavailable for a moment is asked again in the same refresh, and all of it anew."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from tests.refresh.conftest import did
from tests.world import KEY
from trailarrd.domain.circuit import Circuit
from trailarrd.domain.report import ErrorKind, Outcome
from trailarrd.domain.retry import Retry
from trailarrd.errors import ProviderUnavailableError
from trailarrd.plugin import Timeouts
from trailarrd.testing import (
    RADARR,
    Ending,
    Fault,
    Latency,
    LoginPage,
    Phase,
    Refusal,
    Reset,
    ServerError,
    Stall,
    Truncated,
)

if TYPE_CHECKING:
    from tests.refresh.conftest import World
    from trailarrd.domain.report import RefreshReport

pytestmark = pytest.mark.parametrize("dialect", [RADARR], ids=["radarr"])

STARTING = ServerError(status=503)


@dataclass
class Chance:
    """The least that chance may leave of a wait."""

    asked: list[tuple[float, float]] = field(default_factory=list)

    def __call__(self, low: float, high: float) -> float:
        self.asked.append((low, high))
        return low / 50 if high <= 1 else 1.0


async def refresh(
    world: World, attempts: int = 3, max_wait: float = 30.0, interval: timedelta = timedelta(hours=1)
) -> RefreshReport:
    """A refresh with some patience, but whose own waits are short."""
    world.now += timedelta(minutes=1)
    refresher = world.refresher()
    retry = Retry(attempts=attempts, max_wait=max_wait)
    connection = replace(refresher.connection, retry=retry, interval=interval)
    return await replace(refresher, connection=connection, spread=Chance()).refresh()


async def circuit(world: World) -> Circuit:
    return await world.store.circuit(world.name)


def lists(world: World) -> int:
    """How often the whole library was asked for."""
    return sum(asked.phase is Phase.LIST for asked in world.shelf.server.requests)


@pytest.mark.parametrize(
    "fault",
    [
        ServerError(status=503, phase=Phase.STATUS, times=2),
        ServerError(status=500, phase=Phase.ROOT_FOLDERS, times=2),
        ServerError(status=502, phase=Phase.LIST, times=1),
        Reset(phase=Phase.LIST, times=2),
        Reset(at=0.5, phase=Phase.LIST, times=2),
        Truncated(at=0.9, ending=Ending.CLOSED, phase=Phase.LIST, times=2),
        Latency(seconds=30, phase=Phase.LIST, times=1),
        Stall(seconds=30, phase=Phase.LIST, times=1),
    ],
    ids=lambda fault: f"{type(fault).__name__}-{fault.phase}",
)
async def test_a_moment_of_trouble_is_outlived_and_leaves_no_trace(world: World, fault: Fault) -> None:
    world.timeouts = Timeouts(connect=2.0, first_byte=0.3, stall=0.3)
    await world.refresh()
    world.shelf.library.edit(1, title="Alpha Prime")
    world.shelf.library.delete(2)
    world.shelf.server.fault = fault
    report = await refresh(world)
    assert world.shelf.server.struck == fault.times
    assert (report.outcome, report.error) == (Outcome.OK, None)
    assert did(report) == {"fetched": 2, "unchanged": 1, "updated": 1, "removed": 1}
    assert await world.each("title") == {1: "Alpha Prime", 3: "Gamma"}
    assert await circuit(world) == Circuit()


async def test_each_attempt_begins_with_the_question_who_is_there(world: World) -> None:
    world.shelf.server.fault = Reset(at=0.5, phase=Phase.LIST, times=1)
    await refresh(world)
    phases = [asked.phase for asked in world.shelf.server.requests]
    assert phases == [Phase.STATUS, Phase.ROOT_FOLDERS, Phase.LIST] * 2


@pytest.mark.parametrize("attempts", [1, 2, 4])
async def test_it_asks_as_often_as_it_is_told_and_then_fails(world: World, attempts: int) -> None:
    world.shelf.server.fault = STARTING
    report = await refresh(world, attempts)
    assert len(world.shelf.server.requests) == attempts
    assert (report.outcome, report.error and report.error.kind) == (Outcome.FAILED, ErrorKind.UNAVAILABLE)
    assert (await circuit(world)).failures == 1, "one refresh failed, however often it asked"


@pytest.mark.parametrize("fault", [Refusal(), Refusal(status=404), LoginPage(), Truncated(at=0.5)])
async def test_what_time_does_not_heal_is_asked_once(world: World, fault: Fault) -> None:
    world.shelf.server.fault = replace(fault, phase=Phase.STATUS)
    assert (await refresh(world)).outcome is Outcome.FAILED
    assert len(world.shelf.server.requests) == 1


async def test_a_plugins_own_mistake_is_not_repeated(world: World) -> None:
    world.shelf.server.fault = None
    refresher = world.refresher()

    class Broken:
        calls = 0

        async def system_status(self) -> None:
            self.calls += 1
            raise ZeroDivisionError

    api: Any = Broken()
    connection = replace(refresher.connection, retry=Retry(attempts=5))
    report = await replace(refresher, connection=connection, api=api).refresh()
    assert (report.error and report.error.kind, api.calls) == (ErrorKind.INTERNAL, 1)


async def test_a_short_retry_after_is_waited_for(world: World) -> None:
    world.shelf.server.fault = ServerError(status=503, retry_after="1", times=1)
    began = asyncio.get_running_loop().time()
    assert (await refresh(world)).outcome is Outcome.OK
    assert 1 <= asyncio.get_running_loop().time() - began < 5


async def test_a_long_retry_after_is_left_to_the_circuit(world: World) -> None:
    world.shelf.server.fault = ServerError(status=503, retry_after="31")
    report = await refresh(world)
    assert (report.outcome, len(world.shelf.server.requests)) == (Outcome.FAILED, 1)
    assert await circuit(world) == Circuit(1, ErrorKind.UNAVAILABLE, world.now + timedelta(seconds=31))


async def test_how_long_is_too_long_can_be_told(world: World) -> None:
    world.shelf.server.fault = ServerError(status=503, retry_after="2")
    await refresh(world, max_wait=1.0)
    assert len(world.shelf.server.requests) == 1


async def test_failures_in_a_row_open_the_circuit_ever_longer_and_success_closes_it(world: World) -> None:
    world.shelf.server.fault = STARTING
    for failures, seconds in ((1, 30), (2, 60), (3, 120)):
        await refresh(world, attempts=1)
        kept = await circuit(world)
        assert kept == Circuit(failures, ErrorKind.UNAVAILABLE, world.now + timedelta(seconds=seconds))
    world.shelf.server.fault = None
    await refresh(world)
    assert await circuit(world) == Circuit()


async def test_a_server_that_refuses_connections_and_comes_back(world: World) -> None:
    await world.shelf.server.stop()
    report = await refresh(world)
    assert report.error is not None
    assert "connection refused" in report.error.message
    assert (await circuit(world)).failures == 1
    await world.shelf.server.start()
    assert (await refresh(world)).outcome is Outcome.OK
    assert await circuit(world) == Circuit()


async def test_a_refusal_is_kept_with_the_time_when_the_server_is_asked_who_it_is(world: World) -> None:
    world.shelf.server.fault = ServerError(status=503)
    await refresh(world, attempts=1)
    world.shelf.server.fault = Refusal()
    await refresh(world)
    kept = await circuit(world)
    soon = world.now + timedelta(minutes=1)
    assert (kept, kept.needs_user) == (Circuit(2, ErrorKind.REJECTED, soon), True)


async def test_a_retry_is_told_at_debug_only_and_without_the_key(world: World) -> None:
    """Whatever the plugin writes into its error."""

    class Talkative:
        async def system_status(self) -> None:
            raise ProviderUnavailableError(f"no answer to {KEY}")

    with capture_logs() as logs:
        refresher = world.refresher()
        connection = replace(refresher.connection, retry=Retry(attempts=2))
        api: Any = Talkative()
        await replace(refresher, connection=connection, api=api, spread=Chance()).refresh()
    (told,) = [line for line in logs if line["event"] == "refresh.retry"]
    assert (told["log_level"], told["connection"], told["error"]) == ("debug", "library", "no answer to ***")


async def test_a_stop_does_not_wait_for_the_next_attempt(world: World) -> None:
    world.shelf.server.fault = ServerError(status=503, retry_after="30")
    refreshing = asyncio.create_task(refresh(world))
    while not world.shelf.server.struck:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    refreshing.cancel()
    done, _ = await asyncio.wait({refreshing}, timeout=2)
    assert done
    assert refreshing.cancelled()


@pytest.mark.parametrize("retry_after", ["soon", float("nan"), float("inf"), -3, 10**30])
async def test_no_wish_of_a_plugin_is_too_odd(world: World, retry_after: Any) -> None:
    class Odd:
        async def system_status(self) -> None:
            raise ProviderUnavailableError("later", retry_after=retry_after)

    odd: Any = Odd()
    report = await world.refresh(odd)
    assert (report.error and report.error.kind) == ErrorKind.UNAVAILABLE
    kept = await circuit(world)
    assert timedelta(seconds=27) <= kept.remaining(world.now) <= timedelta(days=1)
