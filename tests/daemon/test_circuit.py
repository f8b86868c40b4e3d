"""When a server in trouble is asked again: as its circuit says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

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


async def test_a_server_that_rejects_us_is_left_alone_until_a_command_has_succeeded() -> None:
    script = Script([REJECTED, OK], interval=0.02)
    poller = asyncio.create_task(Poller(ConnectionSlot(cast("Refresher", script))).run())
    await script.begun.wait()
    await asyncio.sleep(0.3)
    assert len(script.began) == 1, "many intervals later"
    script.kept = Circuit()
    await asyncio.wait_for(script.over.wait(), 10)
    poller.cancel()
    await asyncio.wait({poller})


@pytest.mark.parametrize("kind", [ErrorKind.RESPONSE, ErrorKind.INTERNAL])
async def test_any_other_failure_keeps_the_interval(kind: ErrorKind) -> None:
    failed = RefreshReport(
        connection="movies", provider="radarr", outcome=Outcome.FAILED, error=RefreshError(kind, "odd")
    )
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
