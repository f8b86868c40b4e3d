"""A RefreshPlan becomes true, all of it or nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Final

import sqlalchemy as sa

from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.known import Known
from trailarrd.domain.plan import RefreshPlan
from trailarrd.domain.quarantine import Quarantined
from trailarrd.domain.report import Outcome
from trailarrd.domain.roots import RootObservation
from trailarrd.store import foretold, history, media, quarantine, removals, vanishing
from trailarrd.store.changes import ChangeWriter, RowChange
from trailarrd.store.entries import Row, to_row
from trailarrd.store.portable import analyze, with_room
from trailarrd.store.refreshes import RefreshCounts, RefreshStart, finish
from trailarrd.store.roots import note_caught
from trailarrd.store.roots import replace as replace_roots
from trailarrd.store.spool import written
from trailarrd.store.tables import MediaTable, chunks

_MANY: Final = 1000
"""Items that are new at once."""


def apply(
    db: sa.Connection,
    start: RefreshStart,
    plan: RefreshPlan,
    *,
    at: datetime,
    outcome: Outcome,
    quarantined: Sequence[Quarantined] = (),
    roots: Sequence[RootObservation] = (),
    complete: bool = True,
) -> RefreshCounts:
    """Make the plan true, write its history and end the refresh; what really changed.

    `complete` says that the whole library was seen, so that it can be the baseline.
    """
    with with_room(db, len(plan.additions) + len(plan.changes)):
        counts = _write(db, start, plan, at)
    fewer = foretold.fulfil(db, start.connection, start.connection_id, at)
    counts = replace(counts, monitored=counts.monitored - fewer)
    if start.only is None:  # else nothing is known of all the other items
        counts = replace(counts, quarantined=len(quarantined))
        quarantine.replace(db, start.connection_id, quarantined, at)
        replace_roots(db, start, roots, at)
    else:
        note_caught(db, start, roots, at)
    finish(db, start, counts, at=at, outcome=outcome, complete=complete)
    if counts.added >= _MANY:
        analyze(db, "media")
    return counts


def _write(db: sa.Connection, start: RefreshStart, plan: RefreshPlan, at: datetime) -> RefreshCounts:
    """Removed and held items go first, so that an arr id is free before another item takes it."""
    removed = _remove(db, start, plan.removals, at)
    removals.hold(db, start, plan.held, at)
    media.step_aside(db, plan.renumbered, at)
    changed = ChangeWriter(db, start, at)
    changed.write(written(plan.changes, RowChange.of))
    vanishing.note(db, start, plan.flags, at)
    back = removals.release(db, start, plan.released, at)
    added = 0
    if len(plan.additions) or changed.vanished:
        added = _add(db, start, chain(written(plan.additions, to_row), changed.vanished), at)
    return RefreshCounts(
        fetched=plan.fetched,
        added=added,
        updated=changed.updated,
        unchanged=plan.unchanged + changed.unchanged - back,
        removed=removed,
        restored=changed.restored + back,
        held=len(plan.held),
        quarantined=0,
        trailers_present=plan.trailers.present,
        trailers_absent=plan.trailers.absent,
        trailers_unknown=plan.trailers.unknown,
        monitored=plan.monitored + changed.monitored,
        contradicted=plan.contradicted,
        vanishing=plan.vanishing,
    )


def _remove(db: sa.Connection, start: RefreshStart, removals: Iterable[Known], at: datetime) -> int:
    removed = 0
    for chunk in chunks(known.id for known in removals):
        living = MediaTable.id.in_(chunk) & MediaTable.removed_at.is_(None)
        history.record_set(db, start.connection, HistoryEvent.REMOVED, living, at, refresh_id=start.number)
        removed += media.mark_removed(db, chunk, at)
    return removed


def _add(db: sa.Connection, start: RefreshStart, new: Iterable[Row], at: datetime) -> int:
    before = media.insert(db, start, new, at)
    fresh = (MediaTable.id > before) & (MediaTable.connection_id == start.connection_id)
    return history.record_set(db, start.connection, HistoryEvent.ADDED, fresh, at, refresh_id=start.number)
