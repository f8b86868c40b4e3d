"""Tells systemd what the daemon does and that it is well, from within the event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trailarrd.daemon.poller import Poller
    from trailarrd.daemon.supervisor import Running
    from trailarrd.systemd import ServiceManager

log = structlog.get_logger()

_EVERY: Final = 1.0
"""Seconds between two looks, if the watchdog does not ask for more: so long the status may be an old one."""
_UNHEARD: Final = 60.0
"""The same where there is no systemd: what is not well is for the log alone."""
HOPELESS: Final = 5
"""Crashes in a row after which a service is not expected to come back by itself."""


class SystemdNotifier:
    """Feeds the watchdog as long as the loop turns and every poller lives.

    A loop that is blocked does not come here, so it feeds nothing either.
    """

    def __init__(
        self, manager: ServiceManager, status: Callable[[], str], trouble: Callable[[], str | None]
    ) -> None:
        self._manager = manager
        self._status = status
        self._trouble = trouble
        self._told_status: str | None = None
        self._told_trouble: str | None = None

    async def run(self) -> None:
        """Look and tell until cancelled."""
        watchdog = self._manager.watchdog
        longest = _EVERY if self._manager.is_heard else _UNHEARD
        every = min(longest, watchdog / 3) if watchdog else longest
        while True:
            self.tell()
            await asyncio.sleep(every)

    def tell(self) -> None:
        """The status if it is another one, and that all is well if it is."""
        if (status := self._status()) != self._told_status:
            self._manager.status(status)
            self._told_status = status
        trouble = self._trouble()
        if trouble is None:
            self._manager.alive()
        elif trouble != self._told_trouble:
            log.error("watchdog.not_fed", reason=trouble)
        self._told_trouble = trouble


def status_of(pollers: Sequence[Poller], *, refused: bool) -> str:
    """What the daemon does now, for `systemctl status`."""
    states = [(poller.name, poller.state) for poller in pollers]
    running = [f"{name} ({state.fetched} so far)" for name, state in states if state.running_since]
    down = [name for name, state in states if state.last and state.last.error]
    due = min(((state.due, name) for name, state in states if state.due), default=None)
    parts = [f"refreshing {', '.join(running)}" if running else "idle"]
    if due and not running:
        parts.append(f"next is {due[1]} at {due[0]:%H:%M} UTC")
    if down:
        parts.append(f"down: {', '.join(down)}")
    if refused:
        parts.append("a newer configuration is refused")
    return "; ".join(parts)


def trouble_of(services: Sequence[Running]) -> str | None:
    """Which vital service is dead and will hardly come back; None if all is well."""
    for running in services:
        if not running.service.vital or running.up:
            continue
        if running.crashes >= HOPELESS:
            return f"{running.service.name} crashed {running.crashes} times in a row: {running.error}"
        if running.task is None or running.task.done():
            return f"{running.service.name} has ended"
    return None
