"""When a connection is refreshed: at once, then as interval and circuit say, never twice at a time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest
from structlog.testing import capture_logs

from trailarrd.desk import Desk
from trailarrd.domain.circuit import JITTER, Circuit
from trailarrd.domain.connection import Connection
from trailarrd.domain.report import ErrorKind, Outcome, RefreshError, RefreshReport
from trailarrd.errors import DatabaseError, StoppedError
from trailarrd.poller import Poller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from trailarrd.refresh import Refresher

OK = RefreshReport(connection="movies", provider="radarr", outcome=Outcome.OK)
PARTIAL = RefreshReport(connection="movies", provider="radarr", outcome=Outcome.PARTIAL)
FAILED = RefreshReport(
    connection="movies",
    provider="radarr",
    outcome=Outcome.FAILED,
    error=RefreshError(ErrorKind.UNAVAILABLE, "cannot connect to 127.0.0.1:7878"),
)
REJECTED = RefreshReport(
    connection="movies",
    provider="radarr",
    outcome=Outcome.FAILED,
    error=RefreshError(ErrorKind.REJECTED, "the server refuses the API key"),
)
LOCKED = DatabaseError("database /var/lib/trailarrd.db is locked by another program")


@dataclass
class Script:
    """Refreshes as told, one after the other, and notes when; the last one's end is `over`."""

    rounds: Sequence[RefreshReport | Exception]
    takes: float = 0.0
    interval: float = 0.01
    kept: Circuit = field(default_factory=Circuit)
    """What the database has; `refresh` writes it as the real one does."""
    readable: bool = True
    began: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    most_at_once: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def connection(self) -> Connection:
        return Connection(name="movies", provider="radarr", interval=timedelta(seconds=self.interval))

    def clock(self) -> datetime:
        return datetime.now(UTC)

    async def circuit(self) -> Circuit:
        if not self.readable:
            raise LOCKED
        return self.kept

    async def refresh(self, progress: Callable[[int], None]) -> RefreshReport:
        progress(3)
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
        self.kept = self.kept_after(result)
        return result

    def kept_after(self, report: RefreshReport) -> Circuit:
        if report.error is None:
            return Circuit()
        return self.kept.failed(report.error.kind, at=self.clock(), interval=self.connection.interval)

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


