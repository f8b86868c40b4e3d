"""The examination as the running daemon makes it, for health and metrics; not more often than it is worth."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

from trailarrd.errors import DatabaseError
from trailarrd.vitals import Pulse, Vitals, examine
from trailarrd.web.reading import Reading

if TYPE_CHECKING:
    from trailarrd.web.services import Services

_AGE: Final = 2.0
"""Seconds for which the database is not asked again, however many ask us."""


class Checkup:
    """Asks the database once for all who ask at the same time."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.heartbeat = services.heartbeat
        self._reading = Reading((), {}, Counter())
        self._read_at = -_AGE
        self._lock = asyncio.Lock()

    async def vitals(self, *, anew: bool = False) -> Vitals:
        """How trailarrd is; `anew` for somebody who was just told that something has happened."""
        services = self._services
        reading = await self.reading(anew=anew)
        due = {name: poller.state.due for name, poller in services.pollers().items()}
        pulse = Pulse(lag_s=services.heartbeat.worst, due=due, broken=services.broken(), note=services.note())
        return examine(
            reading.rows,
            reading.roots,
            now=services.clock(),
            plugins=services.plugins,
            pulse=pulse,
            database=reading.error,
        )

    async def reading(self, *, anew: bool = False) -> Reading:
        """What the database says, or said a moment ago."""
        async with self._lock:
            if anew or time.monotonic() - self._read_at >= _AGE:
                self._reading = await self._read()
                self._read_at = time.monotonic()
        return self._reading

    async def _read(self) -> Reading:
        store = self._services.store
        try:
            return Reading(
                await store.connections(), await store.roots(), await store.tally(self._services.clock())
            )
        except DatabaseError as error:
            return Reading((), {}, Counter(), str(error))
