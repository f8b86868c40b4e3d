"""Trailers that are held to be there, though they are not seen any more: some wait for the user's choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.known import Vanishing
from trailarrd.domain.monitoring import TrailerState
from trailarrd.store import history
from trailarrd.store.connections import find
from trailarrd.store.intents import decided
from trailarrd.store.tables import ConnectionTable, MediaTable, chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from trailarrd.domain.monitoring import Decision
    from trailarrd.store.refreshes import RefreshStart

_PRESENT: Final = MediaTable.removed_at.is_(None) & (MediaTable.trailer == TrailerState.PRESENT)


def note(
    db: sa.Connection, start: RefreshStart, flags: Mapping[Vanishing, Iterable[int]], at: datetime
) -> None:
    """Note whose trailer begins to vanish, and whose does no longer.

    Only what went with many others is an event: that a name counts no more is the news of another
    version, not of the item. What was approved while the disk was looked at stays approved.
    """
    for chunk in chunks(flags[Vanishing.NO]):
        _set(db, MediaTable.id.in_(chunk), None)
    for chunk in chunks(flags[Vanishing.MISNAMED]):
        _set(db, MediaTable.id.in_(chunk) & _PRESENT, at, misnamed=True)
    for chunk in chunks(flags[Vanishing.GONE]):
        gone = MediaTable.id.in_(chunk) & _PRESENT
        history.record_set(
            db, start.connection, HistoryEvent.TRAILER_VANISHING, gone, at, refresh_id=start.number
        )
        _set(db, gone, at)


def approve(db: sa.Connection, connection: str, at: datetime) -> int:
    """Believe that exactly the trailers that vanish now are gone, and decide anew; how many those were."""
    ids = list(db.scalars(sa.select(MediaTable.id).where(_vanishing(db, connection))))
    for chunk in chunks(ids):
        rows = _read(db, chunk)
        decisions = [(row, decided(row, trailer=TrailerState.ABSENT, intent=row["intent"])) for row in rows]
        written = [{"item": row["id"], "now": now.monitored, "reason": now.reason} for row, now in decisions]
        db.execute(_update(at), written)
        history.record(db, [event for row, now in decisions for event in _events(row, now, at)])
    return len(ids)


def discard(db: sa.Connection, connection: str) -> int:
    """Hold nothing any more and keep every trailer; how many. The next refresh decides anew."""
    return _set(db, _vanishing(db, connection), None)


def _vanishing(db: sa.Connection, connection: str) -> sa.ColumnElement[bool]:
    of_connection = MediaTable.connection_id == find(db, connection).id
    return of_connection & _PRESENT & MediaTable.vanishing_since.is_not(None)


def _set(
    db: sa.Connection, which: sa.ColumnElement[bool], since: datetime | None, *, misnamed: bool = False
) -> int:
    values = {"vanishing_since": since, "misnamed": misnamed}
    return db.execute(sa.update(MediaTable).where(which).values(values)).rowcount


def _read(db: sa.Connection, ids: list[int]) -> list[sa.RowMapping]:
    media, connection = MediaTable, ConnectionTable
    subject = (media.id, media.arr_id, media.title, media.trailer_file, media.intent, media.first_refresh)
    decided = (media.monitored, media.monitor_reason, media.monitored_remotely, media.contradicted)
    statement = (
        sa.select(*subject, *decided, media.verdict, connection.name, connection.mode, connection.baseline)
        .join_from(media, connection)
        .where(media.id.in_(ids))
    )
    return list(db.execute(statement).mappings())


def _update(at: datetime) -> sa.Update:
    """Its folder is listed anew at the next refresh."""
    return (
        sa.update(MediaTable)
        .where(MediaTable.id == sa.bindparam("item"))
        .values(
            trailer=TrailerState.ABSENT,
            trailer_file=None,
            trailer_mark=None,
            signature=None,
            vanishing_since=None,
            misnamed=False,
            monitored=sa.bindparam("now"),
            monitor_reason=sa.bindparam("reason"),
            last_changed=at,
        )
    )


def _events(row: sa.RowMapping, now: Decision, at: datetime) -> Iterator[dict[str, Any]]:
    subject = history.by_the_user(row, at)
    gone = {
        "trailer": [TrailerState.PRESENT, TrailerState.ABSENT],
        "trailer_file": [row["trailer_file"], None],
    }
    yield {**subject, "event": HistoryEvent.TRAILER_VANISHED, "detail": {**gone, "approved": True}}
    if now.monitored:
        reason = [row["monitor_reason"], now.reason]
        detail = {"monitored": [row["monitored"], True], "monitor_reason": reason}
        yield {**subject, "event": HistoryEvent.MONITORED, "detail": detail}
