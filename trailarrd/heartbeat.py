"""Is the event loop free: how late a sleep of known length ends, as a metric and in the benchmarks.

While one step holds the loop, nothing else is answered: no webhook, no health question, no other
connection. So the longest of them is worth knowing.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

WINDOW: Final = 300.0
"""Seconds that `longest` looks back on."""


def spare_what_stays() -> None:
    """Leave all that was made so far out of every later garbage collection.

    What a start makes (modules, models, tables) stays to the end, some hundred thousand objects. To go
    through them again and again finds nothing and holds the loop for a tenth of a second each time.
    """
    gc.freeze()


class Heartbeat:
    """Beats every `interval` seconds while `run` does; what holds the loop longer makes a beat late."""

    def __init__(
        self,
        *,
        interval: float = 0.1,
        window: float = WINDOW,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interval = interval
        self._window = window
        self._clock = clock
        self._late: deque[tuple[float, float]] = deque()
        self.beats = 0
        """How often it has beaten: a number that stands still tells of a loop that does."""

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            due = self._clock() + self._interval
            await asyncio.sleep(self._interval)
            self.note(self._clock() - due)

    def note(self, lag: float) -> None:
        """Take in a beat that was so many seconds late; what is older than the window is forgotten."""
        now = self._clock()
        self.beats += 1
        # Only what is longer than all that came later can ever be the longest: few of 3,000 beats.
        while self._late and self._late[-1][1] <= lag:
            self._late.pop()
        self._late.append((now, max(0.0, lag)))
        self._forget(now)

    @property
    def longest(self) -> float:
        """The longest lag within the window, in seconds; 0 before the first beat."""
        self._forget(self._clock())
        return self._late[0][1] if self._late else 0.0

    def _forget(self, now: float) -> None:
        while self._late and self._late[0][0] < now - self._window:
            self._late.popleft()
