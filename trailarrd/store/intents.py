"""What is said about items: a user's yes or no, and a downloader's word that it is working on one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

import sqlalchemy as sa

from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.monitoring import Decision, Exclusion, MonitorMode, TrailerState, decide
from trailarrd.domain.plan import Rules
from trailarrd.store import history
from trailarrd.store.tables import ConnectionTable, MediaTable, chunks


@dataclass(slots=True)
class IntentResult:
    """What became of a wish, by item id."""

    changed: list[int] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    """That was their intent already."""
    unknown: list[int] = field(default_factory=list)
    """There is no such item, or it is removed."""


def set_intent(
    db: sa.Connection, ids: Sequence[int], *, intent: bool | None, at: datetime, by: str | None = None
) -> IntentResult:
    """Set the user's yes or no for these items, or drop it (None), and decide anew what is monitored.

    `by` is who says so, for people.
    """
    result = IntentResult()
    for chunk in chunks(dict.fromkeys(ids)):
        rows = _read(db, chunk)
        result.unknown += [number for number in chunk if number not in rows]
        result.unchanged += [number for number, row in rows.items() if row["intent"] is intent]
        changed = [row for row in rows.values() if row["intent"] is not intent]
        result.changed += [row["id"] for row in changed]
        _write(db, changed, intent=intent, at=at, by=by)
    return result


def _read(db: sa.Connection, ids: Sequence[int]) -> dict[int, sa.RowMapping]:
    media, connection = MediaTable, ConnectionTable
    subject = (media.id, media.arr_id, media.title, media.trailer, media.intent, media.first_refresh)
    decided = (media.monitored, media.monitor_reason, media.monitored_remotely, media.contradicted)
    statement = (
        sa.select(*subject, *decided, media.verdict, connection.name, connection.mode, connection.baseline)
        .join_from(media, connection)
        .where(media.id.in_(ids), media.removed_at.is_(None))
    )
    rows = {row["id"]: row for row in db.execute(statement).mappings()}
    return {number: rows[number] for number in ids if number in rows}


def _write(
    db: sa.Connection,
    rows: Sequence[sa.RowMapping],
    *,
    intent: bool | None,
    at: datetime,
    by: str | None,
) -> None:
    if not rows:
        return
    decisions = [(row, decided(row, trailer=row["trailer"], intent=intent)) for row in rows]
    written = [{"item": row["id"], "now": one.monitored, "reason": one.reason} for row, one in decisions]
    db.execute(_update(intent=intent, at=at, by=by), written)
    events = [_events(row, one, intent=intent, at=at) for row, one in decisions]
    history.record(db, list(chain.from_iterable(events)))


def _update(*, intent: bool | None, at: datetime, by: str | None) -> sa.Update:
    return (
        sa.update(MediaTable)
        .where(MediaTable.id == sa.bindparam("item"))
        .values(
            intent=intent,
            intent_at=None if intent is None else at,
            intent_by=None if intent is None else by,
            monitored=sa.bindparam("now"),
            monitor_reason=sa.bindparam("reason"),
            last_changed=at,
        )
    )


def decided(row: sa.RowMapping, *, trailer: TrailerState, intent: bool | None) -> Decision:
    """What becomes of a stored item when its trailer or the user's choice is so now."""
    # Items come by refreshes, and a refresh stores its mode: there is one.
    rules = Rules(refresh=0, mode=row["mode"] or MonitorMode.NONE, baseline=row["baseline"])
    return decide(
        trailer=trailer,
        intent=intent,
        mode=rules.mode,
        monitored_remotely=row["monitored_remotely"],
        is_new=rules.is_new(row["first_refresh"]),
        contradicted=row["contradicted"],
        exclusion=Exclusion.of(row["verdict"]),
    )


def _events(
    row: sa.RowMapping, decision: Decision, *, intent: bool | None, at: datetime
) -> Iterator[dict[str, Any]]:
    subject = history.by_the_user(row, at)
    event = HistoryEvent.INTENT_DROPPED if intent is None else HistoryEvent.INTENT_SET
    yield {**subject, "event": event, "detail": {"intent": [row["intent"], intent]}}
    difference = {
        name: [before, after]
        for name, before, after in (
            ("monitored", row["monitored"], decision.monitored),
            ("monitor_reason", row["monitor_reason"], decision.reason),
        )
        if before != after
    }
    if row["monitored"] != decision.monitored:
        switched = HistoryEvent.MONITORED if decision.monitored else HistoryEvent.UNMONITORED
        yield {**subject, "event": switched, "detail": difference}


def claim(db: sa.Connection, media_id: int, owner: str, *, until: datetime, now: datetime) -> bool:
    """Take or prolong the claim, unless another owner's still holds; whether `owner` has it now."""
    free = sa.or_(
        MediaTable.claimed_by.is_(None),
        MediaTable.claimed_by == owner,
        MediaTable.claimed_until <= now,
    )
    statement = (
        sa.update(MediaTable)
        .where(MediaTable.id == media_id, MediaTable.removed_at.is_(None), free)
        .values(claimed_by=owner, claimed_until=until)
    )
    return db.execute(statement).rowcount == 1


def release(db: sa.Connection, media_id: int, owner: str) -> bool:
    """Give the claim back; False if it was not `owner`'s."""
    statement = (
        sa.update(MediaTable)
        .where(MediaTable.id == media_id, MediaTable.claimed_by == owner)
        .values(claimed_by=None, claimed_until=None)
    )
    return db.execute(statement).rowcount == 1
