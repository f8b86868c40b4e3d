"""How long the event loop was busy at a time, so how late it answered."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

_MEMORY: Final = 60.0
"""Seconds."""
_SHORT: Final = 0.002
"""Seconds: what holds the loop for less is not noted."""


class LoopLag:
    """Watches between which two moments the running loop could hear nobody.

    It does so where the loop waits for what happens next, so it costs nothing while nothing does, and
    misses nothing, however short.
    """

    def __init__(self) -> None:
        self._worst: deque[tuple[float, float]] = deque()
        """When and how many seconds: none that a later one outdid."""
        self._busy_since: float | None = None

    @property
    def worst(self) -> float:
        """Seconds for which the loop heard nobody, at most, in the last minute."""
        now = time.monotonic()
        if self._busy_since is not None:  # whoever asks is not to blame for what came before him in his turn
            self._note(now, now - self._busy_since)
        self._forget(now)
        return self._worst[0][1] if self._worst else 0.0

    async def run(self) -> None:
        """Watch until cancelled."""
        selector: Any = asyncio.get_running_loop()._selector  # type: ignore[attr-defined]  # noqa: SLF001  # asyncio tells in no other way
        select = selector.select
        selector.select = self._watched(select)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            selector.select = select
            self._busy_since = None

    def _watched(self, select: Callable[[float | None], list[Any]]) -> Callable[[float | None], list[Any]]:
        clock = time.monotonic

        def watched(timeout: float | None = None) -> list[Any]:
            began = clock()
            if self._busy_since is not None and began - self._busy_since > _SHORT:
                self._note(began, began - self._busy_since)
            ready = select(timeout)
            ended = self._busy_since = clock()
            if timeout is not None and not ready and ended - began - timeout > _SHORT:
                self._note(ended, ended - began - timeout)  # nobody woke us in time: the machine is busy
            return ready

        return watched

    def _note(self, at: float, seconds: float) -> None:
        self._forget(at)
        while self._worst and self._worst[-1][1] <= seconds:
            self._worst.pop()
        self._worst.append((at, seconds))

    def _forget(self, now: float) -> None:
        while self._worst and now - self._worst[0][0] > _MEMORY:
            self._worst.popleft()