async def poll(script: Script, part: float = 0.5) -> Spread:
    """Poll until the whole script was played."""
    spread = Spread(part)
    poller = Poller(Desk(cast("Refresher", script)), spread=spread)
    running = asyncio.create_task(poller.run())
    waiting = asyncio.create_task(script.over.wait())
    done, _ = await asyncio.wait({running, waiting}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    running.cancel()
    waiting.cancel()
    await asyncio.wait({running, waiting})
    assert waiting in done, "the poller gave up"
    return spread


async def test_the_first_refresh_is_at_once() -> None:
    script = Script([OK], interval=3600.0)
    poller = asyncio.create_task(Poller(Desk(cast("Refresher", script))).run())
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
    script = Script([OK] * 3, interval=0.1)
    spread = await poll(script, part=part)
    assert JITTER == (0.9, 1.1)
    assert set(spread.asked) == {(0.9, 1.1)}
    assert len(spread.asked) >= len(script.waits) == 3, "drawn anew for each wait"
    expected = 0.09 + part * 0.02
    assert [expected - 0.002 <= wait <= expected + 1 for wait in script.waits] == [True] * 3


async def test_chance_keeps_within_the_same_bounds_by_default() -> None:
    script = Script([OK] * 4, interval=0.05)
    poller = asyncio.create_task(Poller(Desk(cast("Refresher", script))).run())
    await asyncio.wait_for(script.over.wait(), 10)
    poller.cancel()
    assert all(wait >= 0.044 for wait in script.waits)


async def test_refreshes_never_overlap_even_if_one_takes_longer_than_the_interval() -> None:
    script = Script([OK] * 4, takes=0.05)
    await poll(script)
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
    poller = asyncio.create_task(Poller(Desk(cast("Refresher", script))).run())
    await script.begun.wait()
    poller.cancel()
    done, _ = await asyncio.wait({poller}, timeout=1)
    assert done
    assert (poller.cancelled(), script.ended) == (True, [])


# -- the circuit ----------------------------------------------------------------------------------


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
        poller = asyncio.create_task(Poller(Desk(cast("Refresher", script))).run())
        await asyncio.wait_for(script.begun.wait(), 5)
        poller.cancel()
        await asyncio.wait({poller})


async def test_a_server_that_rejects_us_is_left_alone_until_a_command_has_succeeded() -> None:
    script = Script([REJECTED, OK], interval=0.02)
    poller = asyncio.create_task(Poller(Desk(cast("Refresher", script))).run())
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


async def test_a_mistake_of_ours_is_told_with_its_traceback_and_stops_nothing() -> None:
    script = Script([ZeroDivisionError("a mistake"), OK])
    with capture_logs() as logs:
        await poll(script)
    assert [(line["event"], line["connection"], line["exc_info"]) for line in logs] == [
        ("refresh.bug", "movies", True)
    ]


# -- requests and exchange ------------------------------------------------------------------------


@asynccontextmanager
async def polling(script: Script) -> AsyncIterator[Poller]:
    """A poller that runs until the block is left; its first refresh has begun."""
    poller = Poller(Desk(cast("Refresher", script)))
    running = asyncio.create_task(poller.run())
    await script.begun.wait()
    yield poller
    running.cancel()
    await asyncio.wait({running})


async def test_a_request_refreshes_now_and_answers_with_the_report() -> None:
    script = Script([OK, PARTIAL], interval=3600.0)
    async with polling(script) as poller, asyncio.timeout(5):
        while poller.state.running_since:  # noqa: ASYNC110  # nothing tells the end of a refresh
            await asyncio.sleep(0)
        assert await poller.request() is PARTIAL
        assert (len(script.began), poller.state.last) == (2, PARTIAL)


async def test_all_requests_during_a_refresh_get_the_one_that_begins_after_it() -> None:
    """The one that is on may have read what has changed since."""
    script = Script([OK, PARTIAL, FAILED], takes=0.05, interval=3600.0)
    async with polling(script) as poller, asyncio.timeout(5):
        assert poller.state.running_since
        requests = [poller.request() for _ in range(5)]
        assert poller.state.requested
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


async def test_a_request_wakes_a_connection_that_only_its_user_could_help() -> None:
    script = Script([REJECTED, OK], interval=3600.0)
    async with polling(script) as poller, asyncio.timeout(5):
        while len(script.ended) < 1 or poller.state.running_since:  # noqa: ASYNC110
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert poller.state.due is None, "nobody knows when"
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
        assert (state.fetched, state.due, state.requested, state.last) == (3, None, False, None)
        while poller.state.due is None:  # noqa: ASYNC110  # nothing tells the end of a refresh
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

    desk = Desk(cast("Refresher", old), close)
    poller = Poller(desk)
    running = asyncio.create_task(poller.run())
    await old.begun.wait()
    poller.take(Desk(cast("Refresher", new)))
    closing = asyncio.create_task(desk.clear())
    async with asyncio.timeout(5):
        assert await poller.request() is PARTIAL
        await closing
    assert (len(old.began), len(new.began), closed.is_set()) == (1, 1, True)
    running.cancel()
    await asyncio.wait({running})


async def test_a_retired_poller_ends_after_its_refresh_and_tells_those_who_wait() -> None:
    script = Script([OK], takes=0.05, interval=3600.0)
    poller = Poller(Desk(cast("Refresher", script)))
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
    poller = Poller(Desk(cast("Refresher", script)))
    running = asyncio.create_task(poller.run())
    async with asyncio.timeout(5):
        while poller.state.due is None:  # noqa: ASYNC110  # nothing tells the end of a refresh
            await asyncio.sleep(0)
        poller.retire()
        await running


async def test_a_stop_tells_those_who_wait_for_the_refresh_that_it_cuts_short() -> None:
    script = Script([OK], takes=3600.0)
    poller = Poller(Desk(cast("Refresher", script)))
    first = poller.request()
    running = asyncio.create_task(poller.run())
    await script.begun.wait()
    second = poller.request()
    running.cancel()
    await asyncio.wait({running})
    for request in (first, second):
        with pytest.raises(StoppedError, match="stopping"):
            await request
