"""What the documents promise, written down a second time and simpler: the state machine's other half.

It knows what no server and no database can know, which film or show is which, by a title that never
changes. So "the same item has the same row" needs no recognising here: that is what is tested.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tests.safety.answer import Answer, Listed

MAX_ITEMS: Final = 1
MAX_PERCENT: Final = 30
"""The bounds of both guards, of removals and of trailers: small, as the libraries are."""
SECOND_LOOK: Final = timedelta(minutes=10)


@dataclass(kw_only=True)
class Row:
    """One item as the database should have it."""

    title: str
    values: dict[str, Any]
    first_refresh: int
    intent: bool | None = None
    removed_at: datetime | None = None
    held_at: datetime | None = None
    vanishing_since: datetime | None = None
    """Since when its trailer is held to be there, though it is not seen any more."""
    misnamed: bool = False
    """Whether only because the rules for names are others now."""
    listed_at: datetime | None = None
    """When its folder was listed last."""
    number: int | None = None
    """The row's own number, once it was seen: it never changes."""

    @property
    def living(self) -> bool:
        return self.removed_at is None

    @property
    def has_trailer(self) -> bool:
        return bool(self.values) and self.values["trailer"] == "present"

    @property
    def gone(self) -> bool:
        """Whether its trailer went with too many others."""
        return self.vanishing_since is not None and not self.misnamed

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
    caught: frozenset[str] = frozenset()
    """The root folders whose times were caught lying, by the last answered refresh or before."""
    caught_before: frozenset[str] = frozenset()
    """Those as that refresh began."""
    hidden: dict[str, int] = field(default_factory=dict)
    """Of which titles that refresh missed a change, and how often times had been stopped or started then."""
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

    @property
    def vanishing(self) -> list[Row]:
        return [row for row in self.living if row.has_trailer and row.vanishing_since]

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
        answer = replace(answer, listed=[self._as_told(one, answer.elsewhere) for one in answer.listed])
        listed = {one.title: one for one in answer.listed}
        too_many = self._are_too_many_trailers(answer.listed)
        gone = [row for row in self.living if row.title not in listed]
        exempt = self.exempt(answer)
        gone = [row for row in gone if row not in exempt]
        # A record that cannot be read leaves a held row with its id held: it may be either.
        doubtful = [row for row in gone if row.held_at and row.arr_id in answer.unreadable]
        certain = [row for row in gone if row not in doubtful]
        removed = certain if self._believes(answer, certain) else []
        counts["removed"] += len(removed)
        counts["held"] += len(gone) - len(removed)
        for row in gone:
            self._remove(row) if row in removed else self._hold(row)
        for row in self.living:
            if row.title not in listed:
                row.listed_at = self.now  # its turn comes when it is listed again
        for row in self.held:
            if row not in gone:
                row.held_at = None
        unseen = gone_trailers = 0
        for one in answer.listed:
            counts[self._settle(one, too_many=too_many)] += 1
            row = self.rows[one.title]
            counts[self._shown(row, one)] += 1
            unseen += one.sight[0] == "unknown"
            counts["monitored"] += row.values["monitored"]
            counts["contradicted"] += row.values["contradicted"]
            counts["vanishing"] += row.vanishing_since is not None
            gone_trailers += row.gone
        counts["fetched"] = len(listed)
        counts["quarantined"] = self.quarantined = len(answer.unreadable) + answer.anonymous
        if self.mode == "new" and self.baseline is None and listed and not answer.anonymous:
            self.baseline = self.refreshes
        self.unread = answer.unreadable
        incomplete = counts["held"] or counts["quarantined"] or unseen or gone_trailers or answer.elsewhere
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

    def _as_told(self, one: Listed, elsewhere: frozenset[str]) -> Listed:
        """That its trailer is gone, or has only a name that counts no more, is not told of a new arr id."""
        row = self.rows.get(one.title)
        looked = one.sight[0] == "absent" and (one.listed or not one.there)
        one = replace(one, doubted=looked and one.own is None and one.root in elsewhere)
        if row is None or not (row.has_trailer and one.there and one.sight[0] == "absent"):
            return one
        named_so = [other for other in self.living if other.arr_id == one.arr_id]
        meant = [other for other in named_so if not other.held_at] or named_so
        if any(other.values["trailer_file"] == row.values["trailer_file"] for other in meant):
            return one
        return replace(one, sight=("unknown", None))

    def _are_too_many_trailers(self, listed: Iterable[Listed]) -> bool:
        """Whether so many are gone that it is rather the disk that is wrong."""
        lost = sum(self._lacks_trailer(one) for one in listed)
        known = sum(row.has_trailer for row in self.living)
        return lost > MAX_ITEMS and lost * 100 > MAX_PERCENT * known

    def _lacks_trailer(self, one: Listed) -> bool:
        """Whether it had a trailer that is not there, as far as anybody can tell."""
        row = self.rows.get(one.title)
        if row is None or not row.has_trailer or one.sight[0] != "absent":
            return False
        return not (self._proves_nothing(row, one) or self._is_misnamed(row, one))

    def _proves_nothing(self, row: Row, one: Listed) -> bool:
        """Whether it says nothing of a trailer that it is not to be seen."""
        return one.doubted or self._is_contradicted(row, one)

    def _is_misnamed(self, row: Row, one: Listed) -> bool:
        """Whether what was the trailer is there, and is none by the present rules."""
        return row.has_trailer and one.sight[0] == "absent" and row.values["trailer_file"] in one.others

    def _is_contradicted(self, row: Row, one: Listed) -> bool:
        """Whether the server has a file that the folder does not show, or did not when it was seen last."""
        if not one.values["has_file"]:
            return False
        if one.own is None:
            return bool(row.values) and bool(row.values["contradicted"])
        return not one.own

    def _vanish(self, row: Row, one: Listed, *, too_many: bool, whole: bool) -> None:
        """Whether its trailer is held to be there from now on, though it is not seen."""
        if row.has_trailer and not self._proves_nothing(row, one) and one.sight[0] == "unknown":
            return
        misnamed = self._is_misnamed(row, one) and not self._proves_nothing(row, one)
        if misnamed or (
            self._lacks_trailer(one) and (too_many or row.gone) and not self._is_confirmed(row, one, whole)
        ):
            if row.vanishing_since is None or row.misnamed != misnamed:
                row.vanishing_since, row.misnamed = self.now, misnamed
                if not misnamed:
                    self._tell(row.title, "trailer-vanishing")
        else:
            row.vanishing_since, row.misnamed = None, False

    def _is_confirmed(self, row: Row, one: Listed, whole: bool) -> bool:
        """Whether a whole refresh saw its own file, and no trailer, long enough after the first time."""
        late = row.gone and row.vanishing_since and row.vanishing_since <= self.now - SECOND_LOOK
        return whole and bool(late and one.own)

    def _shown(self, row: Row, one: Listed) -> str:
        """As what of the three its trailer is counted."""
        if one.sight[0] == "absent" and (row.vanishing_since or one.others & {row.values["trailer_file"]}):
            return "present"
        proves_nothing = one.doubted or row.values["contradicted"]
        return "unknown" if proves_nothing and one.sight[0] == "absent" else one.sight[0]

    def _settle(self, one: Listed, *, too_many: bool, whole: bool = True) -> str:
        """Store one item; which count it belongs to."""
        row = self.rows.get(one.title)
        if row is not None and one.sight[0] != "unknown" and one.listed:
            row.listed_at = self.now
        if row is None:
            first = self.baseline if self.baseline and one.arr_id in self.unread else self.refreshes
            row = self.rows[one.title] = Row(title=one.title, values={}, first_refresh=first)
            row.listed_at = self.now
            row.values = self._found(row, one)
            self._tell(one.title, "added")
            return "added"
        self._vanish(row, one, too_many=too_many, whole=whole)
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
        contradicted = self._is_contradicted(row, one)
        if trailer == "unknown" and row.values and contradicted == before["contradicted"]:
            seen = ("trailer", "trailer_file", "monitored", "reason", "contradicted")
            return {**one.values, **{name: before[name] for name in seen}}
        proves_nothing = one.doubted or contradicted
        kept = row.vanishing_since or proves_nothing
        if trailer == "unknown" or (kept and (trailer, before["trailer"]) == ("absent", "present")):
            trailer, file = before["trailer"], before["trailer_file"]
        elif proves_nothing and trailer == "absent":
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
        if values.get("has_file") is False:
            return False, "no-file"
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
        listed = list(looked_at)
        too_many = self._are_too_many_trailers(listed)
        for one in listed:
            self._settle(one, too_many=too_many, whole=False)

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

    def approve_vanished(self) -> int:
        """Take exactly the trailers as gone that vanish now."""
        rows = self.vanishing
        for row in rows:
            row.vanishing_since, row.misnamed = None, False
            row.values |= {"trailer": "absent", "trailer_file": None}
            row.values["monitored"], row.values["reason"] = self._decide(row, row.values)
            self._tell(row.title, "trailer-vanished")
            if row.values["monitored"]:
                self._tell(row.title, "monitored")
        return len(rows)

    def discard_vanished(self) -> int:
        """Hold none any more and keep them all, until a refresh decides anew."""
        rows = self.vanishing
        for row in rows:
            row.vanishing_since, row.misnamed = None, False
        return len(rows)

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
        is_doubted = "contradicted" in rest or after["trailer"] == "unknown"
        rest -= {"contradicted", "trailer"} if is_doubted else set()
    if restored:
        yield "restored"
    elif rest:
        yield "updated"
