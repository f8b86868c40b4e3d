"""What the database says, asked once for all who want to know it at the same time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


class Cached(Generic[T]):
    """An answer that is kept for a while; one that fails is not."""

    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read
        self._kept: tuple[float, T] | None = None
        self._lock = asyncio.Lock()

    async def get(self, max_age: float) -> T:
        """As it was at most so many seconds ago; raises what reading raises."""
        async with self._lock:
            if self._kept is None or time.monotonic() - self._kept[0] >= max_age:
                answer = await self._read()
                self._kept = time.monotonic(), answer
            return self._kept[1]
