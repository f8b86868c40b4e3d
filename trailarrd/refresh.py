"""One refresh of one connection: ask, parse, map, look, decide, plan, apply.

Read it top to bottom. Everything before `apply` only reads; `apply` is one transaction, so a refresh
that fails anywhere leaves nothing behind but its report.
"""

from __future__ import annotations

import time
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from trailarrd.disk.view import Place
from trailarrd.domain.guard import RemovalGuard
from trailarrd.domain.identity import identity_of
from trailarrd.domain.paths import PathMapper
from trailarrd.domain.plan import Item
from trailarrd.domain.planner import Planner
from trailarrd.domain.quarantine import Quarantine
from trailarrd.domain.report import ErrorKind, Outcome, RefreshError, RefreshReport
from trailarrd.errors import (
    DatabaseError,
    ProviderError,
    ProviderRejectedError,
    ProviderResponseError,
    ProviderUnavailableError,
)
from trailarrd.plugin.provider import BrokenRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from trailarrd.disk.view import DiskView
    from trailarrd.domain.connection import Connection
    from trailarrd.domain.media import Media
    from trailarrd.domain.plan import RefreshPlan
    from trailarrd.domain.quarantine import Quarantined
    from trailarrd.domain.secret import Redactor
    from trailarrd.plugin.provider import ApiManager, Provider
    from trailarrd.store import RefreshStart, Store

log = structlog.get_logger()

_EXPECTED = (ProviderUnavailableError, ProviderRejectedError, ProviderResponseError)
"""What an API manager may raise; anything else is a mistake in its plugin."""

_LOGGED_RECORDS = 5
"""Quarantined records named in the log; the count tells the rest."""


def _ignore(_fetched: int) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Refresher:
    """Refreshes one connection."""

    connection: Connection
    provider: Provider[Any]
    api: ApiManager[Any]
    store: Store
    disk: Callable[[], DiskView]
    """A fresh view of the disk for each refresh."""
    redactor: Redactor
    clock: Callable[[], datetime]
    guard: RemovalGuard = field(default_factory=RemovalGuard)

    async def refresh(self, progress: Callable[[int], None] = _ignore) -> RefreshReport:
        """One complete round; `progress` hears how many records have arrived.

        Raises:
            DatabaseError: the database cannot be used; whatever was there before still is.
        """
        began = time.monotonic()
        start = await self.store.begin_refresh(self.connection, at=self.clock())
        try:
            draft = await self._plan(start, progress)
        except _EXPECTED as error:
            return await self._failed(start, RefreshError(_kind_of(error), str(error)), began)
        except DatabaseError:
            raise
        except Exception as error:  # a plugin's mistake is this connection's trouble alone
            log.exception("refresh.bug", connection=self.connection.name, provider=self.provider.name)
            return await self._failed(start, self._bug(error), began)
        return await self._apply(start, draft, began)

    async def _plan(self, start: RefreshStart, progress: Callable[[int], None]) -> _Draft:
        """Ask the server for its whole library and work out what it changes; reads only."""
        await self.api.system_status()
        mapper = PathMapper(self.connection.path_mappings)
        view = self.disk()
        view.add_roots(mapper.to_local(root) for root in await self.api.root_folders())
        planner = Planner(await self.store.known(start), start.rules, self.guard)
        quarantine = Quarantine()
        arrived = 0
        async with aclosing(self.api.all_media()) as batches:  # type: ignore[type-var]  # an async generator
            async for batch in batches:
                media = self._parse(batch, arrived, planner, quarantine)
                planner.add(await self._look(media, mapper, view))
                arrived += len(batch)
                progress(arrived)
        plan = planner.finish(quarantine.arr_ids, may_remove=quarantine.all_identified)
        return _Draft(plan, quarantine.records, view.notes)

    async def _look(self, media: Sequence[Media], mapper: PathMapper, view: DiskView) -> list[Item]:
        """Each Media with where it lies on this host and what is to be seen there."""
        paths = [mapper.to_local(one.path) for one in media]
        sights = await view.look([Place(path, one.main_file) for one, path in zip(media, paths, strict=True)])
        return [
            Item(one, path, sight, identity_of(one, self.provider.identity))
            for one, path, sight in zip(media, paths, sights, strict=True)
        ]

    def _parse(
        self, batch: Sequence[Any], arrived: int, planner: Planner, quarantine: Quarantine
    ) -> list[Media]:
        """The batch's Media; what cannot be parsed is quarantined and stops nobody else."""
        parsed: dict[int, Media] = {}
        for position, record in enumerate(batch, arrived):
            if isinstance(record, BrokenRecord):
                quarantine.add(record.position, record.arr_id, self.redactor.clean(record.reason))
                continue
            try:
                media = self.provider.parser(record)
            except Exception as error:  # noqa: BLE001  # a parser may stumble over anything a server sends
                reason = self.redactor.clean(f"{type(error).__name__}: {error}")
                quarantine.add(position, _arr_id(record), reason)
                continue
            if media.arr_id in parsed or planner.is_duplicate(media.arr_id):
                quarantine.add(position, media.arr_id, "the server listed this id twice")
            else:
                parsed[media.arr_id] = media
        return list(parsed.values())

    async def _apply(self, start: RefreshStart, draft: _Draft, began: float) -> RefreshReport:
        counts = await self.store.apply(
            start, draft.plan, quarantined=draft.quarantined, outcome=draft.outcome, at=self.clock()
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
        )
        _log_report(report, draft)
        return report

    async def _failed(self, start: RefreshStart, error: RefreshError, began: float) -> RefreshReport:
        error = RefreshError(error.kind, self.redactor.clean(error.message))
        await self.store.fail_refresh(start, error, at=self.clock())
        return RefreshReport(
            connection=self.connection.name,
            provider=self.provider.name,
            outcome=Outcome.FAILED,
            duration_s=time.monotonic() - began,
            error=error,
        )

    def _bug(self, error: Exception) -> RefreshError:
        return RefreshError(
            ErrorKind.INTERNAL, f"provider {self.provider.name} failed: {type(error).__name__}: {error}"
        )


