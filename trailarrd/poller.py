"""When to refresh: at once, then by interval or as the circuit lets it; says "down" and "back" once."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import structlog

from trailarrd.domain.circuit import JITTER, Circuit
from trailarrd.domain.report import Outcome
from trailarrd.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from trailarrd.domain.report import RefreshReport
    from trailarrd.refresh import Refresher

log = structlog.get_logger()


class Poller:
    """Refreshes one connection for as long as the daemon runs, one refresh after the other."""

    def __init__(
        self, refresher: Refresher, *, spread: Callable[[float, float], float] = random.uniform
    ) -> None:
        self._refresher = refresher
        self._spread = spread
        self._down = False

    async def run(self) -> None:
        """Refresh at once, whatever the circuit was before the start, and then whenever it is due."""
        while True:
            await self._round()
            await self._until_due()

    async def _round(self) -> None:
        """One refresh; a mistake of ours in it must not stop the other connections."""
        try:
            report = await self._refresher.refresh()
        except DatabaseError as error:
            log.error("database.unusable", connection=self._name, error=str(error))
        except Exception:
            log.exception("refresh.bug", connection=self._name)
        else:
            self._tell(report)

    async def _until_due(self) -> None:
        """Wait; while only the user can help, all that is asked is whether a command has succeeded."""
        while True:
            circuit = await self._circuit()
            await asyncio.sleep(self._wait(circuit))
            if not circuit.needs_user:
                return

    def _wait(self, circuit: Circuit) -> float:
        """Seconds; they are counted from now, so a clock that is set later changes nothing."""
        remaining = circuit.remaining(self._refresher.clock())
        interval = self._refresher.connection.interval.total_seconds()
        return remaining.total_seconds() or interval * self._spread(*JITTER)

    async def _circuit(self) -> Circuit:
        """As it is kept; a database that cannot be read leaves it at the interval."""
        try:
            return await self._refresher.circuit()
        except DatabaseError:
            return Circuit()

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
