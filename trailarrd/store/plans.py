"""A RefreshPlan becomes true, all of it or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.store import history, media, refreshes
from trailarrd.store.changes import ChangeWriter
from trailarrd.store.chunks import chunks
from trailarrd.store.refreshes import RefreshCounts
from trailarrd.store.tables import HistoryEvent, MediaTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    import sqlalchemy as sa

    from trailarrd.domain.plan import Addition, Known, RefreshPlan
    from trailarrd.domain.report import Outcome
    from trailarrd.store.refreshes import RefreshStart


def apply(
    db: sa.Connection,
    start: RefreshStart,
    plan: RefreshPlan,
    *,
    at: datetime,
    outcome: Outcome,
    quarantined: int,
    complete: bool,
) -> RefreshCounts:
    """Write the plan with its history, and end the refresh.

    Removals go first, so that an arr id is free before another item takes it.
    """
    removed = _remove(db, start, plan.removals, at)
    changed = ChangeWriter(db, start, at)
    changed.write(plan.changes)
    additions = [*plan.additions, *changed.vanished]
    _add(db, start, additions, at)
    counts = RefreshCounts(
        fetched=plan.fetched,
        added=len(additions),
        updated=changed.updated,
        unchanged=plan.unchanged + changed.unchanged,
        removed=removed,
        restored=changed.restored,
        held=len(plan.held),
        quarantined=quarantined,
        trailers_present=plan.trailers.present,
        trailers_absent=plan.trailers.absent,
        trailers_unknown=plan.trailers.unknown,
        monitored=plan.monitored + changed.monitored,
    )
    refreshes.finish(db, start, counts, at=at, outcome=outcome, complete=complete)
    return counts


def _remove(db: sa.Connection, start: RefreshStart, removals: Iterable[Known], at: datetime) -> int:
    removed = 0
    for chunk in chunks(known.id for known in removals):
        living = MediaTable.id.in_(chunk) & MediaTable.removed_at.is_(None)
        history.record_set(db, start, HistoryEvent.REMOVED, living, at)
        removed += media.mark_removed(db, chunk, at)
    return removed


def _add(db: sa.Connection, start: RefreshStart, additions: Sequence[Addition], at: datetime) -> None:
    if additions:
        before = media.insert(db, start, additions, at)
        new = (MediaTable.id > before) & (MediaTable.first_refresh == start.number)
        history.record_set(db, start, HistoryEvent.ADDED, new, at)
