"""Messages on their way to one service, which may not be there for a while."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeAlias

import structlog

from trailarrd.domain.backoff import Backoff

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from trailarrd.domain.notification import Message

Sender: TypeAlias = "Callable[[Message], Awaitable[bool]]"

log = structlog.get_logger()

TRIES: Final = 8
"""Of one message."""
BACKOFF: Final = Backoff(first=5.0, longest=320.0)
"""Ten minutes in all."""
MOST_WAITING: Final = 20
"""Messages that are kept; beyond that the oldest is lost."""


class Outbox:
    """Sends one message after the other, each again until it has arrived or there is no point in it."""

    def __init__(self, to: str, send: Sender, *, backoff: Backoff = BACKOFF) -> None:
        self._to = to
        """Where that is, as the user can find it; never the address."""
        self._send = send
        self._backoff = backoff
        self._waiting: asyncio.Queue[Message] = asyncio.Queue(MOST_WAITING)

    def put(self, message: Message) -> None:
        """Send it in its turn; never waits."""
        if self._waiting.full():
            self._lose(self._waiting.get_nowait(), f"more than {MOST_WAITING} wait")
        self._waiting.put_nowait(message)

    async def run(self) -> None:
        """Send until cancelled; what has not arrived by then is lost."""
        try:
            while True:
                await self._deliver(await self._waiting.get())
        finally:
            for message in self._left():
                self._lose(message, "not sent when it was stopped")

    async def _deliver(self, message: Message) -> None:
        try:
            if not await self._arrives(message):
                self._lose(message, f"{TRIES} tries failed")
        except asyncio.CancelledError:
            self._lose(message, "not sent when it was stopped")
            raise

    async def _arrives(self, message: Message) -> bool:
        for failures in range(1, TRIES):
            if await self._send(message):
                return True
            if failures == 1:
                log.info("notify.delayed", to=self._to, message=message.title)
            await asyncio.sleep(self._backoff.after(failures))
        return await self._send(message)

    def _left(self) -> Iterator[Message]:
        while not self._waiting.empty():
            yield self._waiting.get_nowait()

    def _lose(self, message: Message, reason: str) -> None:
        log.warning("notify.failed", to=self._to, message=message.title, reason=reason)
