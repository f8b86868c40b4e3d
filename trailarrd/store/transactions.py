"""Transactions that nobody can tear apart, and that wait for another program's as long as they may."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, Protocol, TypeVar

from sqlalchemy.exc import DBAPIError

from trailarrd.concurrency import to_completion
from trailarrd.store.failures import UnreachableError, is_passing, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

P = ParamSpec("P")
T = TypeVar("T")

_BETWEEN_TRIES: Final = 0.02
"""Seconds."""


async def transact(
    engine: AsyncEngine,
    place: str,
    work: Callable[Concatenate[Connection, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Run `work` in a transaction that ends as a whole, even if the caller is cancelled meanwhile.

    Being no coroutine, `work` cannot await anything foreign. It begins anew as long as another program
    keeps the database locked, or its server is away: for the engine's `busy_timeout`, but not for a caller
    that was cancelled. So it must be able to read whatever it is given more than once.
    """
    options = engine.sync_engine.get_execution_options()
    deadline = _Deadline(options["busy_timeout"])
    attempt: Attempt = options.get("attempt", _attempt)

    def once(db: Connection) -> T:
        return work(db, *args, **kwargs)

    async def transaction() -> T:
        with translated(place):
            while True:
                try:
                    return await attempt(engine, once, lambda: deadline.is_over)
                except (DBAPIError, UnreachableError) as error:
                    if not is_passing(error) or deadline.is_over:
                        raise
                await asyncio.sleep(_BETWEEN_TRIES)

    return await to_completion(transaction(), deadline.give_up)


class Attempt(Protocol):
    """One transaction, begun and ended; `is_over` says whether there is no more time for questions."""

    async def __call__(
        self, engine: AsyncEngine, work: Callable[[Connection], T], is_over: Callable[[], bool], /
    ) -> T: ...


async def _attempt(engine: AsyncEngine, work: Callable[[Connection], T], _is_over: Callable[[], bool]) -> T:
    def transaction(db: Connection) -> T:
        with db.begin():
            return work(db)

    async with engine.connect() as connection:  # all at once: each switch into SQLAlchemy and back costs time
        return await connection.run_sync(transaction)


class _Deadline:
    """In so many seconds, unless whoever waits gives up before."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds
        self._given_up = False

    @property
    def is_over(self) -> bool:
        return self._given_up or time.monotonic() > self._at

    def give_up(self) -> None:
        self._given_up = True


class TransactionGauge:
    """How many transactions are under way, for whoever can leave them the machine for a moment.

    A transaction goes to its thread and back for every statement. Whoever keeps the event loop busy
    meanwhile in long steps lets it wait for one of them each time, though it needs next to nothing itself.
    """

    def __init__(self) -> None:
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One is under way for as long as this block."""
        self._under_way += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def wait_idle(self, longest: float) -> None:
        """Wait until none is under way, at most so many seconds; in any case it is others' turn."""
        await asyncio.sleep(0)
        with suppress(TimeoutError):
            async with asyncio.timeout(longest):
                await self._idle.wait()
