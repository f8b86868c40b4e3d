"""Transactions that nobody can tear apart, and that wait for another program's as long as they may."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy.exc import OperationalError

from trailarrd.concurrency import to_completion
from trailarrd.store.failures import is_busy, translated

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

P = ParamSpec("P")
T = TypeVar("T")

_BETWEEN_TRIES: Final = 0.02
"""Seconds."""


class Patience:
    """How long to wait for another program: so many seconds, unless whoever waits gives up."""

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._given_up = False

    @property
    def is_over(self) -> bool:
        """Whether to wait no longer."""
        return self._given_up or time.monotonic() > self._deadline

    def give_up(self) -> None:
        """Wait no longer."""
        self._given_up = True


async def transact(
    engine: AsyncEngine,
    place: str,
    work: Callable[Concatenate[Connection, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Run `work` in a transaction that ends as a whole, even if the caller is cancelled meanwhile.

    Being no coroutine, `work` cannot await anything foreign. It begins anew as long as another program
    keeps the database locked: for the engine's `patience`, but not for a caller that was cancelled.
    """
    patience = Patience(engine.sync_engine.get_execution_options()["patience"])

    async def transaction() -> T:
        with translated(place):
            while True:
                try:
                    async with engine.begin() as connection:
                        return await connection.run_sync(work, *args, **kwargs)
                except OperationalError as error:
                    if not is_busy(error.orig) or patience.is_over:
                        raise
                await asyncio.sleep(_BETWEEN_TRIES)

    return await to_completion(transaction(), patience.give_up)
