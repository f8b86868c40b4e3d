"""One refresh of one connection: ask, parse, map, look, decide, plan, apply.

Read it top to bottom, and `planning` where it plans. Everything before `apply` only reads; `apply` is one
transaction, so a refresh that fails anywhere leaves nothing behind but its report.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from trailarrd import errors
from trailarrd.disk.view import DiskView
from trailarrd.domain import circuit, retry
from trailarrd.domain.circuit import Circuit
from trailarrd.domain.connection import Connection
from trailarrd.domain.dry_run import DryRun
from trailarrd.domain.guard import Guard
from trailarrd.domain.report import Meter, Outcome, RefreshReport, Unmetered
from trailarrd.domain.roots import RootHistory
from trailarrd.domain.secret import Redactor
from trailarrd.plugin.provider import ApiManager, Provider
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
from trailarrd.refresh.planning import Planning
from trailarrd.refresh.tags import RecentTags
from trailarrd.store.refreshes import RefreshStart
from trailarrd.store.store import Store

log = structlog.get_logger()


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
                elsewhere=planned.elsewhere,
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
                return await self._planning(start, progress).plan()
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

    def _planning(self, start: RefreshStart, progress: Callable[[int], None]) -> Planning:
        return Planning(
            start=start,
            connection=self.connection,
            store=self.store,
            library=self._library,
            disk=self.disk,
            guard=self.guard,
            full_scan=self.full_scan,
            root_folders=self.root_folders,
            meter=self.meter,
            progress=progress,
        )

    def _library(self) -> ProviderLibrary:
        """For one reading of it."""
        return ProviderLibrary(self.provider, self.api, self.redactor, self.most_roots, self.tags)

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
            elsewhere=planned.elsewhere,
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
