"""How many items there are of each kind that is counted: read in one go, for all who ask."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias

import sqlalchemy as sa

from trailarrd.domain.monitoring import MediaStatus, TrailerState, status_of
from trailarrd.store.tables import ConnectionTable, MediaTable

Tally: TypeAlias = "Counter[tuple[str, MediaStatus | TrailerState]]"
"""Numbers of items by connection and status, and by connection and trailer state."""


class Group(NamedTuple):
    """The stored items of one connection that have the same trailer state and are monitored, or are not."""

    connection: str
    trailer: TrailerState
    monitored: bool
    items: int
    claimed: int
    held: int
    contradicted: int
    vanishing: int
    misnamed: int
    """Of those that vanish."""
    claims_end: datetime | None
    """When the first of the claims ends."""


@dataclass(frozen=True, slots=True)
class Counts:
    """All groups, as they were at a moment."""

    at: datetime
    groups: list[Group]

    def hold(self, now: datetime) -> bool:
        """Whether they are the same now if nobody has written anything: no claim has ended since."""
        return self.at <= now and all(one.claims_end is None or now < one.claims_end for one in self.groups)

    def tally(self) -> Tally:
        """How many items each connection has of each status and each trailer state."""
        found: Tally = Counter()
        for group in self.groups:
            status = status_of(
                trailer=group.trailer, monitored=group.monitored, claimed_until=None, now=self.at
            )
            found[group.connection, status] += group.items - group.claimed
            found[group.connection, MediaStatus.DOWNLOADING] += group.claimed
            found[group.connection, group.trailer] += group.items
        return found


def counts(db: sa.Connection, now: datetime) -> Counts:
    """Count them; claims that have ended are none. Reads nothing but the index of `tables.COUNTED`."""
    media, number = MediaTable, sa.func.count()
    is_claimed, vanishes = media.claimed_until > now, media.vanishing_since.is_not(None)
    groups = (media.connection_id, media.trailer, media.monitored)
    counted = (
        sa.select(
            *groups,
            number.label("items"),
            number.filter(is_claimed).label("claimed"),
            number.filter(media.held_at.is_not(None)).label("held"),
            number.filter(media.contradicted).label("contradicted"),
            number.filter(vanishes).label("vanishing"),
            number.filter(vanishes, media.misnamed).label("misnamed"),
            sa.func.min(media.claimed_until).filter(is_claimed).label("claims_end"),
        )
        .where(media.removed_at.is_(None))
        .group_by(*groups)
        .subquery()
    )
    columns = [one for one in counted.c if one.name != "connection_id"]
    statement = sa.select(ConnectionTable.name, *columns).join_from(
        counted, ConnectionTable, counted.c.connection_id == ConnectionTable.id
    )
    statement = statement.order_by(ConnectionTable.name)
    return Counts(now, [Group(*row) for row in db.execute(statement)])
