"""Refreshes: those that were, one that has just ended, one that would be (a dry run), and what the last
ones could not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import msgspec

from trailarrd.documents import Document, to_second
from trailarrd.documents.connections import Root, Trouble, WitnessedRoot
from trailarrd.domain.dry_run import Action, DryRun, PlannedItem
from trailarrd.domain.monitoring import MonitorReason, TrailerState, condition_of
from trailarrd.domain.report import Outcome, RefreshReport

if TYPE_CHECKING:
    from trailarrd.store.refreshes import RefreshRow


class Refresh(Document, frozen=True, kw_only=True):
    """One refresh; its counts are null before its end and if it failed."""

    id: int
    connection: str
    started: datetime
    finished: datetime | None
    outcome: Outcome | None
    fetched: int | None
    added: int | None
    updated: int | None
    unchanged: int | None
    removed: int | None
    restored: int | None
    held: int | None
    quarantined: int | None
    monitored: int | None
    error: Trouble | None
    contradicted: int | None
    vanishing: int | None

    @classmethod
    def of(cls, row: RefreshRow) -> Self:
        return cls.like(
            row,
            started=to_second(row.started_at),
            finished=to_second(row.finished_at),
            error=Trouble.of(row.error_kind, row.error_message),
        )


class TrailerCounts(Document, frozen=True, kw_only=True):
    """What the disk showed."""

    present: int
    absent: int
    unknown: int


class DoubtedRoot(Root, frozen=True, kw_only=True):
    """A root folder that was not trusted, and how many items that left as they were."""

    items: int


class Report(Document, frozen=True, kw_only=True):
    """A refresh that has ended, with the fields of `trailarrd refresh --json`."""

    connection: str
    provider: str
    outcome: Outcome
    fetched: int
    added: int
    updated: int
    unchanged: int
    removed: int
    restored: int
    held: int
    quarantined: int
    trailers: TrailerCounts
    monitored: int
    duration_s: float
    error: Trouble | None
    roots: list[DoubtedRoot]
    contradicted: int
    elsewhere: list[WitnessedRoot]
    vanishing: int

    @classmethod
    def of(cls, report: RefreshReport) -> Self:
        made = msgspec.convert(report, cls, from_attributes=True)
        return msgspec.structs.replace(made, duration_s=round(made.duration_s, 3))


class Reports(Document, frozen=True, kw_only=True):
    """One report for each connection, in the order of trailarrd.yaml."""

    refreshes: list[Report]


class Record(Document, frozen=True, kw_only=True):
    """One record that a connection's last applied refresh could not use."""

    connection: str
    position: int
    arr_id: str | None
    reason: str
    at: datetime


class TouchedItem(Document, frozen=True, kw_only=True):
    """One item as it would be afterwards."""

    connection: str
    action: Action
    id: int | None
    arr_id: int
    title: str
    year: int | None
    remote_path: str
    local_path: str | None
    trailer: TrailerState
    trailer_file: str | None
    monitored: bool
    monitor_reason: MonitorReason
    changes: dict[str, list[Any]]
    condition: str | None

    @classmethod
    def of(cls, connection: str, item: PlannedItem) -> Self:
        entry, media = item.entry, item.entry.media
        return cls.like(
            entry,
            connection=connection,
            action=item.action,
            id=item.id,
            arr_id=media.arr_id,
            title=media.title,
            year=media.year,
            remote_path=media.path,
            changes=dict(item.changes),
            condition=condition_of(entry.exclusion, entry.monitor_reason),
        )


class UnreadRecord(Document, frozen=True, kw_only=True):
    """A record that cannot be read."""

    position: int
    arr_id: int | None
    reason: str


class End(Document, frozen=True, kw_only=True):
    """The end of a connection's items: how many of each action there were, and what would not be well."""

    connection: str
    action: str
    """`end`"""
    outcome: Outcome
    fetched: int
    added: int
    changed: int
    restored: int
    removed: int
    held: int
    released: int
    quarantined: list[UnreadRecord]
    roots: list[DoubtedRoot]
    error: Trouble | None
    vanishing: int
    elsewhere: list[WitnessedRoot]

    @classmethod
    def of(cls, planned: DryRun, counts: Mapping[Action, int]) -> Self:
        error, plan = planned.error, planned.plan
        return cls.like(
            planned,
            action="end",
            fetched=plan.fetched if plan else 0,
            vanishing=plan.vanishing if plan else 0,
            quarantined=[UnreadRecord.like(one) for one in planned.quarantined],
            roots=[DoubtedRoot.like(root) for root in planned.roots],
            elsewhere=[WitnessedRoot.of(root) for root in planned.elsewhere],
            error=Trouble.like(error) if error else None,
            **{action.value: counts[action] for action in Action},
        )
