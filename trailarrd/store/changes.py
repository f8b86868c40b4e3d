"""Planned changes meet what is stored now, which may have moved on since the plan was made.

They are written, or for a dry run only told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec.structs import replace

from trailarrd.domain.dry_run import Action, PlannedItem
from trailarrd.domain.known import NO_SIGNATURE, Known
from trailarrd.domain.monitoring import TrailerState, Verdict, decide
from trailarrd.domain.plan import Change, Entry
from trailarrd.store import history, media
from trailarrd.store.entries import (
    Row,
    compare,
    from_row,
    is_absent,
    keep_untold,
    plain,
    to_row,
    trailer_file,
)
from trailarrd.store.refreshes import RefreshStart
from trailarrd.store.tables import chunks


def weigh(change: Change, now: media.Stored, row: Row) -> tuple[Action | None, Mapping[str, list[Any]]]:
    """What a change to this row comes to and what differs; None if nothing would be stored otherwise."""
    difference = compare(now.row, row)
    if now.removed or (difference and change.has_new_arr_id):
        return Action.RESTORED, difference
    return (Action.CHANGED if difference else None), difference


@dataclass(slots=True)
class ChangeWriter:
    """Writes the changes that are changes still, and counts what became of each."""

    db: sa.Connection
    start: RefreshStart
    at: datetime
    updated: int = 0
    unchanged: int = 0
    restored: int = 0
    monitored: int = 0
    """How many more items are monitored than was planned."""
    vanished: list[Entry] = field(default_factory=list)
    """Items whose row was purged since the plan was made: they are new again."""

    def write(self, changes: Iterable[Change]) -> None:
        for chunk in chunks(changes):
            self._write(chunk)

    def _write(self, chunk: list[Change]) -> None:
        stored = media.stored(self.db, (change.known.id for change in chunk))
        batch = _Batch()
        for change in chunk:
            now = stored.get(change.known.id)
            if now is None:
                self.vanished.append(_new(change))
            else:
                self._sort(change, now, batch)
        media.update(self.db, batch.different, self.at)
        media.update_hidden(self.db, batch.same)
        history.record(self.db, batch.events)

    def _sort(self, change: Change, now: media.Stored, batch: _Batch) -> None:
        number, entry = change.known.id, self._entry(change, now)
        self.monitored += entry.monitored - change.entry.monitored
        row = keep_untold(now.row, to_row(plain(entry)))
        action, difference = weigh(change, now, row)
        if action is None:
            self.unchanged += 1
            batch.same.append((number, row))
            return
        batch.different.append((number, row))
        restored = action is Action.RESTORED
        self.restored += restored
        self.updated += not restored
        for event, detail in history.events_of(difference, restored=restored):
            batch.events.append({**self._subject(number, entry), "event": event, "detail": detail})

    def _entry(self, change: Change, now: media.Stored) -> Entry:
        """The planned entry, with what it leaves to the stored one.

        The user may have spoken between plan and now, of this item or of trailers that vanish; what was
        said last counts.
        """
        entry = change.over(trailer_file(now.row))
        believed_gone = change.keeps_file and change.known.vanishing and is_absent(now.row)
        if believed_gone:
            entry = replace(entry, trailer=TrailerState.ABSENT, signature=NO_SIGNATURE)
        elif now.intent is change.known.intent:
            return entry
        monitored, reason = decide(
            trailer=entry.trailer,
            intent=now.intent,
            mode=self.start.mode,
            monitored_remotely=entry.media.monitored_remotely,
            is_new=self.start.rules.is_new(entry.first_refresh),
            contradicted=entry.contradicted,
            verdict=Verdict.of(entry.verdict),
        )
        return replace(entry, monitored=monitored, monitor_reason=reason)

    def _subject(self, number: int, entry: Entry) -> dict[str, Any]:
        return {
            "at": self.at,
            "connection": self.start.connection,
            "media_id": number,
            "arr_id": entry.media.arr_id,
            "title": entry.media.title,
            "refresh_id": self.start.number,
        }


@dataclass(slots=True)
class _Batch:
    different: list[tuple[int, Row]] = field(default_factory=list)
    same: list[tuple[int, Row]] = field(default_factory=list)
    """Only what no event tells of may differ."""
    events: list[dict[str, Any]] = field(default_factory=list)


def _new(change: Change) -> Entry:
    """Its row is gone, and with it what it would keep: its folder must be listed anew."""
    return replace(change.entry, signature=NO_SIGNATURE) if change.keeps_file else change.entry


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
        action, difference = weigh(change, now, keep_untold(now.row, to_row(plain(entry))))
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
