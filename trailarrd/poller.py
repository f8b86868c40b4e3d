"""When to refresh: at once, then again and again; says "down" once and "back" once."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Final

import structlog

from trailarrd.domain.report import Outcome
from trailarrd.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from trailarrd.domain.report import RefreshReport
    from trailarrd.refresh import Refresher

log = structlog.get_logger()

JITTER: Final = 0.1
"""Part of the interval by which each wait varies, so that connections don't march in step."""


class Poller:
    """Refreshes one connection for as long as the daemon runs, one refresh after the other."""

    def __init__(
        self,
        refresher: Refresher,
        interval: float,
        *,
        spread: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._refresher = refresher
        self._interval = interval
        self._spread = spread
        self._down = False

    async def run(self) -> None:
        """Refresh at once and then by interval, until cancelled."""
        while True:
            await self._round()
            await asyncio.sleep(self._interval * self._spread(1 - JITTER, 1 + JITTER))

    async def _round(self) -> None:
        """One refresh; only a programming error gets out of here."""
        try:
            report = await self._refresher.refresh()
        except DatabaseError as error:
            log.error("database.unusable", connection=self._name, error=str(error))
        else:
            self._tell(report)

    def _tell(self, report: RefreshReport) -> None:
        down = report.outcome is Outcome.FAILED
        if down and not self._down and report.error:
            log.error(
                "connection.down",
                connection=self._name,
                kind=report.error.kind.value,
                error=report.error.message,
            )
        elif self._down and not down:
            log.info("connection.back", connection=self._name)
        self._down = down

    @property
    def _name(self) -> str:
        return self._refresher.connection.name