@dataclass(frozen=True, slots=True)
class _Draft:
    """A plan with what was noticed on the way to it."""

    plan: RefreshPlan
    quarantined: Sequence[Quarantined]
    notes: Sequence[str]

    @property
    def outcome(self) -> Outcome:
        incomplete = self.quarantined or self.plan.held or self.plan.trailers.unknown
        return Outcome.PARTIAL if incomplete else Outcome.OK


def _kind_of(error: ProviderError) -> ErrorKind:
    match error:
        case ProviderUnavailableError():
            return ErrorKind.UNAVAILABLE
        case ProviderRejectedError():
            return ErrorKind.REJECTED
    return ErrorKind.RESPONSE


def _arr_id(record: object) -> int | None:
    """The id of a record that its own parser refused, if it has one under the usual name."""
    arr_id = record.get("id") if isinstance(record, dict) else getattr(record, "id", None)
    return arr_id if isinstance(arr_id, int) and not isinstance(arr_id, bool) else None


def _log_report(report: RefreshReport, draft: _Draft) -> None:
    for record in draft.quarantined[:_LOGGED_RECORDS]:
        log.warning(
            "record.quarantined",
            connection=report.connection,
            position=record.position,
            arr_id=record.arr_id,
            reason=record.reason,
        )
    for note in draft.notes:
        log.warning("disk.note", connection=report.connection, note=note)
    log.info(
        "refresh.finished",
        connection=report.connection,
        outcome=report.outcome.value,
        fetched=report.fetched,
        added=report.added,
        updated=report.updated,
        removed=report.removed,
        restored=report.restored,
        held=report.held,
        quarantined=report.quarantined,
        duration_s=round(report.duration_s, 3),
    )
