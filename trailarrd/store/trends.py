"""How the numbers of trailers went over time, from the refreshes that were."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Final, TypeAlias

import sqlalchemy as sa

from trailarrd.store.portable import Seconds
from trailarrd.store.tables import ConnectionTable, RefreshTable

POINTS: Final = 120
"""How finely a span is cut: of each connection's refreshes in one cut, the last one counts."""


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """What all connections together had, as far as was known by then."""

    at: datetime
    present: int
    wanted: int
    unknown: int


_Counts: TypeAlias = "tuple[int, int, int]"
"""Present, wanted, unknown."""


def trend(db: sa.Connection, now: datetime, span: timedelta) -> list[TrendPoint]:
    """The last `span`, the oldest point first; begins with what was known before it."""
    since = now - span
    known = {connection: counts for connection, _, _, counts in _readings(db, before=since)}
    points = [_sum(since, known)] if known else []
    width = max(1, int(span.total_seconds() / POINTS))
    for _, readings in groupby(_readings(db, since=since, width=width), key=itemgetter(2)):
        for connection, at, _, counts in readings:  # noqa: B007  # the last moment of the cut
            known[connection] = counts
        points.append(_sum(at, known))
    return points


def _readings(
    db: sa.Connection,
    *,
    before: datetime | None = None,
    since: datetime | None = None,
    width: int | None = None,
) -> list[tuple[int, datetime, int, _Counts]]:
    """Each active connection's last applied whole refresh, or the last in each cut of so many seconds.

    As connection, when, number of the cut, counts; by time.
    """
    refresh = RefreshTable
    cut = (
        Seconds(refresh.finished_at) // sa.literal(width, sa.BigInteger)
        if width
        else sa.literal(0, sa.BigInteger)
    )
    newest = sa.select(sa.func.max(refresh.id)).where(
        refresh.items.is_(None), refresh.trailers_present.is_not(None)
    )
    if before is not None:
        newest = newest.where(refresh.finished_at < before)
    if since is not None:
        newest = newest.where(refresh.finished_at >= since)
    newest = newest.group_by(refresh.connection_id, cut)
    counts = (refresh.trailers_present, refresh.monitored, refresh.trailers_unknown)
    statement = sa.select(
        refresh.connection_id, refresh.finished_at, cut, *(sa.func.coalesce(one, 0) for one in counts)
    ).join(ConnectionTable)
    statement = statement.where(refresh.id.in_(newest), ConnectionTable.active)
    rows = db.execute(statement.order_by(refresh.finished_at, refresh.id))
    return [(row[0], at, row[2], (row[3], row[4], row[5])) for row in rows if (at := row[1])]


def _sum(at: datetime, known: Mapping[int, _Counts]) -> TrendPoint:
    present, wanted, unknown = (sum(counts) for counts in zip(*known.values(), strict=True))
    return TrendPoint(at, present, wanted, unknown)
