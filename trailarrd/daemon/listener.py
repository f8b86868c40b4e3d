"""Hears what a server tells while it happens, for as long as the daemon runs; says "lost" and "back" once."""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

import structlog

from trailarrd.domain.retry import Backoff
from trailarrd.errors import ProviderError, ProviderRejectedError, summary
from trailarrd.plugin.session import open_session

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from trailarrd.daemon.debouncer import Debouncer
    from trailarrd.domain.connection import ArrServer
    from trailarrd.domain.secret import Redactor
    from trailarrd.plugin.provider import Provider, WebhookHint

log = structlog.get_logger()

BACKOFF: Final = Backoff(first=2.0, longest=300.0)
JITTER: Final = (0.8, 1.2)  # so that a server that is back does not meet all connections at once
STEADY: Final = 60.0
"""Seconds for which it must have been heard so that the first wait comes first again."""


async def feed_of(provider: Provider[Any], server: ArrServer) -> AsyncGenerator[WebhookHint, None]:
    """What that server tells, by a session of its own.

    Raises:
        ProviderError: it cannot be heard, or not any more.
    """
    if provider.live is None:
        raise ProviderRejectedError(f"provider {provider.name} cannot listen: delete live")
    async with open_session(server) as session, aclosing(provider.live(session, server)) as feed:
        async for hint in feed:
            yield hint


class Listener:
    """Hears one connection's server; after each loss the whole library is asked for, so nothing is missed."""

    def __init__(
        self,
        name: str,
        feed: Callable[[], AsyncGenerator[WebhookHint, None]],
        debouncer: Debouncer,
        redactor: Redactor,
        *,
        backoff: Backoff = BACKOFF,
        steady: float = STEADY,
    ) -> None:
        self._name = name
        self._feed = feed
        self._debouncer = debouncer
        self._redactor = redactor
        self._backoff = backoff
        self._steady = steady
        self._failures = 0
        self._heard_at = 0.0
        self._is_lost = False
        self.connected = False
        """Whether the server would be heard now."""

    async def run(self) -> None:
        """Listen, and again after each loss, ever less often; until cancelled."""
        while True:
            try:
                await self._listen()
            except Exception as error:  # noqa: BLE001  # a feed is a stranger's code
                self._lost(error)
            finally:
                self.connected = False
            jitter = random.uniform(*JITTER)  # noqa: S311  # no secret
            await asyncio.sleep(self._backoff.after(self._failures, jitter))

    async def _listen(self) -> None:
        async with aclosing(self._feed()) as feed:
            async for hint in feed:
                if not self.connected:
                    self._heard()
                self._debouncer.add(hint)
        raise ProviderError("the server stopped telling what happens")

    def _heard(self) -> None:
        if self._is_lost:
            log.info("live.back", connection=self._name)
        else:
            log.info("live.connected", connection=self._name)
        self.connected, self._is_lost = True, False
        self._heard_at = asyncio.get_running_loop().time()

    def _lost(self, error: Exception) -> None:
        """Who greets us and is gone at once is waited for ever longer, as who is not there at all."""
        if self.connected and asyncio.get_running_loop().time() - self._heard_at >= self._steady:
            self._failures = 0
        self._failures += 1
        if not self._is_lost:
            log.warning("live.lost", connection=self._name, error=self._redactor.clean(_said(error)))
        self._is_lost = True


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, ProviderError) else summary(error)
