"""How long the event loop was held, and for how long that is remembered."""

from __future__ import annotations

import asyncio
import time

from hypothesis import given
from hypothesis import strategies as st

from trailarrd.heartbeat import Heartbeat


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(0, 1)), max_size=30))
def test_the_longest_is_that_of_the_window(beats: list[tuple[float, float]]) -> None:
    clock, noted = Clock(), list[tuple[float, float]]()
    heart = Heartbeat(window=60, clock=clock)
    for gap, lag in beats:
        clock.now += gap
        heart.note(lag)
        noted.append((clock.now, lag))
        assert heart.longest == max(lag for at, lag in noted if at >= clock.now - 60)
    assert heart.beats == len(beats)
    clock.now += 61
    assert heart.longest == 0


async def test_a_step_that_holds_the_loop_shows() -> None:
    heart = Heartbeat(interval=0.005)
    beating = asyncio.create_task(heart.run())
    await asyncio.sleep(0.02)
    time.sleep(0.2)  # noqa: ASYNC251  # that is what shall show
    await asyncio.sleep(0.02)
    beating.cancel()
    assert heart.longest > 0.15
    assert heart.beats >= 2
