"""How late the event loop is: a loop that is blocked answers nobody."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

_BEAT: Final = 0.25
_MEMORY: Final = 60.0
"""Seconds."""


class Heartbeat:
    """Beats while it runs, and notes how late each beat was."""

    def __init__(self, beat: float = _BEAT) -> None:
        self._beat = beat
        """Seconds between two beats: what holds the loop for less may not show."""
        self._lags: deque[float] = deque([0.0], maxlen=int(_MEMORY / beat))

    @property
    def worst(self) -> float:
        """Seconds that the latest beat of the last minute was late."""
        return max(self._lags)

    async def run(self) -> None:
        """Beat until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            wanted = loop.time() + self._beat
            await asyncio.sleep(self._beat)
            self._lags.append(max(0.0, loop.time() - wanted))
