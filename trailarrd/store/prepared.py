"""Statements said once in SQLAlchemy's words and then sent as plain text with plain rows, to any engine.

SQLAlchemy adapts every value of every row; where rows are made for the driver already, that is most of the
time of a large write. Here a statement is compiled once for each engine, and rows are the driver's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trailarrd.store.entries import Row


class Prepared:
    """A statement that takes its values as rows, in the order in which it names them."""

    def __init__(self, statement: sa.ClauseElement) -> None:
        self._statement = statement
        self._texts: dict[str, str] = {}

    def send(self, db: sa.Connection, rows: Iterable[Row]) -> None:
        """Run it for each of these rows."""
        if values := list(rows):
            db.exec_driver_sql(self._for(db), values)

    def ask(self, db: sa.Connection, row: Row) -> Iterable[Row]:
        """What it finds, as the driver gives it."""
        return db.exec_driver_sql(self._for(db), row)

    def _for(self, db: sa.Connection) -> str:
        """The statement in the engine's words."""
        engine = db.dialect.name
        if engine not in self._texts:
            self._texts[engine] = str(self._statement.compile(dialect=db.dialect))
        return self._texts[engine]


def value() -> sa.BindParameter[Any]:
    """A place in a statement for what the driver is given as it is."""
    return sa.bindparam(None, type_=sa.types.NullType(), unique=True, required=True)


def bare(table: sa.FromClause, first: Sequence[str] = ()) -> sa.TableClause:
    """The table as drivers have it: SQLAlchemy adapts no value of it. These columns come first."""
    names = dict.fromkeys((*first, *table.columns.keys()))
    return sa.table(str(table), *(sa.column(name, sa.types.NullType()) for name in names))
