"""What the documents promise, written down a second time and simpler: the state machine's other half.

It knows what no server and no database can know, which film or show is which, by a title that never
changes. So "the same item has the same row" needs no recognising here: that is what is tested.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MAX_ITEMS: Final = 1
MAX_PERCENT: Final = 30
"""The removal guard's bounds: small, as the libraries are."""

Sight = tuple[str, str | None]
"""What is to be seen on the disk: `present`, `absent` or `unknown`, and which file."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One item that the server lists and that can be read, with what the disk shows of it."""

    title: str
    values: Mapping[str, Any]
    """Whatever of it is stored as the server has it: arr_id, year, identity, …"""
    sight: Sight
    own: bool | None
    """Whether its own file is to be seen; None: nobody can tell, or the server has none."""
    root: str
    """The root folder that it lies in."""

    @property
    def arr_id(self) -> int:
        return int(self.values["arr_id"])


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a server says that says anything."""

    listed: list[Listed]
    unreadable: frozenset[int] = frozenset()
    """The arr ids of records that cannot be read."""
    anonymous: int = 0
    """How many records have not even an id."""


@dataclass(kw_only=True)
class Row:
    """One item as the database should have it."""

    title: str
    values: dict[str, Any]
    first_refresh: int
    intent: bool | None = None
    removed_at: datetime | None = None
    held_at: datetime | None = None
    number: int | None = None
    """The row's own number, once it was seen: it never changes."""

    @property
    def living(self) -> bool:
        return self.removed_at is None

    @property
    def arr_id(self) -> int:
        return int(self.values["arr_id"])


