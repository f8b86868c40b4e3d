"""What a plan would change, item by item: read, never written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.domain.dry_run import Action, PlannedItem
from trailarrd.store import media
from trailarrd.store.changes import weigh
from trailarrd.store.entries import from_row, to_row, trailer_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import sqlalchemy as sa

    from trailarrd.domain.known import Known
    from trailarrd.domain.plan import Change, Entry


def of_changes(db: sa.Connection, changes: Sequence[Change]) -> list[PlannedItem]:
    """Those that would really change something, each with what differs."""
    stored = media.stored(db, (change.known.id for change in changes))
    return list(_weighed(changes, stored))


def _weighed(changes: Sequence[Change], stored: dict[int, media.Stored]) -> Iterator[PlannedItem]:
    for change in changes:
        if (now := stored.get(change.known.id)) is None:
            yield PlannedItem(action=Action.ADDED, entry=change.entry)
            continue
        entry = change.over(trailer_file(now.row))
        action, difference = weigh(change, now, to_row(entry))
        if action is not None:
            yield PlannedItem(action=action, entry=entry, id=change.known.id, changes=difference)


def of_known(db: sa.Connection, known: Sequence[Known], action: Action) -> list[PlannedItem]:
    """Items of which the plan says only which they are."""
    stored = media.stored(db, (one.id for one in known))
    return [
        PlannedItem(action=action, entry=from_row(stored[one.id].row), id=one.id)
        for one in known
        if one.id in stored
    ]


def of_additions(additions: Sequence[Entry]) -> list[PlannedItem]:
    return [PlannedItem(action=Action.ADDED, entry=entry) for entry in additions]
