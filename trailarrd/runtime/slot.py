"""A refresher and who works with it just now: it is exchanged without cutting anybody short."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from trailarrd.refresh.refresher import Refresher


async def _nothing() -> None:
    pass


class ConnectionSlot:
    """A connection's refresher with what must be closed after it, its session."""

    def __init__(
        self,
        refresher: Refresher,
        close: Callable[[], Awaitable[None]] = _nothing,
        *,
        basis: object = None,
    ) -> None:
        self.refresher = refresher
        """May be set to another one with the same session; whoever is at work keeps his."""
        self.basis = basis
        """What the session was opened for."""
        self.close = close
        """Closes the session now; closing it twice is fine."""
        self._leases = 0
        self._free = asyncio.Event()
        self._free.set()

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[Refresher]:
        """The refresher, whose session stays open until this block is left."""
        self._leases += 1
        self._free.clear()
        try:
            yield self.refresher
        finally:
            self._leases -= 1
            if not self._leases:
                self._free.set()

    async def drain(self) -> None:
        """Close the session as soon as nobody is at work with it."""
        await self._free.wait()
        await self.close()