@dataclass
class Model:
    """A connection and its items."""

    rows: dict[str, Row] = field(default_factory=dict)
    mode: str | None = None
    baseline: int | None = None
    unread: frozenset[int] = frozenset()
    """The arr ids that the last answered refresh saw, but could not read."""
    refreshes: int = 0
    quarantined: int = 0
    outcome: str | None = None
    error: str | None = None
    now: datetime = field(default_factory=lambda: datetime.min.replace(tzinfo=UTC))
    """The time of what happens next."""
    history: list[tuple[datetime, str, str]] = field(default_factory=list)
    """When the history tells which event of which title; it tells no more and no less."""

    @property
    def events(self) -> Counter[tuple[str, str]]:
        return Counter((title, event) for _, title, event in self.history)

    @property
    def living(self) -> list[Row]:
        return [row for row in self.rows.values() if row.living]

    @property
    def held(self) -> list[Row]:
        return [row for row in self.living if row.held_at]

    # -- refreshes --------------------------------------------------------------------------------

    def fail(self, mode: str, error: str) -> dict[str, Any]:
        """A refresh that could not be completed changes no item; what it should report."""
        self._begin(mode)
        self.outcome, self.error = "failed", error
        return {"outcome": "failed"}

    def refresh(self, mode: str, answer: Answer) -> dict[str, Any]:
        """A refresh that was answered; what it should report, without counts that are zero."""
        self._begin(mode)
        counts = Counter[str]()
        listed = {one.title: one for one in answer.listed}
        gone = [row for row in self.living if row.title not in listed]
        exempt = self.exempt(answer)
        gone = [row for row in gone if row not in exempt]
        believed = self._believes(answer, gone)
        counts["held" if gone and not believed else "removed"] += len(gone)
        for row in gone:
            self._remove(row) if believed else self._hold(row)
        for row in self.held:
            if row not in gone:
                row.held_at = None
        unproved = 0
        for one in answer.listed:
            counts[self._settle(one)] += 1
            values = self.rows[one.title].values
            proves_nothing = values["contradicted"] and one.sight[0] == "absent"
            counts["unknown" if proves_nothing else one.sight[0]] += 1
            unproved += proves_nothing
            counts["monitored"] += values["monitored"]
            counts["contradicted"] += values["contradicted"]
        counts["fetched"] = len(listed)
        counts["quarantined"] = self.quarantined = len(answer.unreadable) + answer.anonymous
        if self.mode == "new" and self.baseline is None and listed and not answer.anonymous:
            self.baseline = self.refreshes
        self.unread = answer.unreadable
        unseen = counts["unknown"] > unproved
        incomplete = counts["held"] or counts["quarantined"] or unseen or _is_elsewhere(answer)
        self.outcome, self.error = "partial" if incomplete else "ok", None
        return {"outcome": self.outcome, **{name: count for name, count in counts.items() if count}}

    def exempt(self, answer: Answer) -> list[Row]:
        """The rows whose ids the server lists on records that cannot be read.

        A held row whose id another one has by now is not meant by it.
        """
        listed = {one.title for one in answer.listed}
        found = []
        for arr_id in answer.unreadable:
            rows = [row for row in self.living if row.arr_id == arr_id]
            meant = [row for row in rows if not row.held_at] or rows
            found += [row for row in meant if row.title not in listed]
        return found

    def _tell(self, title: str, event: str) -> None:
        self.history.append((self.now, title, event))

    def _begin(self, mode: str) -> None:
        self.refreshes += 1
        if mode != self.mode:
            self.mode, self.baseline = mode, None

    def _believes(self, answer: Answer, gone: list[Row]) -> bool:
        """Whether what is gone may be removed at once."""
        if not answer.listed or answer.anonymous:
            return False
        if answer.unreadable and any(self._is_renumbered(one) for one in answer.listed):
            return False  # ids were dealt out anew, so an unreadable record's id does not say whose it is
        return len(gone) <= MAX_ITEMS or len(gone) * 100 <= MAX_PERCENT * len(self.living)

    def _is_renumbered(self, one: Listed) -> bool:
        row = self.rows.get(one.title)
        return row is not None and row.living and row.arr_id != one.arr_id

    def _remove(self, row: Row) -> None:
        row.removed_at, row.held_at = self.now, None
        self._tell(row.title, "removed")

    def _hold(self, row: Row) -> None:
        if row.held_at is None:
            row.held_at = self.now
            self._tell(row.title, "held")

    def _settle(self, one: Listed) -> str:
        """Store one item; which count it belongs to."""
        row = self.rows.get(one.title)
        if row is None:
            first = self.baseline if self.baseline and one.arr_id in self.unread else self.refreshes
            row = self.rows[one.title] = Row(title=one.title, values={}, first_refresh=first)
            row.values = self._found(row, one)
            self._tell(one.title, "added")
            return "added"
        before, after = row.values, self._found(row, one)
        difference = {name for name in after if after[name] != before[name]}
        restored = not row.living or "arr_id" in difference
        row.values, row.removed_at = after, None
        for event in events_of(difference, before, after, restored=restored):
            self._tell(one.title, event)
        return "restored" if restored else "updated" if difference else "unchanged"

    def _found(self, row: Row, one: Listed) -> dict[str, Any]:
        """What to store of an item: a disk that cannot be seen decides nothing anew."""
        before = row.values or {"trailer": "unknown", "trailer_file": None, "contradicted": False}
        trailer, file = one.sight
        contradicted = before["contradicted"] if one.own is None else not one.own
        contradicted = contradicted and one.values["has_file"]
        if trailer == "unknown" and row.values and contradicted == before["contradicted"]:
            kept = ("trailer", "trailer_file", "monitored", "reason", "contradicted")
            return {**one.values, **{name: before[name] for name in kept}}
        if trailer == "unknown" or (contradicted and (trailer, before["trailer"]) == ("absent", "present")):
            trailer, file = before["trailer"], before["trailer_file"]
        elif contradicted and trailer == "absent":
            trailer = "unknown"
        found = {**one.values, "trailer": trailer, "trailer_file": file, "contradicted": contradicted}
        monitored, reason = self._decide(row, found)
        return {**found, "monitored": monitored, "reason": reason}

    def _decide(self, row: Row, values: Mapping[str, Any]) -> tuple[bool, str]:
        """The table in docs/monitoring.md, row by row."""
        if values["trailer"] == "present":
            return False, "trailer-present"
        if row.intent is not None:
            return row.intent, "user"
        if values["contradicted"]:
            return False, "contradicted"
        if values["trailer"] == "unknown":
            return False, "undecided"
        new = self.baseline is not None and row.first_refresh > self.baseline
        return {
            "none": (False, "mode-none"),
            "missing": (True, "mode-missing"),
            "sync": (values["monitored_remotely"], "mode-sync"),
            "new": (new, "mode-new"),
        }[self.mode or "none"]

    def look_again(self, looked_at: Iterable[Listed]) -> None:
        """A look at some items as they are stored; the connection itself is not told of."""
        self.refreshes += 1
        for one in looked_at:
            self._settle(one)

    # -- what the user does -----------------------------------------------------------------------

    def intend(self, title: str, intent: bool | None) -> None:
        """Say yes, no, or drop what was said."""
        row = self.rows[title]
        if row.intent is intent:
            return
        row.intent = intent
        self._tell(title, "intent-dropped" if intent is None else "intent-set")
        before = row.values["monitored"]
        row.values["monitored"], row.values["reason"] = self._decide(row, row.values)
        if row.values["monitored"] != before:
            self._tell(title, "unmonitored" if before else "monitored")

    def approve(self) -> int:
        """Remove exactly what is held."""
        held = self.held
        for row in held:
            self._remove(row)
        return len(held)

    def discard(self) -> int:
        """Hold nothing any more, but for items whose arr ids others have by now."""
        kept = [row for row in self.held if not self._has_twin(row)]
        for row in kept:
            row.held_at = None
        return len(kept)

    def _has_twin(self, row: Row) -> bool:
        return any(other.arr_id == row.arr_id for other in self.living if other is not row)

    def purge(self, before: datetime, history_before: datetime) -> tuple[int, int]:
        """Erase what was removed, and what was told, before these moments; how much that was."""
        old = [row.title for row in self.rows.values() if row.removed_at and row.removed_at < before]
        for title in old:
            del self.rows[title]
        kept = [event for event in self.history if event[0] >= history_before]
        told, self.history = len(self.history) - len(kept), kept
        return len(old), told


def _is_elsewhere(answer: Answer) -> bool:
    """Whether one of the root folders lacks more than 3 and a twentieth of the files that the server has."""
    with_file = Counter(one.root for one in answer.listed if one.own is not None)
    lacking = Counter(one.root for one in answer.listed if one.own is False)
    return any(number > 3 and number * 20 > with_file[root] for root, number in lacking.items())


def events_of(
    difference: Iterable[str], before: Mapping[str, Any], after: Mapping[str, Any], *, restored: bool
) -> Iterator[str]:
    """How the history tells a difference: docs/json.md, "event"."""
    rest = set(difference)
    if "trailer" in rest and "present" in (before["trailer"], after["trailer"]):
        yield "trailer-appeared" if after["trailer"] == "present" else "trailer-vanished"
        rest -= {"trailer", "trailer_file"}
    if "monitored" in rest:
        yield "monitored" if after["monitored"] else "unmonitored"
        rest -= {"monitored", "reason"}
        rest -= {"contradicted", "trailer"} if "contradicted" in rest else set()
    if restored:
        yield "restored"
    elif rest:
        yield "updated"
