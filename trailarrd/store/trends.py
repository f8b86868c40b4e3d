"""How the numbers of trailers went over time, from the refreshes that were."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Final, TypeAlias

import sqlalchemy as sa

from trailarrd.store.portable import Elapsed, Seconds
from trailarrd.store.tables import ConnectionTable, RefreshTable

POINTS: Final = 120
"""How finely a span is cut: of each connection's refreshes in one cut, the last one counts."""
BARS: Final = 60
"""How finely it is cut for what refreshes took."""


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """What all connections together had, as far as was known by then."""

    at: datetime
    present: int
    wanted: int
    unknown: int


_WHOLE: Final = (RefreshTable.items.is_(None), RefreshTable.trailers_present.is_not(None))
"""Refreshes of whole libraries that were applied."""
_Counts: TypeAlias = "tuple[int, int, int]"
"""Present, wanted, unknown."""


@dataclass(frozen=True, slots=True)
class CostPoint:
    """What whole refreshes took that ended in one cut of a span."""

    at: datetime
    """When the last of them ended."""
    refreshes: int
    seconds: float
    """On the average."""
    longest: float


def trend(
    db: sa.Connection, now: datetime, span: timedelta, connection: str | None = None
) -> list[TrendPoint]:
    """The last `span`, of one connection or of all, the oldest point first, with what was known then."""
    since = now - span
    before = _readings(db, connection, before=since)
    known = {number: counts for number, _, _, counts in before}
    points = [_sum(since, known)] if known else []
    width = max(1, int(span.total_seconds() / POINTS))
    readings_of_cuts = groupby(_readings(db, connection, since=since, width=width), key=itemgetter(2))
    for _, readings in readings_of_cuts:
        for number, at, _, counts in readings:  # noqa: B007  # the last moment of the cut
            known[number] = counts
        points.append(_sum(at, known))
    return points


def first_reading(db: sa.Connection) -> datetime | None:
    """When the oldest refresh ended that is kept; None: there is none yet."""
    return db.scalar(sa.select(sa.func.min(RefreshTable.finished_at)).where(*_WHOLE))


def costs(
    db: sa.Connection, now: datetime, span: timedelta, connection: str | None = None
) -> list[CostPoint]:
    """What refreshes took in the last `span`, in cuts, the oldest first; without those where none ended."""
    refresh, width = RefreshTable, max(1, int(span.total_seconds() / BARS))
    took = Elapsed(refresh.started_at, refresh.finished_at)
    cut = Seconds(refresh.finished_at) // sa.literal(width, sa.BigInteger)
    end = sa.func.max(refresh.finished_at)
    statement = (
        sa.select(end, sa.func.count(), sa.func.avg(took), sa.func.max(took))
        .join(ConnectionTable)
        .where(*_WHOLE, refresh.finished_at >= now - span, *_of(connection))
    )
    rows = db.execute(statement.group_by(cut).order_by(end))
    return [CostPoint(*row) for row in rows]


def _of(connection: str | None) -> list[sa.ColumnElement[bool]]:
    """That one, or those that are still configured."""
    return [ConnectionTable.active.is_(True) if connection is None else ConnectionTable.name == connection]


def _readings(
    db: sa.Connection,
    connection: str | None,
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
    newest = sa.select(sa.func.max(refresh.id)).where(*_WHOLE)
    if before is not None:
        newest = newest.where(refresh.finished_at < before)
    if since is not None:
        newest = newest.where(refresh.finished_at >= since)
    newest = newest.group_by(refresh.connection_id, cut)
    counts = (refresh.trailers_present, refresh.monitored, refresh.trailers_unknown)
    statement = sa.select(
        refresh.connection_id, refresh.finished_at, cut, *(sa.func.coalesce(one, 0) for one in counts)
    ).join(ConnectionTable)
    statement = statement.where(refresh.id.in_(newest), *_of(connection))
    rows = db.execute(statement.order_by(refresh.finished_at, refresh.id))
    return [(row[0], at, row[2], (row[3], row[4], row[5])) for row in rows if (at := row[1])]


def _sum(at: datetime, known: Mapping[int, _Counts]) -> TrendPoint:
    present, wanted, unknown = (sum(counts) for counts in zip(*known.values(), strict=True))
    return TrendPoint(at, present, wanted, unknown)
