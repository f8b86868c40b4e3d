"""Is a SQLite database whole, and is it ours?"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trailarrd.errors import DatabaseError
from trailarrd.store.failures import translated
from trailarrd.store.schema import HEAD, has_tables, refuse_newer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Health:
    """What a look at every page and every row shows."""

    revision: str
    problems: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        """Whether the tables are those that this program works with."""
        return self.revision == HEAD


def check(database: Path, *, name: str | None = None) -> Health:
    """Read all of it; raises `DatabaseError` if it cannot be read, is empty, not ours or too new.

    `name` is what to call it in messages, if not by its path.
    """
    name = name or str(database)
    with reading(database, name=name) as db, translated(name):
        revision = revision_in(db, name)
        damages = [str(row[0]) for row in db.execute("PRAGMA integrity_check")]
        orphans = db.execute("PRAGMA foreign_key_check").fetchall()
    refuse_newer(revision, name)
    return Health(
        revision,
        (
            *(damage for damage in damages if damage != "ok"),
            *(f"row {row} of {table} refers to nothing in {other}" for table, row, other, _ in orphans),
        ),
    )


def revision_in(db: sqlite3.Connection, name: str) -> str:
    """The revision of a database that has tables, which must be ours."""
    tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    if not has_tables((table for (table,) in tables), name):
        raise DatabaseError(f"database {name} is empty")
    row = db.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None:
        raise DatabaseError(f"database {name} does not say its revision, so it is not whole")
    return str(row[0])


@contextmanager
def reading(
    database: Path, *, name: str | None = None, at_rest: bool = False
) -> Iterator[sqlite3.Connection]:
    """The file for reading only; `at_rest` says that nobody writes it, so nothing is put beside it."""
    beside = (database.with_name(f"{database.name}{end}") for end in ("-wal", "-journal"))
    mode = "immutable=1" if at_rest and not any(path.exists() for path in beside) else "mode=ro"
    with translated(name or str(database)):
        db = sqlite3.connect(f"{database.absolute().as_uri()}?{mode}", uri=True)
    with closing(db):
        with translated(name or str(database)):
            db.execute("SELECT 1 FROM sqlite_master").fetchone()
        yield db
