"""Hears when another process has committed something; what that is, is looked up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import structlog
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

log = structlog.get_logger()

_CHANNEL: Final = "trailarrd"
_PULSE: Final = 5.0
"""Seconds: a network that is gone is noticed by asking alone."""


class Wakeups:
    """A session that does nothing else; `ours` is the name of all sessions of this process."""

    def __init__(self, engine: AsyncEngine, ours: str) -> None:
        self._engine = engine
        self._ours = ours
        self.next = asyncio.Event()
        """Set by the next news; there is none as long as `run` does not run."""

    async def run(self, heard: Callable[[], None]) -> None:
        """Call `heard` whenever there is news, and when some may have been missed, until cancelled."""

        def hear() -> None:
            self.next.set()
            self.next = asyncio.Event()
            heard()

        is_lost = False
        while True:
            try:
                async with self._engine.connect() as connection:
                    if is_lost:
                        log.info("wakeups.back")
                    is_lost = False
                    await self._listen(connection, hear)
            except (DBAPIError, OSError) as error:  # a timeout is one as well
                if not is_lost:
                    log.warning("wakeups.lost", reason=str(error) or type(error).__name__)
                is_lost = True
            hear()
            await asyncio.sleep(1.0)

    async def _listen(self, connection: AsyncConnection, heard: Callable[[], None]) -> None:
        def listener(_connection: object, _process: int, _channel: str, sender: str) -> None:
            if sender != self._ours:
                heard()

        driver: Any = (await connection.get_raw_connection()).driver_connection
        try:
            await driver.add_listener(_CHANNEL, listener)
            while True:
                await asyncio.sleep(_PULSE)
                await driver.execute("SELECT 1", timeout=_PULSE)
        except Exception as error:
            raise OSError(str(error) or type(error).__name__) from error  # the driver's own are of many kinds
        finally:
            await connection.invalidate()
