"""Services that run until they are stopped: started in order, stopped in reverse, and again after a crash."""

import asyncio
import errno
import math
import os
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Self

import structlog

from trailarrd.documents.services import ServiceItem
from trailarrd.domain.retry import Backoff
from trailarrd.errors import summary

log = structlog.get_logger()

BACKOFF: Final = Backoff(first=1.0, longest=60.0)
"""Between a crash and the next start."""
STEADY: Final = 60.0
"""Who worked for so many seconds begins with the first wait again."""
TURN: Final = 2.0
"""Seconds that one service may take to stop before the next one is told to."""
STOP_TIMEOUT: Final = 6.0
"""Seconds that all services together may take to stop."""
_OUT_OF_DESCRIPTORS: Final = (errno.EMFILE, errno.ENFILE)
_BETWEEN_LINES: Final = 60.0
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something that works for as long as the daemon runs."""

    name: str
    run: Callable[[Callable[[], None]], Coroutine[Any, Any, object]]
    """Works until it is cancelled, and cleans up then. Calls its argument once it is of use.

    If it ends in any other way, it is started again, after a while.
    """
    once: bool = False
    """It is done when it returns."""
    essential: bool = False
    """Without it the daemon does not start: what it raises at its first start ends the daemon."""
    vital: bool = False
    """Without it the daemon is not well: it no longer does what it is for."""
    basis: object = None
    """What it was made from: at a reload it is restarted if that is not what it was."""
    retire: Callable[[], None] | None = None
    """Asks it to return when it is no longer wanted; without, it is cancelled."""


class EndedError(Exception):
    """A service is over that nobody has ended."""


def at_once(run: Callable[[], Coroutine[Any, Any, object]]) -> Callable[..., Coroutine[Any, Any, None]]:
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
    """Whether a crash is for whoever starts it; until it is up for the first time."""
    up: bool = False
    """Whether it is of use now."""
    crashes: int = 0
    """In a row."""
    error: str | None = None
    """Why it crashed, as long as it has not been up for a while since."""
    task: asyncio.Task[None] | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """It is up, or has crashed for the first time."""

    @property
    def state(self) -> str:
        """In a word of `trailarrd.documents.services`."""
        if self.up:
            return "running"
        if self.task is not None and self.task.done():
            return "lost" if self.error else "ended"
        return "crashed" if self.error else "starting"


class Supervisor:
    """Keeps services running; an async context manager that stops them in the end.

    Meanwhile no task of this loop ends unseen by a mistake, also one that nobody awaits.
    """

    def __init__(
        self, *, backoff: Backoff = BACKOFF, steady: float = STEADY, stop_timeout: float = STOP_TIMEOUT
    ) -> None:
        self._backoff = backoff
        self._steady = steady
        self._stop_timeout = stop_timeout
        self._running: dict[str, Running] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._lost: dict[str, str] = {}
        self._told_of_none_left = -math.inf
        self._over = asyncio.Event()
        self._is_closing = False
        self._failure: BaseException | None = None
        """What a service raised that nobody may catch."""

    async def __aenter__(self) -> Self:
        asyncio.get_running_loop().set_exception_handler(self._note_lost)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
        asyncio.get_running_loop().set_exception_handler(None)

    @property
    def running(self) -> list[Running]:
        """The services in the order of their start."""
        return list(self._running.values())

    @property
    def broken(self) -> dict[str, str]:
        """What does not work now, by name, and why: services that crashed, and other tasks that failed."""
        crashed = {name: one.error for name, one in self._running.items() if one.error and not one.up}
        return self._lost | crashed

    async def start(self, service: Service) -> None:
        """Start it, and wait until it is up or has crashed.

        Raises whatever an essential service does before it is up for the first time.
        """
        await self._start(Running(service, strict=service.essential))

    async def _start(self, running: Running) -> None:
        name = running.service.name
        self._running[name] = running
        running.task = asyncio.create_task(self._keep(running), name=name)
        running.task.add_done_callback(partial(self._notice, running))
        settled = asyncio.create_task(running.settled.wait())
        try:
            await asyncio.wait({running.task, settled}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            settled.cancel()
        if running.strict and running.task.done() and not running.task.cancelled():
            running.task.result()

    def _notice(self, running: Running, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        is_wanted = self._running.get(running.service.name) is running and not self._is_closing
        if task.cancelled() and is_wanted:
            error = EndedError("it was cancelled, though nobody has ended it")
        if error is None or (running.strict and isinstance(error, Exception)):
            return
        running.error = summary(error)
        if isinstance(error, Exception):  # a mistake in how we go about a crash
            log.error("service.lost", service=running.service.name, exc_info=error)
        else:
            self._failure = error
            self._over.set()

    def _note_lost(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Hear from asyncio of a task that failed, or vanished, and that nobody awaits any more."""
        task, error = context.get("future") or context.get("task"), context.get("exception")
        if isinstance(error, OSError) and error.errno in _OUT_OF_DESCRIPTORS:
            self._tell_of_none_left(loop.time())
            return
        if not isinstance(task, asyncio.Task):
            loop.default_exception_handler(context)
            return
        self._lost[task.get_name()] = summary(error) if error else context["message"]
        log.error("task.lost", task=task.get_name(), reason=self._lost[task.get_name()], exc_info=error)

    def _tell_of_none_left(self, now: float) -> None:
        """Once a minute: asyncio says so a hundred times a second, as long as somebody knocks."""
        if now - self._told_of_none_left >= _BETWEEN_LINES:
            self._told_of_none_left = now
            log.error("descriptors.none", error=os.strerror(errno.EMFILE), advice="raise LimitNOFILE")

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
                await self._start(Running(service))

    async def stop(self, name: str) -> None:
        """Cancel it and wait until it has cleaned up, but not for ever."""
        running = self._running.pop(name)
        if running.task:
            running.task.cancel()
            await _until_ended({running.task: name}, self._stop_timeout)

    async def close(self) -> None:
        """Stop all of them, the last one first, each in its turn unless it takes long.

        Who is not done when the time for all of them is over is named and left behind.
        """
        self._is_closing = True
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._stop_timeout
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
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self._run(running)
            except Exception as error:
                if running.strict:
                    raise
                lasted = loop.time() - began
                running.crashes = 1 if lasted > self._steady else running.crashes + 1
                running.error = summary(error)
                wait = self._backoff.after(running.crashes)
                log.exception("service.crashed", service=running.service.name, again_in_s=wait)
            else:
                return
            finally:
                running.up = False
                running.settled.set()
            await asyncio.sleep(wait)

    async def _run(self, running: Running) -> None:
        """Run it once; whatever ends it is an exception, unless it may end."""
        task = asyncio.current_task()
        try:
            await running.service.run(partial(self._is_up, running))
        except asyncio.CancelledError:
            if task is None or task.cancelling():
                raise
            raise EndedError("what it waited for was cancelled") from None
        if not running.service.once and task not in self._leaving:
            raise EndedError("it returned, though nobody has ended it")

    def _is_up(self, running: Running) -> None:
        running.up, running.strict = True, False
        running.settled.set()


async def _until_ended(tasks: Mapping[asyncio.Task[None], str], within: float) -> None:
    if not tasks:
        return
    _, stuck = await asyncio.wait(tasks, timeout=max(within, 0.0))
    for task in stuck:
        log.error("service.stuck", service=tasks[task])


def told_of(supervisor: Supervisor, clean: Callable[[str], str]) -> list[ServiceItem]:
    """What runs and what is lost, for whoever asks; `clean` takes secrets out of what an exception says."""
    known = {one.service.name: one for one in supervisor.running}
    lost = {name: error for name, error in supervisor.broken.items() if name not in known}
    return [
        *(
            ServiceItem(name=name, state=one.state, crashes=one.crashes, error=one.error and clean(one.error))
            for name, one in known.items()
        ),
        *(
            ServiceItem(name=clean(name), state="lost", crashes=1, error=clean(error))
            for name, error in lost.items()
        ),
    ]
