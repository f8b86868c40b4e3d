"""When a connection is refreshed: at once, then again and again, never twice at a time; said once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest
from structlog.testing import capture_logs

from trailarrd.domain.connection import Connection
from trailarrd.domain.report import ErrorKind, Outcome, RefreshError, RefreshReport
from trailarrd.errors import DatabaseError
from trailarrd.poller import JITTER, Poller

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trailarrd.refresh import Refresher

OK = RefreshReport(connection="movies", provider="radarr", outcome=Outcome.OK)
PARTIAL = RefreshReport(connection="movies", provider="radarr", outcome=Outcome.PARTIAL)
FAILED = RefreshReport(
    connection="movies",
    provider="radarr",
    outcome=Outcome.FAILED,
    error=RefreshError(ErrorKind.UNAVAILABLE, "cannot connect to 127.0.0.1:7878"),
)
LOCKED = DatabaseError("database /var/lib/trailarrd.db is locked by another program")


@dataclass
class Script:
    """Refreshes as told, one after the other, and notes when; the last one's end is `over`."""

    rounds: Sequence[RefreshReport | Exception]
    takes: float = 0.0
    connection: Connection = field(default=Connection(name="movies", provider="radarr"))
    began: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    most_at_once: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def refresh(self) -> RefreshReport:
        clock = asyncio.get_running_loop().time
        self.began.append(clock())
        self.begun.set()
        self.most_at_once = max(self.most_at_once, len(self.began) - len(self.ended))
        await asyncio.sleep(self.takes)
        self.ended.append(clock())
        result = self.rounds[min(len(self.ended), len(self.rounds)) - 1]
        if len(self.ended) > len(self.rounds):
            self.over.set()
        if isinstance(result, Exception):
            raise result
        return result

    @property
    def waits(self) -> list[float]:
        """From the end of each refresh to the beginning of the next."""
        return [began - ended for ended, began in zip(self.ended, self.began[1:], strict=False)]


@dataclass
class Spread:
    """In place of chance: always this part of the way from the low end to the high end."""

    part: float
    asked: list[tuple[float, float]] = field(default_factory=list)

    def __call__(self, low: float, high: float) -> float:
        self.asked.append((low, high))
        return low + self.part * (high - low)


async def poll(script: Script, interval: float = 0.01, part: float = 0.5) -> Spread:
    """Poll until the whole script was played."""
    spread = Spread(part)
    poller = Poller(cast("Refresher", script), interval, spread=spread)
    running = asyncio.create_task(poller.run())
    waiting = asyncio.create_task(script.over.wait())
    done, _ = await asyncio.wait({running, waiting}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    running.cancel()
    waiting.cancel()
    await asyncio.wait({running, waiting})
    assert waiting in done, "the poller gave up"
    return spread


async def test_the_first_refresh_is_at_once() -> None:
    script = Script([OK])
    poller = asyncio.create_task(Poller(cast("Refresher", script), 3600.0).run())
    start = asyncio.get_running_loop().time()
    await script.begun.wait()
    assert script.began[0] - start < 1
    await asyncio.sleep(0.05)
    assert len(script.began) == 1, "and the next one only after the interval"
    poller.cancel()
    await asyncio.wait({poller})
    assert poller.cancelled()


@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
async def test_each_wait_is_the_interval_give_or_take_a_tenth(part: float) -> None:
    script = Script([OK] * 3)
    spread = await poll(script, interval=0.1, part=part)
    assert JITTER == 0.1
    assert set(spread.asked) == {(0.9, 1.1)}
    assert len(spread.asked) >= len(script.waits) == 3, "drawn anew for each wait"
    expected = 0.09 + part * 0.02
    assert [expected - 0.002 <= wait <= expected + 1 for wait in script.waits] == [True] * 3


async def test_chance_keeps_within_the_same_bounds_by_default() -> None:
    script = Script([OK] * 4)
    poller = asyncio.create_task(Poller(cast("Refresher", script), 0.05).run())
    await asyncio.wait_for(script.over.wait(), 10)
    poller.cancel()
    assert all(wait >= 0.044 for wait in script.waits)


async def test_refreshes_never_overlap_even_if_one_takes_longer_than_the_interval() -> None:
    script = Script([OK] * 4, takes=0.05)
    await poll(script, interval=0.01)
    assert script.most_at_once == 1
    assert all(wait >= 0.008 for wait in script.waits), "the wait begins when the refresh has ended"


async def test_a_server_that_goes_and_comes_back_is_said_once_each_time() -> None:
    rounds = [OK, FAILED, FAILED, FAILED, OK, OK, FAILED, PARTIAL, PARTIAL]
    with capture_logs() as logs:
        await poll(Script(rounds))
    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("connection.down", "error"),
        ("connection.back", "info"),
        ("connection.down", "error"),
        ("connection.back", "info"),
    ]
    assert logs[0] == {
        "event": "connection.down",
        "log_level": "error",
        "connection": "movies",
        "kind": "unavailable",
        "error": "cannot connect to 127.0.0.1:7878",
    }
    assert logs[1]["connection"] == "movies"


async def test_a_server_that_is_down_from_the_start_is_said_too() -> None:
    with capture_logs() as logs:
        await poll(Script([FAILED, FAILED, OK]))
    assert [line["event"] for line in logs] == ["connection.down", "connection.back"]


async def test_nothing_is_said_while_all_is_well() -> None:
    with capture_logs() as logs:
        await poll(Script([OK, PARTIAL, OK]))
    assert logs == []


async def test_trouble_with_the_database_is_logged_and_survived() -> None:
    script = Script([LOCKED, OK, LOCKED, OK])
    with capture_logs() as logs:
        await poll(script)
    assert len(script.ended) >= 4
    assert (
        logs
        == [
            {
                "event": "database.unusable",
                "log_level": "error",
                "connection": "movies",
                "error": "database /var/lib/trailarrd.db is locked by another program",
            }
        ]
        * 2
    )


async def test_trouble_with_the_database_says_nothing_about_the_server() -> None:
    with capture_logs() as logs:
        await poll(Script([FAILED, LOCKED, FAILED, LOCKED, OK]))
    told = [line["event"] for line in logs if line["event"] != "database.unusable"]
    assert told == ["connection.down", "connection.back"]


async def test_a_stop_ends_it_in_the_middle_of_a_refresh() -> None:
    script = Script([OK], takes=3600.0)
    poller = asyncio.create_task(Poller(cast("Refresher", script), 0.01).run())
    await script.begun.wait()
    poller.cancel()
    done, _ = await asyncio.wait({poller}, timeout=1)
    assert done
    assert (poller.cancelled(), script.ended) == (True, [])
