"""Planned changes meet what is stored now, which may have moved on since the plan was made."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from trailarrd.domain.monitoring import decide
from trailarrd.domain.plan import Addition
from trailarrd.domain.preview import Action
from trailarrd.store import history, media
from trailarrd.store.chunks import chunks
from trailarrd.store.entries import compare

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import sqlalchemy as sa

    from trailarrd.domain.plan import Change
    from trailarrd.store.media import Stored
    from trailarrd.store.refreshes import RefreshStart


def weigh(change: Change, now: Stored) -> tuple[Action | None, dict[str, list[Any]]]:
    """What a change comes to and what differs; None if nothing would be stored otherwise."""
    difference = compare(now.entry, change.entry)
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
    vanished: list[Addition] = field(default_factory=list)
    """Items whose row was purged since the plan was made: they are new again."""

    def write(self, changes: Iterable[Change]) -> None:
        """Write these, with their history."""
        for chunk in chunks(changes):
            self._write(chunk)

    def _write(self, chunk: list[Change]) -> None:
        stored = media.stored(self.db, (change.known.id for change in chunk))
        batch = _Batch()
        for change in chunk:
            now = stored.get(change.known.id)
            if now is None:
                self.vanished.append(
                    Addition(change.entry, change.fingerprint, change.identity, change.known.first_refresh)
                )
            else:
                self._sort(change, now, batch)
        media.update(self.db, batch.different, self.at)
        media.update_marks(self.db, batch.same)
        history.record(self.db, batch.events)

    def _sort(self, planned: Change, now: Stored, batch: _Batch) -> None:
        change = self._with_intent(planned, intent=now.intent)
        self.monitored += change.entry.monitored - planned.entry.monitored
        action, difference = weigh(change, now)
        if action is None:
            self.unchanged += 1
            batch.same.append(change)
            return
        batch.different.append(change)
        restored = action is Action.RESTORED
        self.restored += restored
        self.updated += not restored
        for event, detail in history.events_of(difference, restored=restored):
            batch.events.append({**self._subject(change), "event": event, "detail": detail})

    def _with_intent(self, change: Change, *, intent: bool | None) -> Change:
        """The user may have spoken between plan and now; what was said last counts."""
        if intent is change.known.intent:
            return change
        monitored, reason = decide(
            trailer=change.entry.trailer,
            intent=intent,
            mode=self.start.mode,
            monitored_remotely=change.entry.media.monitored_remotely,
            is_new=self.start.rules.is_new(change.known.first_refresh),
        )
        entry = replace(change.entry, monitored=monitored, monitor_reason=reason)
        return replace(change, entry=entry)

    def _subject(self, change: Change) -> dict[str, Any]:
        return {
            "at": self.at,
            "connection": self.start.connection,
            "media_id": change.known.id,
            "arr_id": change.entry.media.arr_id,
            "title": change.entry.media.title,
            "refresh_id": self.start.number,
        }


@dataclass(slots=True)
class _Batch:
    """What is written at once."""

    different: list[Change] = field(default_factory=list)
    same: list[Change] = field(default_factory=list)
    """Only their marks may differ."""
    events: list[dict[str, Any]] = field(default_factory=list)
