"""One refresh of one connection: ask, parse, map, look, decide, plan, apply.

Read it top to bottom. Everything before `apply` only reads; `apply` is one transaction, so a refresh
that fails anywhere leaves nothing behind but its report.
"""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import ExitStack, aclosing, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog

from trailarrd.concurrency import to_completion
from trailarrd.domain import circuit, retry
from trailarrd.domain.guard import RemovalGuard
from trailarrd.domain.identity import identity_of
from trailarrd.domain.meter import Unmetered
from trailarrd.domain.paths import PathMapper
from trailarrd.domain.plan import NO_SIGNATURE, Item
from trailarrd.domain.planner import Planner
from trailarrd.domain.preview import Forecast
from trailarrd.domain.report import ErrorKind, Outcome, RefreshError, RefreshReport, doubted, kind_of
from trailarrd.domain.rounds import Rounds
from trailarrd.errors import (
    DatabaseError,
    PluginError,
    PluginNotLoadedError,
    ProviderError,
    ProviderUnavailableError,
)
from trailarrd.refresh.catalogue import Catalogue
from trailarrd.refresh.draft import Draft, Trouble, log_report

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import datetime

    from trailarrd.disk.view import DiskView
    from trailarrd.domain.circuit import Circuit
    from trailarrd.domain.connection import Connection
    from trailarrd.domain.media import Media
    from trailarrd.domain.meter import Meter
    from trailarrd.domain.plan import RefreshPlan
    from trailarrd.domain.quarantine import Quarantine
    from trailarrd.domain.roots import RootHistory
    from trailarrd.domain.secret import Redactor
    from trailarrd.plugin.provider import ApiManager, Provider
    from trailarrd.store import RefreshStart, Store

log = structlog.get_logger()

_BREAK: Final = 0.02
"""Seconds, about what a batch takes: who shares the machine with us gets as much of it."""


