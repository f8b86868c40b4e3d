"""A dry run: what a refresh would do, item by item, and how it would end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from trailarrd.documents import Document
from trailarrd.documents.connections import Trouble
from trailarrd.documents.refreshes import DoubtedRoot
from trailarrd.domain.dry_run import Action, DryRun, PlannedItem
from trailarrd.domain.monitoring import MonitorReason, TrailerState
from trailarrd.domain.report import Outcome


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

    @classmethod
    def of(cls, planned: DryRun, counts: Mapping[Action, int]) -> Self:
        error, plan = planned.error, planned.plan
        return cls.like(
            planned,
            action="end",
            fetched=plan.fetched if plan else 0,
            quarantined=[UnreadRecord.like(one) for one in planned.quarantined],
            roots=[DoubtedRoot.like(root) for root in planned.roots],
            error=Trouble.like(error) if error else None,
            **{action.value: counts[action] for action in Action},
        )
