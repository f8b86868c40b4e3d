"""One refresh of one connection: ask, parse, map, look, decide, plan, apply.

Read it top to bottom. Everything before `apply` only reads; `apply` is one transaction, so a refresh
that fails anywhere leaves nothing behind but its report.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    ExitStack,
    aclosing,
    asynccontextmanager,
    closing,
    nullcontext,
)
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import msgspec
import structlog

from trailarrd import errors
from trailarrd.concurrency import to_completion
from trailarrd.disk.view import DiskView
from trailarrd.domain import circuit, retry
from trailarrd.domain.circuit import Circuit
from trailarrd.domain.connection import Connection
from trailarrd.domain.dry_run import DryRun
from trailarrd.domain.guard import Guard
from trailarrd.domain.known import KnownItems
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath, PathMapper, RemotePath
from trailarrd.domain.plan import Match, Observation, RefreshPlan, Rules
from trailarrd.domain.planner import Planner
from trailarrd.domain.quarantine import Quarantine
from trailarrd.domain.report import Meter, Outcome, RefreshReport, Unmetered
from trailarrd.domain.roots import RootHistory
from trailarrd.domain.rotation import ScanRotation
from trailarrd.domain.secret import Redactor
from trailarrd.plugin.provider import ApiManager, Provider
from trailarrd.refresh.absence import Absence, AbsenceInquiry
from trailarrd.refresh.elsewhere import lost_by_root, with_fitting_mappings
from trailarrd.refresh.library import MOST_ROOTS, ProviderLibrary, RecentRoots
from trailarrd.refresh.planned import (
    PlannedRefresh,
    RefreshFailure,
    asked_pause,
    failure_of,
    log_report,
    log_revisit,
    log_unwanted,
)
from trailarrd.refresh.scope import Scope
from trailarrd.refresh.tags import RecentTags
from trailarrd.store.filter import MediaFilter
from trailarrd.store.refreshes import RefreshStart
from trailarrd.store.spool import Buffers
from trailarrd.store.store import Store

log = structlog.get_logger()

_BREAK: Final = 0.02
"""Seconds, about what a batch takes: who shares the machine with us gets as much of it."""


def _ignore(_fetched: int) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Refresher:
    connection: Connection
    provider: Provider[Any]
    api: ApiManager[Any]
    store: Store
    disk: Callable[[RootHistory], DiskView]
    """A fresh view of the disk for each refresh."""
    redactor: Redactor
    clock: Callable[[], datetime]
    guard: Guard = field(default_factory=Guard)
    """What removals are held by."""
    full_scan: timedelta = timedelta(days=7)
    """In which time every folder is listed once, whatever its signature says."""
    spread: Callable[[float, float], float] = random.uniform
    renewed: Callable[[], AbstractAsyncContextManager["Refresher | None"]] = nullcontext
    """One that asks the same server by another key, if that is another now where it came from."""
    meter: Meter = field(default_factory=Unmetered)
    most_roots: int = MOST_ROOTS
    """More root folders than this are no server's."""
    root_folders: RecentRoots = field(default_factory=RecentRoots)
    tags: RecentTags = field(default_factory=RecentTags)

    async def circuit(self) -> Circuit:
        """What the last refreshes mean for the next one.

        Raises:
            DatabaseError: the database cannot be used.
        """
        return await self.store.circuit(self.connection.name)

    async def refresh(
        self, progress: Callable[[int], None] = _ignore, on_wait: Callable[[str], object] | None = None
    ) -> RefreshReport:
        """One complete round, when nobody else refreshes this connection any more.

        `progress` hears how many records have arrived, `on_wait` whom we wait for; else the log does.

        Raises:
            DatabaseError: the database cannot be used; whatever was there before still is.
        """
        async with self.store.refresh_lock(self.connection.name, on_wait=on_wait or self._log_wait):
            report, _ = await self._refresh(progress=progress)
        self.meter.refreshed(report)
        return report

    async def revisit(
        self, arr_ids: Collection[int], deleted: Collection[int] = (), *, heard: bool = False
    ) -> bool:
        """The same for these items alone; whether nothing of them is left to a whole refresh.

        What the whole library alone can tell (who has whose id now, and who is gone, unless that is beyond
        doubt of one that is said to be `deleted`) is left to that, and so is a server that cannot be asked.
        One that was not `heard` since before the last list may have lost more than it tells.

        Raises:
            DatabaseError: the database cannot be used; whatever was there before still is.
        """
        changed, gone = frozenset(arr_ids), frozenset(deleted)
        async with self.store.refresh_lock(self.connection.name, on_wait=self._log_wait):
            if gone and changed - gone:  # a new one may be one that is gone, added again
                together = await self._revisit(changed & gone, gone, heard=heard)
                return together and await self._revisit(changed - gone)
            return await self._revisit(changed, gone, heard=heard)

    async def _revisit(
        self, changed: frozenset[int], deleted: frozenset[int] = frozenset(), *, heard: bool = False
    ) -> bool:
        report, left = await self._refresh(changed, deleted=deleted, heard=heard)
        return report.error is None and not left

    async def still_refused(self) -> bool:
        """Whether the server that refused us still does; asked is only who it is.

        If so, it is noted when to ask again; whatever else it says is for a refresh to tell.

        Raises:
            DatabaseError: the database cannot be used.
        """
        try:
            await self._library().system_status()
        except errors.ProviderRejectedError:
            async with self.renewed() as fresh:
                if fresh is None:
                    await self.store.refused_again(self.connection.name, at=self.clock())
                return fresh is None
        except (errors.ProviderError, errors.PluginError):
            pass
        return False

    async def look_again(self, arr_ids: Collection[int]) -> None:
        """Look at the folders of these items as they are stored; the server is not asked.

        Raises:
            DatabaseError: the database cannot be used; whatever was there before still is.
        """
        async with self.store.refresh_lock(self.connection.name, on_wait=self._log_wait):
            await self._refresh(frozenset(arr_ids), stored=True)

    @asynccontextmanager
    async def dry_run(self, progress: Callable[[int], None] = _ignore) -> AsyncIterator[DryRun]:
        """What a refresh would change now; nothing is written, and nobody has to wait for it.

        Its plan can be read until the block is left.

        Raises:
            DatabaseError: the database cannot be read.
            ConfigError: the connection's name belongs to another provider.
        """
        start = await self.store.begin_dry_run(self.connection, self.clock())
        planned = await self.attempt(start, progress)
        if isinstance(planned, RefreshFailure):
            yield DryRun(connection=self.connection.name, outcome=Outcome.FAILED, error=planned.error)
            return
        with closing(planned):
            yield DryRun(
                connection=self.connection.name,
                outcome=planned.outcome,
                plan=planned.plan,
                quarantined=planned.quarantine.records,
                roots=planned.doubted,
            )

    async def _refresh(
        self,
        changed: frozenset[int] | None = None,
        progress: Callable[[int], None] = _ignore,
        *,
        stored: bool = False,
        deleted: frozenset[int] = frozenset(),
        heard: bool = False,
    ) -> tuple[RefreshReport, int]:
        """What it came to, and how many of the items it is about are left to a list."""
        began, only = time.monotonic(), None if changed is None else changed | deleted
        start = await self.store.begin_refresh(self.connection, at=self.clock(), only=only)
        start = replace(start, stored=stored, changed=changed or frozenset(), deleted=deleted, heard=heard)
        planned = await self.attempt(start, progress)
        if isinstance(planned, RefreshFailure):
            return await self._failed(start, planned, began), 0
        with closing(planned):
            return await self._apply(start, planned, began), planned.left

    async def attempt(
        self, start: RefreshStart, progress: Callable[[int], None]
    ) -> PlannedRefresh | RefreshFailure:
        """Plan; what goes wrong is this connection's trouble alone, unless it is the database.

        A key that is refused is read anew from where it came, and tried once more if it is another.
        """
        try:
            return await self._plan_patiently(start, progress)
        except errors.DatabaseError:
            raise
        except errors.ProviderRejectedError as error:
            async with self.renewed() as fresh:
                if fresh is None:
                    return failure_of(error, self.connection.name, self.provider.name, self.redactor)
                again = replace(self, api=fresh.api, redactor=fresh.redactor, renewed=nullcontext)
                return await again.attempt(start, progress)
        except Exception as error:  # noqa: BLE001  # a mistake, whosever it is
            return failure_of(error, self.connection.name, self.provider.name, self.redactor)

    async def _plan_patiently(self, start: RefreshStart, progress: Callable[[int], None]) -> PlannedRefresh:
        """Plan; while the server is only unavailable, wait a moment and plan all of it anew."""
        attempts = 0
        while True:
            try:
                return await self._plan(start, progress)
            except errors.ProviderUnavailableError as error:
                if start.only is not None:
                    raise  # the refresh that follows waits for it, and tells the user
                attempts += 1
                jitter = self.spread(*retry.JITTER)
                wait = self.connection.retry.wait(attempts, asked_pause(error), jitter)
                if wait is None:
                    raise
                reason = self.redactor.clean(str(error))
            log.debug("refresh.retry", connection=self.connection.name, wait_s=round(wait, 3), error=reason)
            await asyncio.sleep(wait)

    async def _plan(
        self,
        start: RefreshStart,
        progress: Callable[[int], None],
        elsewhere: frozenset[LocalPath] | None = None,
    ) -> PlannedRefresh:
        """Ask the server, look at the disk, and work out what that changes; reads only.

        Which root folders are `elsewhere` than the library shows only in the end; until then it is taken
        from the last refresh, and if that was wrong, all of it is done once more.
        """
        library = self._library()
        mapper = PathMapper(self.connection.path_mappings)
        history, remote_roots = await self.store.root_history(start), list[RemotePath]()
        absence = await self._absence(start)
        if not start.stored and start.only != absence.arr_ids:
            ask = self.root_folders.recent if start.only else self.root_folders.asked
            remote_roots = list(await ask(library))
        view = self.disk(history if elsewhere is None else history._replace(elsewhere=elsewhere))
        await view.check_roots(history.observations if start.stored else map(mapper.to_local, remote_roots))
        # Some items alone are looked at because something was told of them: it is everybody's turn.
        last_turn = start.last_began if start.only is None else None
        rotation = ScanRotation(self.full_scan, last_turn, start.began)
        rules = replace(start.rules, derivation=library.derivation)
        scope = Scope(start, self.store, library, mapper, absence.arr_ids)
        known, batches = await scope.items()
        looked = 0.0
        with ExitStack() as stack:
            buffers = stack.enter_context(self.store.buffers())
            trailers = None if start.only is None else await self._trailers()
            planner = self._planner(known, rules, buffers, trailers)
            async with aclosing(batches):
                async for items in batches:
                    matches = planner.match(items)
                    await self.store.wait_idle(_BREAK)
                    began = time.monotonic()
                    observations = await _look(matches, view, rotation)
                    looked += time.monotonic() - began
                    planner.decide(matches, observations)
                    progress(library.arrived)
            plan = await _finish(planner, library.quarantine)
            left, roots = 0, view.roots
            if start.only is None:
                if elsewhere is None and view.is_misjudged:
                    return await self._plan(start, progress, view.elsewhere)
                self.meter.looked(self.connection.name, looked)
                lost = lost_by_root(view.missing, remote_roots, mapper)
                mappings = self.connection.path_mappings
                roots = await with_fitting_mappings(roots, history.observations, lost, mappings)
            else:
                plan.removals = absence.gone
                done = plan.fetched + len(absence.gone) + len(absence.settled)
                left = len(start.only) - done - await scope.unknown()
            return PlannedRefresh(plan, library.quarantine, roots, view.notes, stack.pop_all(), left)

    def _library(self) -> ProviderLibrary:
        """For one reading of it."""
        return ProviderLibrary(self.provider, self.api, self.redactor, self.most_roots, self.tags)

    def _planner(self, known: KnownItems, rules: Rules, buffers: Buffers, trailers: int | None) -> Planner:
        return Planner(
            known,
            rules,
            self.guard,
            trailer_guard=self.connection.trailer_guard,
            trailers=trailers,
            plan=buffers.plan,
            unmatched=buffers.unmatched,
            unsettled=buffers.unsettled,
        )

    async def _absence(self, start: RefreshStart) -> Absence:
        """What became of the items that are said to be deleted."""
        if not start.deleted:
            return Absence()
        library = self._library()
        return await AbsenceInquiry(start, self.store, library, self.guard).ask()

    async def _trailers(self) -> int:
        """How many items of the connection have a trailer as far as is known."""
        present = MediaFilter(connection=self.connection.name, trailer=TrailerState.PRESENT)
        return await self.store.count(present, now=self.clock())

    async def _apply(self, start: RefreshStart, planned: PlannedRefresh, began: float) -> RefreshReport:
        counts = await self.store.apply(
            start,
            planned.plan,
            quarantined=planned.quarantine.records,
            roots=planned.roots,
            outcome=planned.outcome,
            complete=planned.is_baseline,
            at=self.clock(),
        )
        report = RefreshReport(
            connection=self.connection.name,
            provider=self.provider.name,
            outcome=planned.outcome,
            trailers=planned.plan.trailers,
            duration_s=time.monotonic() - began,
            roots=planned.doubted,
            elsewhere=tuple(root for root in planned.roots if root.is_elsewhere),
            **counts.of_items,
        )
        (log_report if start.only is None else log_revisit)(report, planned)
        if start.asks_for_files_first and start.only is None:
            log_unwanted(self.connection.name, await self.store.note_unwanted(start))
        return report

    async def _failed(self, start: RefreshStart, failure: RefreshFailure, began: float) -> RefreshReport:
        now = self.clock()
        opened = start.circuit.failed(
            failure.error.kind,
            at=now,
            interval=self.connection.interval,
            retry_after=failure.retry_after,
            jitter=self.spread(*circuit.JITTER),
        )
        await self.store.fail_refresh(start, failure.error, at=now, retry_at=opened.retry_at)
        return RefreshReport(
            connection=self.connection.name,
            provider=self.provider.name,
            outcome=Outcome.FAILED,
            duration_s=time.monotonic() - began,
            error=failure.error,
        )

    def _log_wait(self, owner: str) -> None:
        log.info("refresh.waiting", connection=self.connection.name, owner=owner)


async def _look(
    matches: Sequence[Match], view: DiskView, rotation: ScanRotation
) -> Sequence[Observation | None]:
    """What is to be seen of each; a folder is listed if it has changed, or in its turn."""
    turn = [
        msgspec.structs.replace(one, due=True)
        if one.signature and rotation.is_due(one.item.media.arr_id)
        else one
        for one in matches
    ]
    return await view.look(turn)


async def _finish(planner: Planner, quarantine: Quarantine) -> RefreshPlan:
    """The plan; in a thread, as a large library that was moved takes its time to be recognised."""
    finish = partial(planner.finish, quarantine.arr_ids, may_remove=quarantine.all_identified)
    return await to_completion(asyncio.to_thread(finish))
