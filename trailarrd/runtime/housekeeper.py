"""What is old enough goes for good: a little each hour, in the shadow of everything else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from trailarrd.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from trailarrd.store.store import Store

log = structlog.get_logger()

_RHYTHM: Final = timedelta(hours=1)
_PORTION: Final = 2 * _RHYTHM
"""The oldest so much goes at a time: were the clock wrong by years, somebody would see it in time."""


@dataclass(frozen=True, kw_only=True)
class Housekeeper:
    """Erases removed items after their grace and history after its retention."""

    store: Store
    removed_grace: timedelta
    """How long a removed item can come back as itself."""
    history_retention: timedelta
    clock: Callable[[], datetime]

    @property
    def basis(self) -> object:
        return self.removed_grace, self.history_retention

    async def run(self) -> None:
        """Tidy after each hour, until cancelled."""
        while True:
            await asyncio.sleep(_RHYTHM.total_seconds())
            try:
                await self.tidy()
            except DatabaseError as error:
                log.error("housekeeping.failed", error=str(error))

    async def tidy(self) -> None:
        """Erase the oldest of what is old enough now; raises `DatabaseError`, and nothing was erased then.

        At most two hours of it, so that in a day of uptime no more than two days go, whatever the clock says.
        """
        now = self.clock()
        purged = await self.store.purge(
            removed_before=now - self.removed_grace,
            history_before=now - self.history_retention,
            now=now,
            portion=_PORTION,
        )
        if any(purged):
            log.info("housekeeping.purged", items=purged.items, events=purged.events)
