"""What runs for as long as trailers are downloaded: plans, does one after the other, and remembers."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any, Final

import structlog

from trailarrd.concurrency import in_thread, to_completion
from trailarrd.domain.download import Subject
from trailarrd.domain.failure import Blame, Failure
from trailarrd.domain.roots import RootState
from trailarrd.domain.site import Pace
from trailarrd.download.company import Company
from trailarrd.download.deleted import refuse_deleted
from trailarrd.download.job import Job, JobFailedError
from trailarrd.download.outcomes import DownloadMeter, Outcomes, SiteHeldError, Unheard
from trailarrd.download.planner import Due, Plan, Rules, Trouble, plan
from trailarrd.download.recovery import recover
from trailarrd.download.running import HowFar, Running
from trailarrd.download.troubles import Troubles
from trailarrd.download.workspace import empty
from trailarrd.errors import DatabaseError, LeaseLostError, summary

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from trailarrd.config import Settings
    from trailarrd.download.kit import Kit

log = structlog.get_logger()

_SOON: Final = 1.0
"""Seconds after which what was said to another daemon is seen while a download runs."""
_RHYTHM: Final = 600.0
_RHYTHM_OF_SEVERAL: Final = 3.0
"""Seconds after which what another process has written is seen while nothing runs, and among daemons."""
_LULL: Final = 10.0
"""Seconds in which all that a refresh commits in a preview is looked at once."""
_LONGEST: Final = 3600.0
"""Seconds: clocks may be set meanwhile."""
_IN_THREAD: Final = 500
"""Items whose planning would hold the event loop."""


class Downloads:
    """All of it; one download at a time."""

    def __init__(
        self,
        kit: Kit,
        settings: Settings,
        *,
        look_again: Callable[[str, int], Awaitable[None]],
        quiet: Callable[[], bool] = lambda: False,
        meter: DownloadMeter | None = None,
        works_at: Callable[[], frozenset[str] | None] = lambda: None,
        spread: Callable[[], float] = random.random,
    ) -> None:
        """`look_again` has a refresh look at one item's folder, by its connection and id.

        `works_at` says for which connections this daemon downloads; None: for all.
        """
        self._kit = kit
        self._settings = settings
        self._look_again = look_again
        self._quiet = quiet
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._recovered: set[str | None] = set()
        """Connections of which it is known what others have left; None: all."""
        self.company = Company(kit.store, works_at)
        self.troubles = Troubles(kit.clock)
        self._outcomes = Outcomes(kit, self.pace, self.troubles, meter or Unheard(), spread)
        self.running: Running | None = None
        """What is under way."""

    @property
    def pace(self) -> Pace:
        return self._kit.settings.pace(self._settings.timezone)

    def wake(self) -> None:
        """Plan anew: the user has said something."""
        self._wake.set()

    def retry(self) -> None:
        """Nothing that was in the way before counts any more."""
        self.troubles.clear()
        self.wake()

    async def stop(self, ids: Sequence[int]) -> None:
        """What runs for one of these items ends now, and nothing is left of it."""
        running, task = self.running, self._task
        if running is not None and task is not None and running.id in ids:
            self._stopping = True
            task.cancel()
            await asyncio.wait({task})

    async def under_way(self) -> dict[int, HowFar]:
        """What is, here and at other daemons, by the items' ids."""
        here = {self.running.id: self.running.now} if self.running else {}
        return {**await self.company.under_way(), **here}

    async def run(self) -> None:
        """Until cancelled; a download that runs then is thrown away, and begins anew with the next start."""
        while True:
            self._wake.clear()
            mark, seen = await self._kit.store.commits.mark(), await self.company.news()
            made = await self.round()
            if made.next is None:
                await self._wait(made.again_at, mark, seen)

    async def round(self) -> Plan:
        """Plan, and do what is next, if anything is."""
        await self._recover()
        if await self.company.says_retry():
            self.troubles.clear()
        made = await self.plan()
        here = [one for one in made.missing if not self.company.is_elsewhere(one.connection)]
        if here and await refuse_deleted(self._kit, here):
            made = await self.plan()
        if made.next:
            await self._do(made.next)
        return made

    async def _recover(self) -> None:
        """Put right what a kill, also of another daemon, has left of connections that are ours since now."""
        here = self.company.here
        names: set[str | None] = {None} if here is None else set(here)
        self._recovered &= names
        if names - self._recovered:
            await asyncio.to_thread(empty, self._kit.work)
        for name in names - self._recovered:
            with suppress(LeaseLostError):  # it is another one's already
                async with self._kit.store.working_at(name) if name else nullcontext():
                    await recover(self._kit, self._look, name)
                self._recovered.add(name)

    async def plan(
        self, ids: Sequence[int] | None = None, so: Callable[[Subject], Subject] = lambda subject: subject
    ) -> Plan:
        """What would be done now and in which order, of these items or of all; nobody is asked.

        `so` makes of each what it would be if the user said something.
        """
        store, now = self._kit.store, self._kit.clock()
        subjects = [*map(so, await store.subjects(now, self._kit.downloaders.basis, ids))]
        self.troubles.sites = sites = await store.sites()
        rules = await self._rules()
        if len(subjects) < _IN_THREAD:
            return plan(subjects, sites, rules, now)
        return await in_thread(lambda: plan(subjects, sites, rules, now), "downloads")

    async def _rules(self) -> Rules:
        found = await self._kit.store.roots()
        doubted = {
            root.path: Trouble(root.contradiction if root.is_elsewhere else root.state.sentence)
            for roots in found.values()
            for root in roots
            if root.is_elsewhere or root.state not in (RootState.OK, RootState.QUIET)
        }
        download, zone = self._kit.settings, self._settings.timezone
        return Rules(
            pace=self.pace,
            choose=self._kit.downloaders.choose,
            preview=download.preview,
            here=self.company.here,
            off=frozenset(one.name for one in self._settings.connections if not one.download),
            hours=download.hours_of(zone),
            quiet=self._quiet(),
            quiet_until=self._settings.quiet_hours().ends_after(self._kit.clock()),
            roots={name: [root.path for root in roots] for name, roots in found.items()},
            troubled=doubted | self.troubles.roots,
            work=self.troubles.work,
            rejected=self.troubles.rejected,
        )

    async def _wait(self, again_at: datetime | None, mark: Any, seen: object) -> None:
        """Until somebody says something, the next is due, or something happened; in a preview, here alone."""
        store, loop = self._kit.store, asyncio.get_running_loop()
        pause = (again_at - self._kit.clock()).total_seconds() if again_at else _LONGEST
        rhythm = _RHYTHM if self.company.is_alone else _RHYTHM_OF_SEVERAL
        only_shows = self._kit.settings.preview and self.company.is_alone
        if only_shows:
            rhythm = _LONGEST
        deadline = loop.time() + min(max(pause, 0.0) + 0.01, _LONGEST)
        while not self._wake.is_set() and (left := deadline - loop.time()) > 0:
            happens = (self._wake.wait(), store.commits.after(mark, rhythm))
            waits: set[asyncio.Future[Any]] = {asyncio.ensure_future(one) for one in happens}
            try:
                await asyncio.wait(waits, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in waits:
                    one.cancel()
            if only_shows:
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(_LULL, max(0.0, deadline - loop.time()))):
                        await self._wake.wait()
            mark = await store.commits.mark()
            if await self.company.news() != seen:
                return

    async def _do(self, due: Due) -> None:
        """One download, as a task of its own, so that it can be stopped alone."""
        self._stopping = False
        self._task = asyncio.create_task(self._one(due), name=f"download {due.subject.id}")
        try:
            await self._until_over(self._task, due.subject)
        finally:
            self._task.cancel()
            await asyncio.wait({self._task})
            task, self._task, self.running = self._task, None, None
            await self.company.tell(None)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, LeaseLostError):
            log.warning("download.taken_over", item=due.subject.id)
        elif error:
            raise error

    async def _until_over(self, task: asyncio.Task[None], subject: Subject) -> None:
        """It ends early if another daemon was told to stop it, or works at its connection by now."""
        if self.company.is_alone:
            await asyncio.wait({task})
        while not task.done():
            if self.company.is_elsewhere(subject.connection):
                log.warning("download.taken_over", item=subject.id)
                task.cancel()
                await asyncio.wait({task})
            elif await self.company.has_stopped(subject):
                await self.stop([subject.id])
            else:
                await self.company.tell(self.running)
                await asyncio.wait({task}, timeout=_SOON)

    async def _one(self, due: Due) -> None:
        self.running = Running(due.subject.id, HowFar(self._kit.owner, due.url))
        with suppress(SiteHeldError):  # by another daemon, a moment ago: it is planned anew
            async with self._kit.store.working_at(due.subject.connection):
                await self._work_at(due, self.running)

    async def _work_at(self, due: Due, running: Running) -> None:
        subject, kit, began = due.subject, self._kit, time.monotonic()
        log.info("download.began", item=subject.id, connection=subject.connection, url=due.url)
        job = Job(kit, subject, due.url, due.choice, running)
        try:
            placed = await job.run(lambda: self._outcomes.began(due))
        except JobFailedError as error:
            await to_completion(self._outcomes.failed(due, error, time.monotonic() - began))
            if error.failure.blame is Blame.NOBODY:
                await self._look(subject)
        except asyncio.CancelledError:
            if self._stopping:
                log.info("download.stopped", item=subject.id)
            raise
        except (DatabaseError, SiteHeldError):
            raise
        except Exception as error:  # a mistake of ours, with one item, must keep no other from its turn
            log.exception("download.bug", item=subject.id)
            failed = JobFailedError(Failure.CRASHED, kit.clean(summary(error)), asked_site=job.asked_site)
            await self._outcomes.failed(due, failed, time.monotonic() - began)
        else:
            seconds = time.monotonic() - began
            await self._outcomes.placed(due, placed, seconds, asked_site=job.asked_site)
            await self._look(subject)

    async def look(self, number: int) -> None:
        """Have a refresh look at an item's folder."""
        for subject in await self._kit.store.subjects(self._kit.clock(), "", [number]):
            await self._look(subject)

    async def _look(self, subject: Subject) -> None:
        try:
            await self._look_again(subject.connection, subject.id)
        except DatabaseError as error:
            log.error("database.unusable", error=str(error))
