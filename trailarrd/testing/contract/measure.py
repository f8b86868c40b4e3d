"""What something costs: memory, and turns of the event loop."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

ResultT = TypeVar("ResultT")

_BEAT: Final = 0.02


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


async def beats_during(work: Awaitable[ResultT]) -> tuple[ResultT, int]:
    """The result, and how often another task had its turn meanwhile: up to 50 times a second."""
    count = 0

    async def beat() -> None:
        nonlocal count
        while True:
            await asyncio.sleep(_BEAT)
            count += 1

    heart = asyncio.ensure_future(beat())
    try:
        result = await work
    finally:
        heart.cancel()
        with suppress(asyncio.CancelledError):
            await heart
    return result, count
