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
from trailarrd.domain.paths import PathMapper
from trailarrd.domain.plan import Item, Planner
from trailarrd.domain.report import ErrorKind, Outcome, Quarantined, RefreshError, RefreshReport
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
        planner = Planner(
            await self.store.known(start),
            start.rules,
        )
        quarantine = _Quarantine()
        async with aclosing(self.api.all_media()) as batches:  # type: ignore[type-var]  # an async generator
            async for batch in batches:
                media = self._parse(batch, planner, quarantine)
                located = [(one, mapper.to_local(one.path)) for one in media]
                sights = await view.look([Place(path, one.main_file) for one, path in located])
                planner.add(
                    Item(one, path, sight) for (one, path), sight in zip(located, sights, strict=True)
                )
                quarantine.position += len(batch)
                progress(quarantine.position)
        plan = planner.finish(quarantine.arr_ids, may_remove=quarantine.all_identified)
        return _Draft(plan, quarantine.records, view.notes)

    def _parse(self, batch: Sequence[Any], planner: Planner, quarantine: _Quarantine) -> list[Media]:
        """The batch's Media; what cannot be parsed is quarantined and stops nobody else."""
        parsed: dict[int, Media] = {}
        for position, record in enumerate(batch, quarantine.position):
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
            start, draft.plan, quarantined=len(draft.quarantined), outcome=draft.outcome, at=self.clock()
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


@dataclass(slots=True)
class _Quarantine:
    """The records of one refresh that could not be used."""

    records: list[Quarantined] = field(default_factory=list)
    position: int = 0

    def add(self, position: int, arr_id: int | None, reason: str) -> None:
        self.records.append(Quarantined(position=position, arr_id=arr_id, reason=reason[:200]))

    @property
    def arr_ids(self) -> frozenset[int]:
        return frozenset(one.arr_id for one in self.records if one.arr_id is not None)

    @property
    def all_identified(self) -> bool:
        """Whether each is known by its id; one without could be any item, so nothing may be removed."""
        return all(one.arr_id is not None for one in self.records)


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
