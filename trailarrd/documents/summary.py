"""All of it in a few numbers, for a widget."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from trailarrd import __version__
from trailarrd.documents import Document, to_second
from trailarrd.documents.connections import ConnectionState
from trailarrd.domain.monitoring import MediaStatus, TrailerState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trailarrd.documents.health import Health
    from trailarrd.store.connections import ConnectionRow
    from trailarrd.store.counts import Tally


class ConnectionSummary(Document, frozen=True, kw_only=True):
    """One connection in a few numbers."""

    connection: str
    provider: str
    state: ConnectionState
    items: int
    with_trailer: int
    wanted: int

    @classmethod
    def of(cls, row: ConnectionRow) -> Self:
        return cls.like(row, connection=row.name, state=ConnectionState.of(row), wanted=row.monitored)


class Summary(Document, frozen=True, kw_only=True):
    """How trailarrd is and what it has, over all connections."""

    status: str
    version: str
    issues: int
    items: int
    with_trailer: int
    percent: float
    wanted: int
    unknown: int
    downloading: int
    held: int
    vanishing: int
    quarantined: int
    last_refresh: datetime | None
    connections: list[ConnectionSummary]

    @classmethod
    def of(cls, rows: Sequence[ConnectionRow], tally: Tally, health: Health) -> Self:
        items, with_trailer = (sum(getattr(row, name) for row in rows) for name in ("items", "with_trailer"))

        def counted(what: MediaStatus | TrailerState) -> int:
            return sum(count for (_, which), count in tally.items() if which is what)

        return cls(
            status=health.status,
            version=__version__,
            issues=len(health.issues),
            items=items,
            with_trailer=with_trailer,
            percent=round(100 * with_trailer / items, 1) if items else 0.0,
            wanted=sum(row.monitored for row in rows),
            unknown=counted(TrailerState.UNKNOWN),
            downloading=counted(MediaStatus.DOWNLOADING),
            held=sum(row.held for row in rows),
            vanishing=sum(row.vanishing for row in rows),
            quarantined=sum(row.quarantined for row in rows),
            last_refresh=to_second(
                max((row.last_finished for row in rows if row.last_finished), default=None)
            ),
            connections=[ConnectionSummary.of(row) for row in rows],
        )
