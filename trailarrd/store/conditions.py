"""Which items are meant, said in SQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any, Final

import sqlalchemy as sa

from trailarrd.domain.media import MAX_YEAR
from trailarrd.domain.monitoring import MediaStatus, TrailerState
from trailarrd.domain.search import fold, key
from trailarrd.store.filter import EVERYTHING, MediaFilter
from trailarrd.store.portable import AsId
from trailarrd.store.tables import ConnectionTable, MediaTable, QuarantineTable

_FACTS: Final = ("tag", "genre", "language", "release")
"""What is asked for by the names that they have among an item's keys."""
YEAR: Final = sa.func.coalesce(MediaTable.year, sa.text("0"), type_=sa.BigInteger)
ADDED: Final = sa.func.coalesce(MediaTable.added, sa.text("0"), type_=sa.BigInteger)
"""As their indexes have them."""
_LIVING: Final = MediaTable.removed_at.is_(None)


def conditions_of(which: MediaFilter, now: datetime) -> list[sa.ColumnElement[bool]]:
    """What all of them have in common, looked for item by item."""
    return [_LIVING, *chain.from_iterable(_groups(which, now))]


def conditions_by_index(which: MediaFilter, now: datetime) -> list[sa.ColumnElement[bool]]:
    """The same for few of many: each group is found in the index that has all of it, and nowhere else."""
    ids = (sa.select(MediaTable.id).where(_LIVING, *group) for group in _groups(which, now))
    return [_LIVING, *map(MediaTable.id.in_, ids)]


def conditions_of_count(which: MediaFilter, now: datetime) -> list[sa.ColumnElement[bool]]:
    """The same where only their number is asked for: the first group's index is all that is read."""
    first, *others = [*_groups(which, now)] or [[]]
    ids = (sa.select(MediaTable.id).where(_LIVING, *group) for group in others)
    return [_LIVING, *first, *map(MediaTable.id.in_, ids)]


def is_searched_alone(which: MediaFilter) -> bool:
    """Whether the index of titles has all that is asked for."""
    elsewhere = replace(which, connection=None, text=None, has_file=None, **dict.fromkeys(_FACTS))
    return elsewhere == EVERYTHING


def are_few(which: MediaFilter) -> bool:
    """Whether an index has them alone, as they are too few to be met among the next ones."""
    return which.status is MediaStatus.DOWNLOADING


def _groups(which: MediaFilter, now: datetime) -> Iterator[list[sa.ColumnElement[bool]]]:
    """What is asked for, by the index that has it."""
    connection = list(_of_connection(which))
    if searched := list(_searched(which)):
        yield [*searched, *connection]
    counted = list(_counted(which))
    if which.status is not None:
        counted += _has_status(which.status, now)
    if counted or (connection and not searched):
        yield [*counted, *connection]
    if which.years is not None:
        yield [YEAR.between(which.years.first or 1, which.years.last or MAX_YEAR)]
    yield from ([one] for one in _since(which))
    if which.quarantined is not None:
        yield [_is_quarantined(wanted=which.quarantined)]


def _counted(which: MediaFilter) -> Iterator[sa.ColumnElement[bool]]:
    media = MediaTable
    wanted: tuple[tuple[sa.SQLColumnExpression[Any], object], ...] = (
        (media.kind, which.kind),
        (media.trailer, which.trailer),
        (media.monitored, which.monitored),
        (media.monitor_reason, which.reason),
        (media.contradicted, which.contradicted),
        (media.held_at.is_not(None), which.held),
        (media.vanishing_since.is_not(None), which.vanishing),
    )
    for column, value in wanted:
        if value is not None:
            yield column == value


def _since(which: MediaFilter) -> Iterator[sa.ColumnElement[bool]]:
    if which.added_since is not None:
        yield sa.not_(int(which.added_since.timestamp()) > ADDED)
    if which.changed_since is not None:
        yield MediaTable.last_changed >= which.changed_since


def _of_connection(which: MediaFilter) -> Iterator[sa.ColumnElement[bool]]:
    if which.connection is not None:
        named = sa.select(ConnectionTable.id).where(ConnectionTable.name == which.connection)
        yield MediaTable.connection_id == named.scalar_subquery()


def _is_quarantined(*, wanted: bool) -> sa.ColumnElement[bool]:
    """From the few records that are there; an id that is no number belongs to none."""
    media, broken = MediaTable, QuarantineTable
    named = sa.select(broken.connection_id, AsId(broken.arr_id))
    found = sa.select(media.id).where(_LIVING, sa.tuple_(media.connection_id, media.arr_id).in_(named))
    return media.id.in_(found) if wanted else media.id.not_in(found)


def _searched(which: MediaFilter) -> Iterator[sa.ColumnElement[bool]]:
    """What is looked for in titles and keys."""
    titles, keys = MediaTable.titles_folded, MediaTable.keys_folded
    if which.text or which.has_file is not None or any(getattr(which, name) is not None for name in _FACTS):
        yield titles >= ""  # which all are, so that the index of titles is the one that is read
    for word in (which.text or "").split():
        in_titles = titles.contains(fold(word), autoescape=True)
        yield in_titles | keys.contains(key("", word), autoescape=True)
    file = None if which.has_file is None else "yes" if which.has_file else "no"
    for name, value in [("file", file), *((name, getattr(which, name)) for name in _FACTS)]:
        if value is not None:
            yield keys.contains(key(name, value), autoescape=True)


def _has_status(status: MediaStatus, now: datetime) -> list[sa.ColumnElement[bool]]:
    """`domain.monitoring.status_of`, said in SQL."""
    media = MediaTable
    claimed = sa.func.coalesce(media.claimed_until > now, sa.false())
    present = media.trailer == TrailerState.PRESENT
    match status:
        case MediaStatus.DOWNLOADING:
            return [media.claimed_until > now]  # by its index
        case MediaStatus.DOWNLOADED:
            return [~claimed, present]
        case MediaStatus.MONITORED:
            return [~claimed, ~present, media.monitored.is_(True)]
        case MediaStatus.MISSING:
            return [~claimed, ~present, media.monitored.is_(False)]
