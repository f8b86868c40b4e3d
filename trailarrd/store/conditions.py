"""Which items are meant, said in SQL."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from trailarrd.domain.media import MAX_YEAR
from trailarrd.domain.monitoring import MediaStatus, TrailerState
from trailarrd.domain.search import fold, key
from trailarrd.store.filter import EVERYTHING, MediaFilter
from trailarrd.store.tables import ConnectionTable, MediaTable, QuarantineTable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

_FACTS: Final = ("tag", "genre", "language", "release")
"""What is asked for by the names that they have among an item's keys."""
YEAR: Final = sa.func.coalesce(MediaTable.year, sa.text("0"), type_=sa.BigInteger)
ADDED: Final = sa.func.coalesce(MediaTable.added, sa.text("0"), type_=sa.BigInteger)
"""As their indexes have them."""


def conditions_of(
    which: MediaFilter, now: datetime, *, by_title: bool = True
) -> list[sa.ColumnElement[bool]]:
    """What all of them have in common; `by_title`: they are wanted in that order, or in none."""
    media = MediaTable
    conditions = [media.removed_at.is_(None), *_equal(which), *_within(which)]
    if searched := list(_searched(which)):
        # By itself it reads only an index that has all that it asks for, and in the order of titles
        # no more of it than is wanted.
        if by_title and _is_searched_alone(which):
            return conditions + searched
        found = sa.select(media.id).where(media.removed_at.is_(None), *searched, *_of_connection(which))
        conditions.append(media.id.in_(found))
    if rare := list(_rare(which)):
        # The same: else what few items have would be looked for in the order of the list.
        conditions.append(media.id.in_(sa.select(media.id).where(media.removed_at.is_(None), *rare)))
    if which.status is not None:
        conditions += _has_status(which.status, now)
    return conditions


def _rare(which: MediaFilter) -> Iterator[sa.ColumnElement[bool]]:
    """What has an index, and few items have."""
    media = MediaTable
    yield from _since(which)
    if which.held:
        yield media.held_at.is_not(None)
    if which.vanishing:
        yield media.vanishing_since.is_not(None)
    if which.contradicted:
        yield media.contradicted == which.contradicted


def _equal(which: MediaFilter) -> Iterator[sa.ColumnElement[bool]]:
    media = MediaTable
    yield from _of_connection(which)
    wanted: tuple[tuple[sa.SQLColumnExpression[Any], object], ...] = (
        (media.kind, which.kind),
        (media.trailer, which.trailer),
        (media.monitored, which.monitored),
        (media.monitor_reason, which.reason),
        (media.contradicted, which.contradicted),
        (media.held_at.is_not(None), which.held),
        (media.vanishing_since.is_not(None), which.vanishing),
        (_is_quarantined(), which.quarantined),
    )
    for column, value in wanted:
        if value is not None:
            yield column == value


def _since(which: MediaFilter) -> Iterator[sa.ColumnElement[bool]]:
    if which.added_since is not None:
        yield sa.not_(int(which.added_since.timestamp()) > ADDED)
    if which.changed_since is not None:
        yield MediaTable.last_changed >= which.changed_since


def _within(which: MediaFilter) -> Iterator[sa.ColumnElement[bool]]:
    if which.years is not None:
        yield YEAR.between(which.years.first or 1, which.years.last or MAX_YEAR)


def _of_connection(which: MediaFilter) -> Iterator[sa.ColumnElement[bool]]:
    if which.connection is not None:
        named = sa.select(ConnectionTable.id).where(ConnectionTable.name == which.connection)
        yield MediaTable.connection_id == named.scalar_subquery()


def _is_quarantined() -> sa.ColumnElement[bool]:
    media, broken = MediaTable, QuarantineTable
    same = (broken.connection_id == media.connection_id) & (broken.arr_id == sa.cast(media.arr_id, sa.Text))
    return sa.exists().where(same)


def _is_searched_alone(which: MediaFilter) -> bool:
    """Whether nothing else is asked for than what that index has."""
    elsewhere = dataclasses.replace(which, connection=None, text=None, has_file=None, **dict.fromkeys(_FACTS))
    return elsewhere == EVERYTHING


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
            return [claimed]
        case MediaStatus.DOWNLOADED:
            return [~claimed, present]
        case MediaStatus.MONITORED:
            return [~claimed, ~present, media.monitored.is_(True)]
        case MediaStatus.MISSING:
            return [~claimed, ~present, media.monitored.is_(False)]
