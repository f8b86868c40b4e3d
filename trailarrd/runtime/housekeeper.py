"""What is old enough goes for good: once a day, in the shadow of everything else."""

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

_RHYTHM: Final = timedelta(days=1)


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
        """Tidy at once and then once a day, until cancelled."""
        while True:
            try:
                await self.tidy()
            except DatabaseError as error:
                log.error("housekeeping.failed", error=str(error))
            await asyncio.sleep(_RHYTHM.total_seconds())

    async def tidy(self) -> None:
        """Erase what is old enough now; raises `DatabaseError`, and nothing was erased then."""
        now = self.clock()
        purged = await self.store.purge(
            removed_before=now - self.removed_grace, history_before=now - self.history_retention, now=now
        )
        if any(purged):
            log.info("housekeeping.purged", items=purged.items, events=purged.events)
