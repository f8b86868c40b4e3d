"""What something costs: memory, and the event loop's time."""

import asyncio
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path
from threading import get_ident
from typing import Any, TypeVar
from unittest.mock import patch

ResultT = TypeVar("ResultT")


def peak_of(work: Callable[[], object]) -> int:
    """The most bytes that were allocated at one time while it ran, beyond those before."""
    was_tracing = tracemalloc.is_tracing()
    if not was_tracing:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        work()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        if not was_tracing:
            tracemalloc.stop()


async def longest_timer_of(work: Awaitable[ResultT], *, early: float, late: float) -> tuple[ResultT, bool]:
    """The result, and whether a timer that was set in the first `early` seconds still ran after `late`."""
    loop, begun = asyncio.get_running_loop(), time.monotonic()
    found: list[asyncio.TimerHandle] = []
    real = loop.call_at

    def call_at(when: float, *args: Any, **options: Any) -> asyncio.TimerHandle:
        timer = real(when, *args, **options)
        if time.monotonic() - begun < early:
            found.append(timer)
        return timer

    with patch.object(loop, "call_at", call_at):
        task = asyncio.ensure_future(work)
        await asyncio.wait([task], timeout=early)
        waits = not task.done()
    await asyncio.wait([task], timeout=late - early)
    runs = waits and not task.done() and any(_runs(timer) for timer in found)
    return await task, runs


def _runs(timer: asyncio.TimerHandle) -> bool:
    """Whether it is one of `asyncio.timeout` or of aiohttp's, and is still to strike."""
    told = repr(getattr(timer, "_callback", None))
    return not timer.cancelled() and timer.when() > time.monotonic() and "imeout" in told


async def longest_turn_of(work: Awaitable[ResultT]) -> tuple[ResultT, float]:
    """The result, and the most seconds for which the event loop stood still in one turn meanwhile.

    What the machine gave to others is left out, where the system tells of it.
    """
    longest, mine = 0.0, get_ident()
    real: Callable[..., Any] = asyncio.Handle._run  # noqa: SLF001  # all that a loop does goes through it

    def timed(handle: asyncio.Handle) -> None:
        nonlocal longest
        begun = own_seconds()
        try:
            real(handle)
        finally:
            if get_ident() == mine:
                longest = max(longest, own_seconds() - begun)

    with patch.object(asyncio.Handle, "_run", timed):
        # in a task of its own, as the turn that is running has begun before
        result = await asyncio.ensure_future(work)
    return result, longest


def own_seconds() -> float:
    """Seconds that pass only while this thread works, or waits for something of its own."""
    try:
        waited = int(Path("/proc/thread-self/schedstat").read_bytes().split()[1])
    except (OSError, IndexError):  # not Linux, or one that does not count
        waited = 0
    return time.monotonic() - waited / 1e9
