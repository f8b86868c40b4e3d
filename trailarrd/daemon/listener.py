"""Hears what a server tells while it happens, for as long as the daemon runs; says "lost" and "back" once."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from trailarrd.domain.retry import Backoff
from trailarrd.errors import ProviderError, ProviderResponseError, summary

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from trailarrd.daemon.debouncer import Debouncer
    from trailarrd.domain.secret import Redactor
    from trailarrd.plugin.provider import WebhookHint

log = structlog.get_logger()

BACKOFF: Final = Backoff(first=2.0, longest=300.0)
JITTER: Final = (0.8, 1.2)  # so that a server that is back does not meet all connections at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a listener waits, in seconds."""

    backoff: Backoff = BACKOFF
    """Before it listens again after a loss."""
    steady: float = 60.0
    """For so long it must have been heard so that the first wait comes first again."""
    long_wait: float = 3600.0
    """Before it tries again where there is no hub to be heard, or one that does not stay."""
    most_losses: int = 3
    """So many within that time are of a hub that does not stay, as behind a proxy that cuts idle sockets."""
    tries: int = 6
    """So many in a row must find no hub where one was heard before: something may be in front for a while."""
    between_lists: float = 600.0
    """Between two lists that are asked for because the hub was lost."""
    refused: float = 60.0
    """Between two looks whether a server that refused us takes us again."""


class Listener:
    """Hears one connection's server.

    What a hub does not tell, because it was not heard then, is in the next list of the whole library. One
    that begins after the hub has greeted has all of it: only where there is none is one more asked for.
    """

    def __init__(
        self,
        name: str,
        feed: Callable[[], AsyncGenerator[WebhookHint, None]],
        debouncer: Debouncer,
        redactor: Redactor,
        patience: Patience | None = None,
    ) -> None:
        self._name = name
        self._feed = feed
        self._debouncer = debouncer
        self._redactor = redactor
        self._patience = patience or Patience()
        self._failures = 0
        self._heard_at = 0.0
        self._losses: deque[float] = deque(maxlen=self._patience.most_losses)
        self._is_lost = False
        self._given_up: str | None = None
        self._caught_up: float | None = None
        """When a list was asked for last because the hub had not been heard."""
        self._catching_up: asyncio.TimerHandle | None = None
        """The list that waits for its turn, as long as the hub is there."""
        self.connected = False
        """Whether the server would be heard now."""
        self.tried = asyncio.Event()
        """Whether it is known if the server can be heard."""

    @property
    def unheard(self) -> str | None:
        """Why there is no hub that stays to be heard; None if there is, or if it is only lost for now."""
        return None if self.connected else self._given_up

    @property
    def hears_all(self) -> bool:
        """Whether it has been heard since before the last list, which went well: nothing went in silence."""
        state = self._debouncer.poller.state
        is_idle = state.running_since is None and state.unstored is None
        went_well = is_idle and state.last is not None and state.last.error is None
        return self.connected and went_well and self._is_listed

    @property
    def _is_listed(self) -> bool:
        listed = self._debouncer.poller.listed
        return listed is not None and listed >= self._heard_at

    async def run(self) -> None:
        """Listen, and again after each loss, ever less often; until cancelled."""
        while True:
            try:
                await self._listen()
            except Exception as error:  # noqa: BLE001  # a feed is a stranger's code
                wait = self._lost(error)
            finally:
                self.connected = False
                if self._catching_up:
                    self._catching_up.cancel()
            self.tried.set()
            await asyncio.sleep(wait * random.uniform(*JITTER))  # noqa: S311  # no secret
            while self._debouncer.poller.is_refused:  # noqa: ASYNC110  # this is who asks then, and seldom
                await asyncio.sleep(self._patience.refused)

    async def _listen(self) -> None:
        async with aclosing(self._feed()) as feed:
            async for hint in feed:
                if self.connected:
                    self._debouncer.add(hint)
                else:
                    self._heard()
                    self._catch_up_in_turn(hint)
        raise ProviderError("the server stopped telling what happens")

    def _heard(self) -> None:
        if self._is_lost:
            log.info("live.back", connection=self._name)
        elif not self._losses and self._given_up is None:
            log.info("live.connected", connection=self._name)
        self.connected, self._is_lost = True, False
        self._heard_at = _now()
        self.tried.set()

    def _catch_up_in_turn(self, greeting: WebhookHint) -> None:
        """Have what happened before the greeting asked for, if no list was begun after it."""
        turn = 0.0 if self._caught_up is None else self._caught_up + self._patience.between_lists
        if turn <= _now():
            self._catch_up(greeting)
        else:
            self._catching_up = asyncio.get_running_loop().call_at(turn, self._catch_up, greeting)

    def _catch_up(self, greeting: WebhookHint) -> None:
        is_first = self._debouncer.poller.listed is None  # the list that is still to come has it all
        if not (is_first or self._is_listed):
            self._caught_up = _now()
            self._debouncer.add(greeting)

    def _lost(self, error: Exception) -> float:
        """Seconds to wait before the next try.

        Who greets us and is gone at once is waited for ever longer, as who is not there at all.
        """
        lasted = _now() - self._heard_at if self.connected else 0.0
        if lasted >= self._patience.steady:
            self._failures = 0
        self._failures += 1
        if self.connected:
            self._losses.append(_now())
        if self._is_hopeless(error, lasted):
            return self._give_up(f"lost again and again: {_said(error)}" if self.connected else _said(error))
        self._given_up = None
        again = len(self._losses) > 1 and self._losses[-2] > _now() - self._patience.long_wait
        if not (self._is_lost or again):
            log.warning("live.lost", connection=self._name, error=self._redactor.clean(_said(error)))
            self._is_lost = True
        return self._patience.backoff.after(self._failures, 1.0)

    def _is_hopeless(self, error: Exception, lasted: float) -> bool:
        """Whether there is no hub there, or one that never stays: what is in front of it is for the user."""
        if not self.connected:
            many = self._failures >= (self._patience.tries if self._heard_at else 1)
            return self._given_up is not None or (many and isinstance(error, ProviderResponseError))
        since = _now() - self._patience.long_wait
        often = len(self._losses) == self._patience.most_losses and self._losses[0] > since
        return often or (self._given_up is not None and lasted < self._patience.long_wait)

    def _give_up(self, reason: str) -> float:
        """Tell that once, and come back now and then."""
        if self._given_up is None:
            reason = self._redactor.clean(reason)
            log.info("live.unavailable", connection=self._name, error=reason)
            self._given_up = reason
        self._is_lost = False
        return self._patience.long_wait


def _now() -> float:
    return asyncio.get_running_loop().time()


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, ProviderError) else summary(error)
