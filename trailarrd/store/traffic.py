"""The transactions that are under way, for whoever can leave them the machine for a moment.

A transaction goes to its thread and back for every statement. Whoever keeps the event loop busy meanwhile
in long steps lets it wait for one of them each time, though it needs next to nothing itself.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Traffic:
    """How many transactions this process has under way."""

    def __init__(self) -> None:
        self._under_way = 0
        self._lull = asyncio.Event()
        self._lull.set()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One is under way for as long as this block."""
        self._under_way += 1
        self._lull.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._lull.set()

    async def lull(self, longest: float) -> None:
        """Wait until none is under way, at most so many seconds; in any case it is others' turn."""
        await asyncio.sleep(0)
        with suppress(TimeoutError):
            async with asyncio.timeout(longest):
                await self._lull.wait()
