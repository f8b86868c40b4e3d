"""Planned changes meet what is stored now, which may have moved on since the plan was made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from trailarrd.domain.monitoring import MonitorReason, TrailerState, decide
from trailarrd.domain.preview import Action
from trailarrd.store import history, media
from trailarrd.store.chunks import chunks
from trailarrd.store.entries import ENTRY_COLUMNS, EntryRow, compare
from trailarrd.store.media import ChangedRow, NewRow, marks_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    import sqlalchemy as sa

    from trailarrd.store.media import Stored
    from trailarrd.store.piles import PlannedRow
    from trailarrd.store.refreshes import RefreshStart

_AT: Final = {name: index for index, name in enumerate(ENTRY_COLUMNS)}


def weigh(
    now: Stored, entry: EntryRow, *, has_new_arr_id: bool
) -> tuple[Action | None, Mapping[str, list[Any]]]:
    """What a change comes to and what differs; None if nothing would be stored otherwise."""
    difference = compare(now.entry, entry)
    if now.removed or (difference and has_new_arr_id):
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
    vanished: list[NewRow] = field(default_factory=list)
    """Items whose row was purged since the plan was made: they are new again."""

    def write(self, changes: Iterable[PlannedRow]) -> None:
        """Write these, with their history."""
        for chunk in chunks(changes):
            self._write(chunk)

    def _write(self, chunk: list[PlannedRow]) -> None:
        stored = media.stored(self.db, (change.id for change in chunk))
        batch = _Batch()
        for change in chunk:
            now = stored.get(change.id)
            if now is None:
                self.vanished.append(_new(change))
            else:
                self._sort(change, now, batch)
        media.update(self.db, batch.different, self.at)
        media.update_marks(self.db, batch.same)
        history.record(self.db, batch.events)

    def _sort(self, change: PlannedRow, now: Stored, batch: _Batch) -> None:
        entry = self._entry(change, now)
        self.monitored += entry[_AT["monitored"]] - change.entry[_AT["monitored"]]
        action, difference = weigh(now, entry, has_new_arr_id=change.has_new_arr_id)
        row = ChangedRow(change.id, entry, _marks(change, entry))
        if action is None:
            self.unchanged += 1
            batch.same.append(row)
            return
        batch.different.append(row)
        restored = action is Action.RESTORED
        self.restored += restored
        self.updated += not restored
        for event, detail in history.events_of(difference, restored=restored):
            batch.events.append({**self._subject(change.id, entry), "event": event, "detail": detail})

    def _entry(self, change: PlannedRow, now: Stored) -> EntryRow:
        """The planned entry, with what it leaves to the stored one.

        The user may have spoken between plan and now; what was said last counts.
        """
        entry = list(change.entry)
        if change.keeps_file:
            entry[_AT["trailer_file"]] = now.entry[_AT["trailer_file"]]
        if now.intent is not change.intent:
            monitored, reason = decide(
                trailer=TrailerState(entry[_AT["trailer"]]),
                intent=now.intent,
                mode=self.start.mode,
                monitored_remotely=bool(entry[_AT["monitored_remotely"]]),
                is_new=self.start.rules.is_new(change.first_refresh),
            )
            entry[_AT["monitored"]], entry[_AT["monitor_reason"]] = monitored, MonitorReason(reason).value
        return tuple(entry)

    def _subject(self, number: int, entry: EntryRow) -> dict[str, Any]:
        return {
            "at": self.at,
            "connection": self.start.connection,
            "media_id": number,
            "arr_id": entry[_AT["arr_id"]],
            "title": entry[_AT["title"]],
            "refresh_id": self.start.number,
        }


@dataclass(slots=True)
class _Batch:
    """What is written at once."""

    different: list[ChangedRow] = field(default_factory=list)
    same: list[ChangedRow] = field(default_factory=list)
    """Only their marks may differ."""
    events: list[dict[str, Any]] = field(default_factory=list)


def _new(change: PlannedRow) -> NewRow:
    """Its row is gone, and with it what it would keep: its folder must be listed anew."""
    signature = b"" if change.keeps_file else change.signature
    marks = marks_of(change.entry, change.fingerprint, change.identity, signature)
    return NewRow(change.entry, marks, change.first_refresh)


def _marks(change: PlannedRow, entry: EntryRow) -> EntryRow:
    return marks_of(entry, change.fingerprint, change.identity, change.signature)
