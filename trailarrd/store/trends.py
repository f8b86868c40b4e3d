"""How the numbers of trailers went over time, from the refreshes that were."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from trailarrd.store.tables import ConnectionTable, RefreshTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, timedelta

POINTS: Final = 120
"""How finely a span is cut: of each connection's refreshes in one cut, the last one counts."""


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """What all connections together had, as far as was known by then."""

    at: datetime
    present: int
    wanted: int
    unknown: int


_Reading = tuple[int, "datetime", int, int, int]
"""Connection, when, present, wanted, unknown."""


def trend(db: sa.Connection, now: datetime, span: timedelta) -> list[TrendPoint]:
    """The last `span`, the oldest point first; begins with what was known before it."""
    since = now - span
    before = _readings(db, RefreshTable.finished_at < since)
    within = _readings(db, RefreshTable.finished_at >= since, _cut(span))
    known = {connection: tuple(counts) for connection, _, *counts in before}
    points = [_sum(since, known)] if known else []
    for at, readings in _by_moment(within).items():
        known |= readings
        points.append(_sum(at, known))
    return points


def _cut(span: timedelta) -> sa.ColumnElement[int]:
    """The number of the cut in which a refresh ended."""
    width = max(1, int(span.total_seconds() / POINTS))
    return sa.cast(sa.extract("epoch", RefreshTable.finished_at), sa.BigInteger) // width


def _readings(
    db: sa.Connection, when: sa.ColumnElement[bool], *cut: sa.ColumnElement[int]
) -> list[_Reading]:
    """The last applied whole refresh of each active connection, or of each in each cut."""
    refresh = RefreshTable
    newest = (
        sa.select(sa.func.max(refresh.id))
        .where(when, refresh.items.is_(None), refresh.trailers_present.is_not(None))
        .group_by(refresh.connection_id, *cut)
    )
    columns = (refresh.connection_id, refresh.finished_at)
    counts = (refresh.trailers_present, refresh.monitored, refresh.trailers_unknown)
    statement = sa.select(*columns, *(sa.func.coalesce(count, 0) for count in counts))
    chosen = statement.join(ConnectionTable).where(refresh.id.in_(newest), ConnectionTable.active)
    return [_Reading(row) for row in db.execute(chosen.order_by(refresh.finished_at, refresh.id))]


def _by_moment(readings: Iterable[_Reading]) -> dict[datetime, dict[int, tuple[int, ...]]]:
    moments: dict[datetime, dict[int, tuple[int, ...]]] = defaultdict(dict)
    for connection, at, *counts in readings:
        moments[at][connection] = tuple(counts)
    return moments


def _sum(at: datetime, known: Mapping[int, tuple[int, ...]]) -> TrendPoint:
    present, wanted, unknown = (sum(counts) for counts in zip(*known.values(), strict=True))
    return TrendPoint(at, present, wanted, unknown)
