"""Work at a disk that may hang: a thread does it, and after a while nobody waits for that any more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from threading import Event
from typing import Final, TypeVar

from trailarrd.concurrency import in_thread, to_completion
from trailarrd.domain.failure import Failure
from trailarrd.download.placing import PlacingError

T = TypeVar("T")

_LONGEST: Final = 600.0
"""Seconds that a disk may take for a copy."""


class Patience:
    """With one download's disks; what was left to itself hears of it by `given_up`."""

    def __init__(self, seconds: float = _LONGEST) -> None:
        self._seconds = seconds
        self.given_up = Event()
        """Then nothing becomes visible any more."""

    async def wait_for(self, work: Callable[[], T]) -> T:
        """What it returns or raises; raises `PlacingError` if the disk does not answer."""
        thread = in_thread(work, "download")
        try:
            done, _ = await asyncio.wait({thread}, timeout=self._seconds)
        except asyncio.CancelledError:
            self._give_up(thread)
            await asyncio.wait({thread}, timeout=5)
            raise
        if not done:
            self._give_up(thread)
            raise PlacingError(Failure.DISK, "the disk does not answer")
        return thread.result()

    def _give_up(self, thread: asyncio.Future[T]) -> None:
        """How it ends is nobody's concern any more."""
        self.given_up.set()
        thread.add_done_callback(lambda late: late.cancelled() or late.exception())

    @asynccontextmanager
    async def within(self, block: AbstractContextManager[T]) -> AsyncIterator[T]:
        """A block whose beginning and end are such work."""

        def leave() -> None:
            block.__exit__(None, None, None)

        try:
            entered = await self.wait_for(block.__enter__)
        except asyncio.CancelledError:
            with suppress(ValueError, TimeoutError):  # it is at it still, and leaves by itself
                async with asyncio.timeout(1):
                    await in_thread(leave, "download")
            raise
        try:
            yield entered
        finally:
            await to_completion(self.wait_for(leave))
