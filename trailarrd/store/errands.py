"""What daemons of one database ask of each other: hints for whoever works at a connection, and requests.

A hint is erased as it is taken, before anything comes of it: should its daemon end in between, whoever takes
the connection over begins with the whole library. A request stays as long as somebody waits for its answer.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from trailarrd.store.lease_rows import NOW, wake
from trailarrd.store.tables import HintTable, RequestTable

_LONG: Final = timedelta(hours=1)
"""After which nobody waits for it any more: who does renews it before."""


class Request(NamedTuple):
    """A refresh that somebody waits for, or a trailer's end."""

    id: int
    connection: str
    arr_ids: list[int] | None
    """Of these items alone; None: of the whole library."""
    delete_of: int | None = None
    """None of all that: the trailer of ours of this item is to be taken away."""


class Errands(NamedTuple):
    """What waits for a daemon."""

    hints: bool
    requests: list[Request]


def waiting(db: sa.Connection, connections: Collection[str]) -> Errands:
    """What there is to do for these connections; nothing is taken."""
    hint, request = HintTable, RequestTable
    is_waited_for = request.answer.is_(sa.null()) & (request.at > NOW - sa.literal(_LONG, sa.Interval))
    asked = sa.select(request.id, request.connection, request.arr_ids, request.delete_of).where(
        request.connection.in_(connections), is_waited_for
    )
    there = sa.select(sa.exists().where(hint.connection.in_(connections)))
    found = [Request(*row) for row in db.execute(asked.order_by(request.id))]
    return Errands(bool(db.scalar(there)), found)


def put_hints(db: sa.Connection, hints: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Tell whoever works at these connections."""
    _erase(db, HintTable)
    rows = [{"connection": name, "hint": dict(hint), "at": NOW} for name, hint in hints]
    db.execute(sa.insert(HintTable).values(rows))
    wake(db)


def take_hints(db: sa.Connection, connections: Collection[str]) -> list[tuple[str, dict[str, Any]]]:
    """All that there are for these connections, which nobody else takes."""
    table = HintTable
    taken = sa.delete(table).where(table.connection.in_(connections)).returning(table.connection, table.hint)
    return [(name, hint) for name, hint in db.execute(taken)]


def ask(
    db: sa.Connection, connection: str, arr_ids: list[int] | None = None, delete_of: int | None = None
) -> int:
    """Ask for a refresh of it, or of these items alone, or for what `Request` says besides; its number."""
    _erase(db, RequestTable)
    about = {"arr_ids": sa.null() if arr_ids is None else arr_ids, "delete_of": delete_of}
    row = sa.insert(RequestTable).values(connection=connection, at=NOW, answer=sa.null(), **about)
    number: int = db.execute(row.returning(RequestTable.id)).scalar_one()
    wake(db)
    return number


def answer(db: sa.Connection, number: int, told: Mapping[str, Any]) -> None:
    """Say how it ended."""
    db.execute(sa.update(RequestTable).where(RequestTable.id == number).values(answer=dict(told)))
    wake(db)


def answer_of(db: sa.Connection, number: int) -> dict[str, Any] | None:
    """How it ended; None as long as it has not."""
    told: dict[str, Any] | None = db.scalar(sa.select(RequestTable.answer).where(RequestTable.id == number))
    return told


def renew(db: sa.Connection, number: int) -> bool:
    """Say that it is still waited for; whether it is there at all."""
    return db.execute(sa.update(RequestTable).where(RequestTable.id == number).values(at=NOW)).rowcount > 0


def withdraw(db: sa.Connection, number: int) -> None:
    """Nobody waits for it any more: what was told to be undone is not done later."""
    db.execute(sa.delete(RequestTable).where(RequestTable.id == number))


def _erase(db: sa.Connection, table: type[HintTable | RequestTable]) -> None:
    db.execute(sa.delete(table).where(table.at < NOW - sa.literal(_LONG, sa.Interval)))
