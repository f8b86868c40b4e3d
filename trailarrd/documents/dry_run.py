"""A dry run: what a refresh would do, item by item, and how it would end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from trailarrd.documents import Document
from trailarrd.documents.connections import Trouble
from trailarrd.documents.refreshes import DoubtedRoot
from trailarrd.domain.dry_run import Action
from trailarrd.domain.monitoring import MonitorReason, TrailerState
from trailarrd.domain.report import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trailarrd.domain.dry_run import DryRun, PlannedItem


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
    def of(cls, connection: str, item: PlannedItem) -> TouchedItem:
        entry, media = item.entry, item.entry.media
        return cls(
            connection=connection,
            action=item.action,
            id=item.id,
            arr_id=media.arr_id,
            title=media.title,
            year=media.year,
            remote_path=media.path,
            local_path=entry.local_path,
            trailer=entry.trailer,
            trailer_file=entry.trailer_file,
            monitored=entry.monitored,
            monitor_reason=entry.monitor_reason,
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
    action: str = "end"
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
    def of(cls, planned: DryRun, counts: Mapping[Action, int]) -> End:
        error, plan = planned.error, planned.plan
        return cls(
            connection=planned.connection,
            outcome=planned.outcome,
            fetched=plan.fetched if plan else 0,
            quarantined=msgspec.convert(planned.quarantined, list[UnreadRecord], from_attributes=True),
            roots=msgspec.convert(planned.roots, list[DoubtedRoot], from_attributes=True),
            error=Trouble.of(error.kind, error.message) if error else None,
            added=counts[Action.ADDED],
            changed=counts[Action.CHANGED],
            restored=counts[Action.RESTORED],
            removed=counts[Action.REMOVED],
            held=counts[Action.HELD],
            released=counts[Action.RELEASED],
        )