def _ignore(_fetched: int) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Refresher:
    """Refreshes one connection."""

    connection: Connection
    provider: Provider[Any]
    api: ApiManager[Any]
    store: Store
    disk: Callable[[RootHistory], DiskView]
    """A fresh view of the disk for each refresh."""
    redactor: Redactor
    clock: Callable[[], datetime]
    guard: RemovalGuard = field(default_factory=RemovalGuard)
    full_scan: timedelta = timedelta(days=7)
    """In which time every folder is listed once, whatever its signature says."""
    spread: Callable[[float, float], float] = random.uniform
    meter: Meter = field(default_factory=Unmetered)

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
        async with self.store.refresh_lock(self.connection.name, on_wait=on_wait or self.log_wait):
            report = await self._refresh(progress)
        self.meter.refreshed(report)
        return report

    @asynccontextmanager
    async def foresee(self, progress: Callable[[int], None] = _ignore) -> AsyncIterator[Forecast]:
        """What a refresh would change now; nothing is written, and nobody has to wait for it.

        Its plan can be read until the block is left.

        Raises:
            DatabaseError: the database cannot be read.
            ConfigError: the connection's name belongs to another provider.
        """
        start = await self.store.foresee_refresh(self.connection, self.clock())
        draft = await self._attempt(start, progress)
        if isinstance(draft, Trouble):
            yield Forecast(connection=self.connection.name, outcome=Outcome.FAILED, error=draft.error)
            return
        with closing(draft):
            yield Forecast(
                connection=self.connection.name,
                outcome=draft.outcome,
                plan=draft.plan,
                quarantined=draft.quarantine.records,
                roots=doubted(draft.roots),
            )

    async def _refresh(self, progress: Callable[[int], None]) -> RefreshReport:
        began = time.monotonic()
        start = await self.store.begin_refresh(self.connection, at=self.clock())
        draft = await self._attempt(start, progress)
        if isinstance(draft, Trouble):
            return await self._failed(start, draft, began)
        with closing(draft):
            return await self._apply(start, draft, began)

    async def _attempt(self, start: RefreshStart, progress: Callable[[int], None]) -> Draft | Trouble:
        """Plan; what goes wrong is this connection's trouble alone, unless it is the database."""
        try:
            return await self._plan_patiently(start, progress)
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001  # a mistake, whosever it is
            return self.trouble_of(error)

    def trouble_of(self, error: Exception) -> Trouble:
        """What an error of the server, of its plugin or of ours means for this connection."""
        if isinstance(error, ProviderError):
            kind, said, retry_after = kind_of(error), str(error), _retry_after(error)
        elif isinstance(error, PluginNotLoadedError):
            kind, said, retry_after = ErrorKind.INTERNAL, str(error), None
        else:
            log.error(
                "refresh.bug",
                connection=self.connection.name,
                provider=self.provider.name,
                exc_info=error,
            )
            kind, said, retry_after = ErrorKind.INTERNAL, _bug(error), None
        return Trouble(RefreshError(kind, self.redactor.clean(said)), retry_after)

    async def _plan_patiently(self, start: RefreshStart, progress: Callable[[int], None]) -> Draft:
        """Plan; while the server is only unavailable, wait a moment and plan all of it anew."""
        attempts = 0
        while True:
            try:
                return await self._plan(start, progress)
            except ProviderUnavailableError as error:
                attempts += 1
                jitter = self.spread(*retry.JITTER)
                wait = self.connection.retry.wait(attempts, _retry_after(error), jitter)
                if wait is None:
                    raise
                reason = self.redactor.clean(str(error))
            log.debug("refresh.retry", connection=self.connection.name, wait_s=round(wait, 3), error=reason)
            await asyncio.sleep(wait)

    async def _plan(self, start: RefreshStart, progress: Callable[[int], None]) -> Draft:
        """Ask the server for its whole library and work out what it changes; reads only."""
        catalogue = Catalogue(self.provider, self.api, self.redactor)
        mapper = PathMapper(self.connection.path_mappings)
        view = self.disk(await self.store.root_history(start))
        await view.check_roots(mapper.to_local(root) for root in await catalogue.root_folders())
        rounds = Rounds(self.full_scan, start.last_began, start.began)
        rules = replace(start.rules, derivation=catalogue.derivation)
        known = await self.store.known(start)
        looked = 0.0
        with ExitStack() as kept:
            piles = kept.enter_context(self.store.piles())
            planner = Planner(known, rules, self.guard, plan=piles.plan, strangers=piles.strangers)
            async with aclosing(catalogue.media()) as batches:
                async for media in batches:
                    items = self.place(media, mapper)
                    planner.recall(items)
                    await self.store.wait_idle(_BREAK)
                    began = time.monotonic()
                    await look(items, view, rounds)
                    looked += time.monotonic() - began
                    planner.add(items)
                    progress(catalogue.arrived)
            self.meter.looked(self.connection.name, looked)
            plan = await _finish(planner, catalogue.quarantine)
            return Draft(plan, catalogue.quarantine, view.roots, view.notes, kept.pop_all())

    def place(self, media: Sequence[Media], mapper: PathMapper) -> list[Item]:
        """Each Media with where it lies on this host."""
        name, to_local = self.provider.identity, mapper.to_local
        return [Item(one, to_local(one.path), identity=identity_of(one, name)) for one in media]

    async def _apply(self, start: RefreshStart, draft: Draft, began: float) -> RefreshReport:
        counts = await self.store.apply(
            start,
            draft.plan,
            quarantined=draft.quarantine.records,
            roots=draft.roots,
            outcome=draft.outcome,
            complete=draft.is_baseline,
            at=self.clock(),
        )
        report = RefreshReport(
            connection=self.connection.name,
            provider=self.provider.name,
            outcome=draft.outcome,
            fetched=counts.fetched,
            added=counts.added,
            updated=counts.updated,
            unchanged=counts.unchanged,
            removed=counts.removed,
            restored=counts.restored,
            held=counts.held,
            quarantined=counts.quarantined,
            trailers=draft.plan.trailers,
            monitored=counts.monitored,
            duration_s=time.monotonic() - began,
            roots=doubted(draft.roots),
        )
        log_report(report, draft)
        return report

    async def _failed(self, start: RefreshStart, trouble: Trouble, began: float) -> RefreshReport:
        now = self.clock()
        opened = start.circuit.failed(
            trouble.error.kind,
            at=now,
            interval=self.connection.interval,
            retry_after=trouble.retry_after,
            jitter=self.spread(*circuit.JITTER),
        )
        await self.store.fail_refresh(start, trouble.error, at=now, retry_at=opened.retry_at)
        return RefreshReport(
            connection=self.connection.name,
            provider=self.provider.name,
            outcome=Outcome.FAILED,
            duration_s=time.monotonic() - began,
            error=trouble.error,
        )

    def log_wait(self, owner: str) -> None:
        log.info("refresh.waiting", connection=self.connection.name, owner=owner)


async def look(items: Sequence[Item], view: DiskView, rounds: Rounds | None = None) -> None:
    """Give each what is to be seen at its place; a folder is listed if it has changed, or in its turn.

    Without `rounds`, it is everybody's turn.
    """
    for item in items:
        if item.signature and (rounds is None or rounds.is_due(item.media.arr_id)):
            item.signature = NO_SIGNATURE
    await view.look(items)


async def _finish(planner: Planner, quarantine: Quarantine) -> RefreshPlan:
    """The plan; in a thread, as a large library that was moved takes its time to be recognised."""
    finish = partial(planner.finish, quarantine.arr_ids, may_remove=quarantine.all_identified)
    return await to_completion(asyncio.to_thread(finish))


def _retry_after(error: ProviderError) -> float | None:
    """How long the server asked to be left alone, if the plugin says that in a number."""
    seconds = getattr(error, "retry_after", None)
    return seconds if isinstance(seconds, (int, float)) else None


def _bug(error: Exception) -> str:
    if isinstance(error, PluginError):
        return str(error)
    return f"trailarrd failed: {type(error).__name__}: {error}"
