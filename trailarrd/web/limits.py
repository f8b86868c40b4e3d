"""What clients may cost: requests (a bucket for each, which fills by time), a body, asking the database."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Final, Generic, TypeVar

from aiohttp import web

from trailarrd.concurrency import to_completion
from trailarrd.errors import DatabaseError
from trailarrd.web.problem import ProblemError

T = TypeVar("T")

_BURST: Final = 4
"""Seconds' worth of requests that may come at once: a page asks for many things when it opens."""
_MOST_CLIENTS: Final = 4096
"""More are not remembered, so that a flood of addresses costs a bounded amount of memory."""
_BODY_DEADLINE: Final = 30.0
"""Seconds for the largest body that is taken, over the worst line."""


class Limiter:
    """At most `rate` requests a second for each client, on average; 0 limits nobody."""

    def __init__(
        self, rate: float, clock: Callable[[], float] = time.monotonic, *, burst: float = _BURST
    ) -> None:
        self._rate = rate
        self._size = max(rate * burst, 1.0)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Seconds until the client may ask; 0.0 means now, and counts."""
        if not self._rate:
            return 0.0
        level = self._level(client)
        if level < 1.0:
            return (1.0 - level) / self._rate
        self._keep(client, level - 1.0)
        return 0.0

    def turn(self, client: str) -> float:
        """Seconds until the client's turn, which counts at once; a second at most, whatever it has asked."""
        level = max(self._level(client) - 1.0, -self._rate)
        self._keep(client, level)
        return max(0.0, -level / self._rate)

    def _level(self, client: str) -> float:
        level, since = self._buckets.get(client, (self._size, 0.0))
        return min(self._size, level + (self._clock() - since) * self._rate)

    def _keep(self, client: str, level: float) -> None:
        self._buckets[client] = (level, self._clock())
        self._buckets.move_to_end(client)
        if len(self._buckets) > _MOST_CLIENTS:
            self._buckets.popitem(last=False)


async def body_of(request: web.Request, *, deadline: float = _BODY_DEADLINE) -> bytes:
    """All of it; who sends a byte now and then gets a problem after `deadline` seconds."""
    try:
        async with asyncio.timeout(deadline):
            return await request.read()
    except TimeoutError:
        raise ProblemError(
            HTTPStatus.REQUEST_TIMEOUT,
            f"the body did not arrive within {deadline:g} s",
            headers={"Connection": "close"},
        ) from None


async def drop_body(request: web.Request, *, most: int, deadline: float = _BODY_DEADLINE) -> None:
    """Read on without keeping anything, so that who sends hears the answer; gives up at either bound."""
    with suppress(TimeoutError):
        async with asyncio.timeout(deadline):
            while most > 0 and (piece := await request.content.readany()):
                most -= len(piece)


class Cached(Generic[T]):
    """An answer of the database, asked once for all who want it at the same time; an error is not kept.

    A question goes on for as long as the database takes, but nobody waits for it longer than until it is
    `patience` seconds old.
    """

    def __init__(self, read: Callable[[], Awaitable[T]], patience: float = 1.0) -> None:
        self._read = read
        self._patience = patience
        self._kept: tuple[float, T] | None = None
        """When it was asked for, and what it is."""
        self._asking: tuple[float, asyncio.Task[None]] | None = None
        self._dropped = -math.inf

    async def get(self, max_age: float) -> T:
        """As it was at most so many seconds ago.

        Raises:
            DatabaseError: it has not answered in time; or whatever else reading raises.
        """
        since = max(time.monotonic() - max_age, self._dropped)
        while (kept := self._kept) is None or kept[0] < since:
            await self._ask()
        return kept[1]

    async def known(self, max_age: float) -> T:
        """The same; while the database is in trouble, what it said last. Raises if it never said anything."""
        try:
            return await self.get(max_age)
        except DatabaseError:
            if self._kept is None:
                raise
            return self._kept[1]

    @property
    def last(self) -> T | None:
        """What the database said last, however long ago."""
        return self._kept and self._kept[1]

    def drop(self) -> None:
        """What was read is not so any more."""
        self._dropped = time.monotonic()

    async def _ask(self) -> None:
        """Wait for the question that is on, or else for a new one."""
        if self._asking is None:
            began = time.monotonic()
            self._asking = began, asyncio.create_task(self._answer(began), name="question to the database")
            self._asking[1].add_done_callback(_heed)
        began, answer = self._asking
        left = max(began + self._patience - time.monotonic(), 0.0)
        # Who is cancelled waits as well: when the server has ended, nobody reads any more.
        await to_completion(asyncio.wait({answer}, timeout=left))
        if not answer.done():
            raise DatabaseError(f"the database has not answered for {time.monotonic() - began:.0f} s")
        answer.result()

    async def _answer(self, began: float) -> None:
        try:
            self._kept = began, await self._read()
        finally:
            self._asking = None


def _heed(answer: asyncio.Task[None]) -> None:
    """Nobody may be waiting for what went wrong any more."""
    if not answer.cancelled():
        answer.exception()
