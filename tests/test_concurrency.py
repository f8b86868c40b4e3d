"""A blocking call never blocks the loop, and a hung one never blocks the end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from trailarrd.concurrency import in_thread


async def test_the_result_comes_from_a_daemon_thread() -> None:
    thread = await in_thread(threading.current_thread, "disk /movies")
    assert thread is not threading.main_thread()
    assert thread.daemon
    assert thread.name == "disk /movies"


async def test_an_exception_passes_through() -> None:
    def fail() -> None:
        raise PermissionError("no entry")

    with pytest.raises(PermissionError, match="no entry"):
        await in_thread(fail, "work")


async def test_even_an_exception_that_a_future_refuses_reaches_the_awaiter() -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        await asyncio.wait_for(in_thread(lambda: next(iter(())), "work"), 5)


async def test_cancelling_does_not_wait_and_the_late_result_is_dropped() -> None:
    back, finished = threading.Event(), threading.Event()

    def work() -> None:
        back.wait(30)
        finished.set()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(in_thread(work, "work"), 0.01)
    assert not finished.is_set()
    back.set()
    await in_thread(finished.wait, "wait")
    await asyncio.sleep(0)


async def test_the_loop_goes_on_meanwhile() -> None:
    started, back = threading.Event(), threading.Event()

    def work() -> str:
        started.set()
        return "released by the loop" if back.wait(30) else "the loop stood still"

    future = in_thread(work, "work")
    await in_thread(started.wait, "wait")
    back.set()
    assert await future == "released by the loop"


PROGRAM = """
import asyncio, threading, time
from trailarrd.concurrency import in_thread

async def main():
    in_thread({work}, "hung")
    await asyncio.sleep(0.05)

asyncio.run(main())
{end}
print("ended")
"""


@pytest.mark.parametrize(
    ("work", "end"),
    [
        ("threading.Event().wait", ""),
        ("lambda: time.sleep(0.3)", "time.sleep(0.6)"),
    ],
    ids=["it never comes back", "it comes back after the loop has closed"],
)
def test_a_hung_thread_neither_keeps_the_process_nor_complains(work: str, end: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(work=work, end=end)],
        capture_output=True,
        timeout=20,
        check=True,
    )
    assert (ended.stdout, ended.stderr) == (b"ended\n", b"")
