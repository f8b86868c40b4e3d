"""The letters that titles begin with, and where each begins in a list."""

from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from trailarrd.store.conditions import conditions_of
from trailarrd.store.filter import MediaFilter
from trailarrd.store.tables import MediaTable

_LAST: Final = "\U0010ffff"
"""Comes after every letter."""
_TITLES: Final = sa.type_coerce(MediaTable.titles_folded, sa.Text())


class Beginning(NamedTuple):
    before: int
    """Items that come before the first one with that letter, or with one beyond it."""
    first: int | None
    """Its id; None if there is none."""


def letters(db: sa.Connection) -> list[str]:
    """What the titles of all items begin with, in the order of titles; looks at one item for each."""
    begun = sa.select(_next(sa.literal("")).label("title")).cte("begun", recursive=True)
    beyond = sa.func.substr(begun.c.title, 1, 1) + sa.literal(_LAST)
    begun = begun.union_all(sa.select(_next(beyond)).where(begun.c.title.is_not(None)))
    return list(db.scalars(sa.select(sa.func.substr(begun.c.title, 1, 1)).where(begun.c.title.is_not(None))))


def _next(beyond: sa.ColumnElement[str]) -> sa.ScalarSelect[str]:
    """The first title after that."""
    titles = sa.select(sa.func.min(_TITLES)).where(MediaTable.removed_at.is_(None), beyond < _TITLES)
    return titles.scalar_subquery()


def beginning(
    db: sa.Connection, which: MediaFilter, letter: str, *, is_backwards: bool, now: datetime
) -> Beginning:
    """Where in the list of what fits that letter begins, as it goes by title, or the other way round."""
    conditions: list[Any] = conditions_of(which, now)
    here = letter + _LAST >= _TITLES if is_backwards else letter <= _TITLES
    before = sa.select(sa.func.count()).select_from(MediaTable).where(*conditions, sa.not_(here))
    in_order = [one.desc() if is_backwards else one.asc() for one in (_TITLES, MediaTable.id)]
    first = sa.select(MediaTable.id).where(*conditions, here).order_by(*in_order).limit(1)
    return Beginning(db.scalar(before) or 0, db.scalar(first))
