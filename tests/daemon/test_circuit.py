"""When a server in trouble is asked again: as its circuit says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from tests.daemon.script import FAILED, LOCKED, OK, REJECTED, Script, poll
from trailarrd.daemon.poller import Poller
from trailarrd.domain.circuit import Circuit
from trailarrd.domain.report import ErrorKind, Outcome, RefreshError, RefreshReport
from trailarrd.runtime.slot import ConnectionSlot

if TYPE_CHECKING:
    from trailarrd.refresh.refresher import Refresher


def due_in(seconds: float, kind: ErrorKind = ErrorKind.UNAVAILABLE) -> Circuit:
    """An open circuit that may be tried then."""
    return Circuit(1, kind, datetime.now(UTC) + timedelta(seconds=seconds))


@dataclass
class Down(Script):
    """Every failure keeps the circuit open for so long, as a server may ask for."""

    retry_after: float = 0.0

    def kept_after(self, report: RefreshReport) -> Circuit:
        return due_in(self.retry_after) if report.error else Circuit()


async def test_a_server_that_is_down_is_asked_when_its_circuit_says_and_not_by_the_interval() -> None:
    script = Down([FAILED, FAILED, FAILED], interval=3600.0, retry_after=0.1)
    await poll(script)
    assert [wait >= 0.095 for wait in script.waits] == [True] * 3


async def test_it_is_not_asked_earlier_either() -> None:
    script = Down([FAILED, FAILED], interval=0.001, retry_after=0.2)
    await poll(script)
    assert [wait >= 0.195 for wait in script.waits] == [True] * 2


async def test_a_start_asks_at_once_whatever_the_circuit_was() -> None:
    for kept in (due_in(3600), Circuit(7, ErrorKind.REJECTED)):
        script = Script([OK], interval=3600.0, kept=kept)
        poller = asyncio.create_task(Poller(ConnectionSlot(cast("Refresher", script))).run())
        await asyncio.wait_for(script.begun.wait(), 5)
        poller.cancel()
        await asyncio.wait({poller})


@dataclass
class Hasty(Script):
    """Its waits after a refusal are over at once."""

    def kept_after(self, report: RefreshReport) -> Circuit:
        return due_in(0.05, ErrorKind.REJECTED) if report.error else Circuit()

    async def still_refused(self) -> bool:
        refused = await super().still_refused()
        self.kept = due_in(0.05, ErrorKind.REJECTED)
        return refused


async def test_a_server_that_refuses_us_is_asked_who_it_is_until_it_takes_us_and_only_then_refreshed() -> (
    None
):
    script = Hasty([REJECTED, OK], interval=0.02, refuses=3)
    await poll(script)
    assert len(script.asked) == 4
    assert script.asked[-1] <= script.began[1] < script.asked[-1] + 1
    assert [later - earlier >= 0.045 for earlier, later in pairwise(script.asked)] == [True] * 3


async def test_a_server_that_refuses_us_is_not_asked_before_its_time() -> None:
    script = Script([REJECTED, OK], interval=0.02)
    poller = asyncio.create_task(Poller(ConnectionSlot(cast("Refresher", script))).run())
    await script.begun.wait()
    await asyncio.sleep(0.3)
    assert (len(script.began), script.asked) == (1, []), "many intervals later"
    script.kept = Circuit()
    await asyncio.wait_for(script.over.wait(), 10)
    poller.cancel()
    await asyncio.wait({poller})


async def test_a_mistake_of_a_programmers_keeps_the_interval() -> None:
    error = RefreshError(ErrorKind.INTERNAL, "odd")
    failed = RefreshReport(connection="movies", provider="radarr", outcome=Outcome.FAILED, error=error)
    script = Script([failed] * 3, interval=0.1)
    spread = await poll(script)
    assert len(spread.asked) >= 3
    assert all(wait >= 0.098 for wait in script.waits)


async def test_a_database_in_trouble_is_no_reason_to_ask_without_a_pause() -> None:
    """The circuit's time is over, and stays so, as nothing can be written."""
    script = Script([LOCKED] * 3, interval=0.1, kept=due_in(-3600))
    await poll(script)
    assert all(wait >= 0.098 for wait in script.waits)


async def test_a_circuit_that_cannot_be_read_leaves_it_at_the_interval() -> None:
    script = Script([OK, REJECTED, OK], interval=0.1, readable=False)
    await poll(script)
    assert all(wait >= 0.098 for wait in script.waits)
