"""Planned changes meet what is stored now, which may have moved on since the plan was made.

They are written, or for a dry run only told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

import msgspec
import sqlalchemy as sa

from trailarrd.domain.dry_run import Action, PlannedItem
from trailarrd.domain.known import Known
from trailarrd.domain.monitoring import Exclusion, TrailerState, decide
from trailarrd.domain.plan import Change, Entry
from trailarrd.store import history, media
from trailarrd.store.entries import AT, Row, changed, compare, from_row, keep_untold, to_row
from trailarrd.store.refreshes import RefreshStart
from trailarrd.store.tables import chunks


class RowChange(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A `Change` as it is written."""

    known: Known
    row: Row
    keeps_file: bool

    @classmethod
    def of(cls, change: Change) -> Self:
        return cls(change.known, to_row(change.entry), change.keeps_file)

    def change(self) -> Change:
        return Change(self.known, from_row(self.row), self.keeps_file)

    def over(self, now: Row) -> Row:
        """What there is once the change is made, where this is stored."""
        if not self.keeps_file:
            return self.row
        kept = {name: now[AT[name]] for name in ("trailer_file", "trailer_mark")}
        return changed(self.row, **kept)


def weigh(change: RowChange, now: media.Stored, row: Row) -> tuple[Action | None, Mapping[str, list[Any]]]:
    """What a change to this row comes to and what differs; None if nothing would be stored otherwise."""
    difference = compare(now.row, row)
    if now.removed or (difference and change.known.arr_id != row[AT["arr_id"]]):
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
    vanished: list[Row] = field(default_factory=list)
    """Items whose row was purged since the plan was made: they are new again."""

    def write(self, changes: Iterable[RowChange]) -> None:
        for chunk in chunks(changes):
            self._write(chunk)

    def _write(self, chunk: list[RowChange]) -> None:
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

    def _sort(self, change: RowChange, now: media.Stored, batch: _Batch) -> None:
        number, row = change.known.id, self._row(change, now)
        self.monitored += row[AT["monitored"]] - change.row[AT["monitored"]]
        row = keep_untold(now.row, row)
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
            batch.events.append({**self._subject(number, row), "event": event, "detail": detail})

    def _row(self, change: RowChange, now: media.Stored) -> Row:
        """The planned row, with what it leaves to the stored one.

        The user may have spoken between plan and now, of this item or of trailers that vanish; what was
        said last counts.
        """
        row = change.over(now.row)
        is_absent = now.row[AT["trailer"]] == TrailerState.ABSENT
        if change.keeps_file and change.known.vanishing and is_absent:  # believed to be gone
            row = changed(row, trailer=TrailerState.ABSENT.value, signature=None)
        elif now.intent is change.known.intent:
            return row
        entry = from_row(row)
        monitored, reason = decide(
            trailer=entry.trailer,
            intent=now.intent,
            mode=self.start.mode,
            monitored_remotely=entry.media.monitored_remotely,
            is_new=self.start.rules.is_new(entry.first_refresh),
            contradicted=entry.contradicted,
            exclusion=Exclusion.of(entry.exclusion),
        )
        return changed(row, monitored=int(monitored), monitor_reason=reason.value)

    def _subject(self, number: int, row: Row) -> dict[str, Any]:
        return {
            "at": self.at,
            "connection": self.start.connection,
            "media_id": number,
            "arr_id": row[AT["arr_id"]],
            "title": row[AT["title"]],
            "refresh_id": self.start.number,
        }


@dataclass(slots=True)
class _Batch:
    different: list[tuple[int, Row]] = field(default_factory=list)
    same: list[tuple[int, Row]] = field(default_factory=list)
    """Only what no event tells of may differ."""
    events: list[dict[str, Any]] = field(default_factory=list)


def _new(change: RowChange) -> Row:
    """Its row is gone, and with it what it would keep: its folder must be listed anew."""
    return changed(change.row, signature=None) if change.keeps_file else change.row


def of_changes(db: sa.Connection, changes: Sequence[RowChange]) -> list[PlannedItem]:
    """Those that would really change something, each with what differs."""
    stored = media.stored(db, (change.known.id for change in changes))
    return list(_weighed(changes, stored))


def _weighed(changes: Sequence[RowChange], stored: dict[int, media.Stored]) -> Iterator[PlannedItem]:
    for change in changes:
        if (now := stored.get(change.known.id)) is None:
            yield PlannedItem(action=Action.ADDED, entry=from_row(change.row))
            continue
        row = keep_untold(now.row, change.over(now.row))
        action, difference = weigh(change, now, row)
        if action is not None:
            yield PlannedItem(action=action, entry=from_row(row), id=change.known.id, changes=difference)


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
