"""Services that run until they are stopped: started in order, stopped in reverse, and again after a crash."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping
    from typing import Any

log = structlog.get_logger()

FIRST_WAIT: Final = 1.0
"""Seconds between a crash and the next start; doubled with each crash."""
LONGEST_WAIT: Final = 60.0
STEADY: Final = 60.0
"""Who worked for so many seconds begins with the first wait again."""
TURN: Final = 2.0
"""Seconds that one service may take to stop before the next one is told to."""
PATIENCE: Final = 6.0
"""Seconds that all services together may take to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something that works for as long as the daemon runs."""

    name: str
    run: Callable[[Callable[[], None]], Coroutine[Any, Any, None]]
    """Works until it is cancelled, and cleans up then. Calls its argument once it is of use.

    If it raises, it is started again, after a while. If it returns, it is done.
    """
    essential: bool = False
    """Without it the daemon does not start: what it raises at its first start ends the daemon."""
    vital: bool = False
    """Without it the daemon is not well: it no longer does what it is for."""
    basis: object = None
    """What it was made from: at a reload it is restarted if that is not what it was."""
    retire: Callable[[], None] | None = None
    """Asks it to return when it is no longer wanted; without, it is cancelled."""


def at_once(run: Callable[[], Coroutine[Any, Any, None]]) -> Callable[..., Coroutine[Any, Any, None]]:
    """The `run` of a service that is of use as soon as it runs."""

    async def running(up: Callable[[], None]) -> None:
        up()
        await run()

    return running


@dataclass(slots=True, eq=False)
class Running:
    """A service and how it fares."""

    service: Service
    strict: bool = False
    """Whether a crash before it is up is for whoever starts it."""
    up: bool = False
    """Whether it is of use now."""
    crashes: int = 0
    """In a row."""
    error: str | None = None
    """Why it crashed, as long as it has not been up for a while since."""
    task: asyncio.Task[None] | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """It is up, or has crashed for the first time."""


class Supervisor:
    """Keeps services running; an async context manager that stops them in the end."""

    def __init__(
        self, *, first_wait: float = FIRST_WAIT, steady: float = STEADY, patience: float = PATIENCE
    ) -> None:
        self._first_wait = first_wait
        self._steady = steady
        self._patience = patience
        self._running: dict[str, Running] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()
        self._failure: BaseException | None = None
        """What a service raised that nobody may catch."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def running(self) -> list[Running]:
        """The services in the order of their start."""
        return list(self._running.values())

    async def start(self, service: Service) -> None:
        """Start it, and wait until it is up or has crashed.

        Raises whatever an essential service does before it is up for the first time.
        """
        await self._start(service, Running(service, strict=service.essential))

    async def _start(self, service: Service, running: Running) -> None:
        self._running[service.name] = running
        running.task = asyncio.create_task(self._keep(running), name=service.name)
        running.task.add_done_callback(self._notice)
        settled = asyncio.create_task(running.settled.wait())
        try:
            await asyncio.wait({running.task, settled}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            settled.cancel()
        if running.task.done() and not running.task.cancelled():
            running.task.result()

    def _notice(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, Exception):
            self._failure = error
            self._over.set()

    async def until(self, stop: asyncio.Event) -> None:
        """Wait for `stop`; raises what a service raised that nobody may catch, as that is the end."""
        waits = [asyncio.create_task(event.wait()) for event in (stop, self._over)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self._failure is not None:
            raise self._failure

    async def arrange(self, services: Iterable[Service]) -> None:
        """Make these the services that run; one whose basis is the same is not even touched.

        None of them is essential any more: whatever goes wrong, the others run.
        """
        wanted = {service.name: service for service in services}
        for name, running in reversed(list(self._running.items())):
            if name not in wanted:
                await self._let_go(running)
            elif wanted[name].basis != running.service.basis:
                await self.stop(name)
        for name, service in wanted.items():
            if name not in self._running:
                await self._start(service, Running(service))

    async def stop(self, name: str) -> None:
        """Cancel it and wait until it has cleaned up, but not for ever."""
        running = self._running.pop(name)
        if running.task:
            running.task.cancel()
            await _until_ended({running.task: name}, self._patience)

    async def close(self) -> None:
        """Stop all of them, the last one first, each in its turn unless it takes long.

        Together they have so long as patience lasts; who is not done then is named and left behind.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience
        ending = {task: task.get_name() for task in self._leaving}
        for task in self._leaving:
            task.cancel()
        for running in reversed(list(self._running.values())):
            if running.task:
                running.task.cancel()
                ending[running.task] = running.service.name
                await asyncio.wait({running.task}, timeout=min(TURN, deadline - loop.time()))
        self._running.clear()
        await _until_ended(ending, deadline - loop.time())

    async def _let_go(self, running: Running) -> None:
        """It is not wanted any more; who knows how to leave leaves in his own time."""
        if running.service.retire is None or running.task is None or running.task.done():
            await self.stop(running.service.name)
            return
        del self._running[running.service.name]
        self._leaving.add(running.task)
        running.task.add_done_callback(self._leaving.discard)
        running.service.retire()

    async def _keep(self, running: Running) -> None:
        """Run it, and again after each crash."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await running.service.run(lambda: self._is_up(running))
            except Exception as error:
                if running.strict and not running.settled.is_set():
                    raise
                lasted = loop.time() - began
                running.crashes = 1 if lasted > self._steady else running.crashes + 1
                running.error = f"{type(error).__name__}: {error}"
                wait = min(self._first_wait * 2.0 ** (running.crashes - 1), LONGEST_WAIT)
                log.exception("service.crashed", service=running.service.name, again_in_s=wait)
            else:
                return
            finally:
                running.up = False
                running.settled.set()
            await asyncio.sleep(wait)

    def _is_up(self, running: Running) -> None:
        running.up = True
        running.settled.set()


async def _until_ended(tasks: Mapping[asyncio.Task[None], str], patience: float) -> None:
    if not tasks:
        return
    _, stuck = await asyncio.wait(tasks, timeout=max(patience, 0.0))
    for task in stuck:
        log.error("service.stuck", service=tasks[task])
