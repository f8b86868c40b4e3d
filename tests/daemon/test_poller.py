"""When a connection is refreshed: at once, then by its interval, never twice at a time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest
from structlog.testing import capture_logs

from tests.daemon.script import FAILED, LOCKED, OK, PARTIAL, Script, poll
from trailarrd.daemon.poller import Poller
from trailarrd.domain.circuit import JITTER
from trailarrd.health import DaemonHealth, judge
from trailarrd.runtime.slot import ConnectionSlot

if TYPE_CHECKING:
    from trailarrd.refresh.refresher import Refresher


async def test_the_first_refresh_is_at_once() -> None:
    script = Script([OK], interval=3600.0)
    poller = asyncio.create_task(Poller(ConnectionSlot(cast("Refresher", script))).run())
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
    poller = asyncio.create_task(Poller(ConnectionSlot(cast("Refresher", script))).run())
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
    poller = asyncio.create_task(Poller(ConnectionSlot(cast("Refresher", script))).run())
    await script.begun.wait()
    poller.cancel()
    done, _ = await asyncio.wait({poller}, timeout=1)
    assert done
    assert (poller.cancelled(), script.ended) == (True, [])


async def test_a_mistake_of_ours_is_told_with_its_traceback_and_stops_nothing() -> None:
    script = Script([ZeroDivisionError("a mistake"), OK])
    with capture_logs() as logs:
        await poll(script)
    assert [(line["event"], line["connection"], line["exc_info"]) for line in logs] == [
        ("refresh.bug", "movies", True)
    ]


async def test_a_refresh_that_could_not_be_stored_is_remembered_until_one_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The database cannot tell that it cannot be written; asked is the server only when it can."""
    monkeypatch.setattr("trailarrd.daemon.poller._BETWEEN_PROBES", timedelta(milliseconds=20))
    script = Script([LOCKED, OK], interval=3600.0, unwritable=2)
    poller = Poller(ConnectionSlot(cast("Refresher", script)))
    running = asyncio.create_task(poller.run())
    async with asyncio.timeout(20):
        while poller.state.unstored is None:
            await asyncio.sleep(0.001)
        assert poller.state.unstored == str(LOCKED)
        while poller.state.unstored:
            await asyncio.sleep(0.001)
    assert (len(script.probes), len(script.began)) == (3, 2)
    running.cancel()
    await asyncio.wait({running})


async def test_only_a_refresh_that_ends_well_puts_off_when_it_is_late() -> None:
    script = Script([OK, RuntimeError("a mistake of ours"), FAILED, OK])
    poller, late = Poller(ConnectionSlot(cast("Refresher", script))), []
    running = asyncio.create_task(poller.run())
    for _ in script.rounds:
        await script.begun.wait()
        script.begun.clear()
        late.append(poller.late_at)
    await script.over.wait()
    await asyncio.sleep(0)
    running.cancel()
    assert late[0] < late[1] == late[2] == late[3] < poller.late_at
    process = DaemonHealth(lag_s=0.0, late={"movies": late[0]})
    for minutes, expected in ((4, []), (6, ["refresh-overdue"])):
        now = late[0] + timedelta(minutes=minutes)
        assert [one.code for one in judge([], {}, now=now, process=process).issues] == expected
