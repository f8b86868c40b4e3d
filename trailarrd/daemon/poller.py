"""When to refresh: at once, then by interval, circuit or request; says "down" and "back" once."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog

from trailarrd.daemon.timer import RefreshTimer
from trailarrd.domain.circuit import JITTER, Circuit
from trailarrd.domain.report import ErrorKind, Outcome, RefreshReport
from trailarrd.errors import DatabaseError, LeaseLostError, StoppedError
from trailarrd.runtime.memory import give_back_freed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Generator
    from contextlib import AbstractAsyncContextManager

    from trailarrd.refresh.refresher import Refresher
    from trailarrd.runtime.slot import ConnectionSlot

log = structlog.get_logger()

_BETWEEN_PROBES: Final = timedelta(minutes=1)
"""Until it is tried whether the database can be written again, after it could not."""


class Request:
    """A refresh that somebody asked for; await it for its report, or leave it.

    Awaiting raises `DatabaseError` as the refresh does, and `StoppedError` if it will never begin.
    """

    def __init__(self) -> None:
        self._report: asyncio.Future[RefreshReport] = asyncio.get_running_loop().create_future()
        self._report.add_done_callback(lambda report: report.exception())  # it may be nobody's concern

    def __await__(self) -> Generator[None, None, RefreshReport]:
        return asyncio.shield(self._report).__await__()

    def answer(self, report: RefreshReport) -> None:
        self._report.set_result(report)

    def fail(self, error: Exception) -> None:
        """It could not even end, or will not begin; the first word counts."""
        if not self._report.done():
            self._report.set_exception(error)


@dataclass(slots=True, kw_only=True)
class PollerState:
    """What a poller does now."""

    running_since: datetime | None = None
    """Since when a refresh is on; None if none is."""
    fetched: int = 0
    """Records that have arrived in it."""
    due: datetime | None = None
    """When the server is asked next if nobody wants it earlier; None while a refresh is on."""
    last: RefreshReport | None = None
    """The last one that ended since the start."""
    unstored: str | None = None
    """Why the last one could not be stored; kept here, as the database cannot keep it."""


async def _at_once() -> None:
    pass


class Poller:
    """Refreshes one connection for as long as the daemon runs, one refresh after the other."""

    def __init__(
        self,
        slot: ConnectionSlot,
        *,
        spread: Callable[[float, float], float] = random.uniform,
        ready: Callable[[], Awaitable[None]] = _at_once,
    ) -> None:
        """`ready` is waited for before the first refresh."""
        self._slot = slot
        self._spread = spread
        self._ready = ready
        self._down = False
        self._retired = False
        self._running = False
        self._is_lost = False
        """Whether the last refresh was not ours to end."""
        self._wake = asyncio.Event()
        self._asked = self._now()
        """When a question to the server began last."""
        self._succeeded = self._asked
        """When a refresh ended well last, or this began."""
        self.listed: float | None = None
        """When the last refresh began, by the loop's clock."""
        self._wanted: Request | None = None
        self.state = PollerState()

    @property
    def name(self) -> str:
        return self._slot.refresher.connection.name

    @property
    def is_over(self) -> bool:
        """Whether it is at nothing."""
        return not self._running

    @property
    def note(self) -> dict[str, Any]:
        """How far it is, for other daemons: see `trailarrd.daemon.distant`."""
        state = self.state
        moments = {"running_since": state.running_since, "due": state.due, "late": self.late_at}
        told = {name: moment.isoformat() for name, moment in moments.items() if moment}
        return {**told, "fetched": state.fetched, "unstored": state.unstored}

    @property
    def is_refused(self) -> bool:
        """Whether the server refused us when a refresh asked it last."""
        last = self.state.last
        return bool(last and last.error and last.error.kind is ErrorKind.REJECTED)

    @property
    def late_at(self) -> datetime:
        """When something is wrong if no refresh has ended well by then: the next but one is due."""
        connection, since = self._slot.refresher.connection, self._succeeded
        if connection.schedule:
            return connection.schedule.after(connection.schedule.after(since))
        return since + 2 * connection.interval * JITTER[1]

    def refresher(self) -> AbstractAsyncContextManager[Refresher]:
        """What it refreshes with, for other work at the same connection; stays open for that block."""
        return self._slot.lease()

    async def revisit(self, arr_ids: Collection[int]) -> None:
        """Ask for these items alone; raises the same as `Refresher.revisit`."""
        async with self.refresher() as refresher:
            await refresher.revisit(arr_ids)

    async def look_again(self, arr_ids: Collection[int]) -> None:
        """Look at the folders of these items; raises the same as `Refresher.look_again`."""
        async with self.refresher() as refresher:
            await refresher.look_again(arr_ids)

    def request(self) -> Request:
        """Refresh as soon as the one that is on has ended; all who ask until then get the same one."""
        if self._wanted is None:
            self._wanted = Request()
        wanted = self._wanted
        self._wake.set()
        if self._retired:
            self._dismiss()
        return wanted

    def move_to(self, slot: ConnectionSlot) -> None:
        """Work with another slot from the next refresh on; the one that is on ends where it began."""
        self._slot = slot

    def reconsider(self) -> None:
        """Its interval or schedule is another one: wait for what that says, from the last refresh on."""
        self._wake.set()

    def retire(self) -> None:
        """End `run` as soon as no refresh is on; whoever still waits for one is told."""
        self._retired = True
        self._wake.set()

    async def run(self) -> None:
        """Refresh at once, whatever the circuit was before the start, and then whenever it is due."""
        self._running = True
        try:
            await self._ready()
            while not self._retired:
                await self._round()
                await self._until_due()
        finally:
            self._running = False
            self.state.due = None
            self._dismiss()

    async def _round(self) -> None:
        """One refresh; a mistake of ours in it must not stop the other connections."""
        request, self._wanted = self._wanted or Request(), None
        self._asked = self._now()
        self.listed = asyncio.get_running_loop().time()
        self.state = replace(self.state, running_since=self._asked, fetched=0, due=None)
        try:
            async with self._slot.lease() as refresher:
                report = await refresher.refresh(self._count)
        except LeaseLostError as error:  # whoever has it now refreshes
            self._is_lost = True
            request.fail(error)
        except DatabaseError as error:
            log.error("database.unusable", connection=self.name, error=str(error))
            self.state.unstored = str(error)
            request.fail(error)
        except Exception as error:
            log.exception("refresh.bug", connection=self.name)
            request.fail(error)
        else:
            self.state.last, self.state.unstored = report, None
            if report.outcome is not Outcome.FAILED:
                self._succeeded = self._now()
            self._tell(report)
            request.answer(report)
            await give_back_freed()
        finally:
            self.state.running_since = None
            request.fail(StoppedError(f"the refresh of {self.name} was cut short: trailarrd is stopping"))

    def _count(self, fetched: int) -> None:
        self.state.fetched = fetched

    async def _until_due(self) -> None:
        """Wait; a server that refuses us is not refreshed from until it takes us again."""
        if self._is_lost:  # if it has become another one's, we are retired meanwhile; else it is ours still
            self._is_lost = False
            self._wake.clear()
            if not self._retired and self._wanted is None:
                await self._woken(_BETWEEN_PROBES.total_seconds())
            return
        tick = asyncio.get_running_loop().time
        timer = self._timer()
        while not self._retired and self._wanted is None:
            self._wake.clear()
            circuit = await self._circuit()
            pause = timer.next(self._slot.refresher.connection, circuit, self._now(), tick())
            self.state.due = pause.due
            if self.state.unstored and pause.sleep > _BETWEEN_PROBES:
                if not await self._woken(_BETWEEN_PROBES.total_seconds()) and await self._can_store():
                    return  # what could not be stored is asked for again
                continue
            if await self._woken(pause.sleep.total_seconds()) or not pause.over:
                continue
            if not (circuit.needs_user and await self._still_refused()):
                return
            timer = self._timer()

    def _timer(self) -> RefreshTimer:
        """From now on."""
        return RefreshTimer(
            self._asked, self._now(), asyncio.get_running_loop().time(), self._spread(*JITTER)
        )

    async def _still_refused(self) -> bool:
        self._asked = self._now()
        try:
            async with self._slot.lease() as refresher:
                return await refresher.still_refused()
        except DatabaseError as error:
            log.error("database.unusable", connection=self.name, error=str(error))
            return True

    async def _can_store(self) -> bool:
        try:
            async with self._slot.lease() as refresher:
                await refresher.store.probe(self.name)
        except DatabaseError:
            return False
        return True

    async def _woken(self, seconds: float) -> bool:
        """Whether somebody wants something before so many seconds are over."""
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _now(self) -> datetime:
        return self._slot.refresher.clock()

    async def _circuit(self) -> Circuit:
        """As it is kept; a database that cannot be read leaves it at the interval."""
        try:
            return await self._slot.refresher.circuit()
        except DatabaseError:
            return Circuit()

    def _tell(self, report: RefreshReport) -> None:
        down = report.outcome is Outcome.FAILED
        if down and not self._down and report.error:
            log.error(
                "connection.down",
                connection=self.name,
                kind=report.error.kind.value,
                error=report.error.message,
            )
        elif self._down and not down:
            log.info("connection.back", connection=self.name)
        self._down = down

    def _dismiss(self) -> None:
        """Nobody waits for what will not be."""
        wanted, self._wanted = self._wanted, None
        if wanted:
            wanted.fail(
                StoppedError(
                    f"{self.name} is refreshed no more: it left the configuration, or trailarrd is stopping"
                )
            )
