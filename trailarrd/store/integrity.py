"""Is a SQLite database whole, ours, current, writable, with room around it? Nothing is changed."""

import asyncio
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from trailarrd.domain.database import Condition, DatabaseAddress
from trailarrd.errors import DatabaseError
from trailarrd.store.engine import file_of, parse_url
from trailarrd.store.failures import translated
from trailarrd.store.schema import has_tables, head, refuse_newer


@dataclass(frozen=True, slots=True)
class Integrity:
    """What a look at every page and every row shows."""

    revision: str
    problems: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        """Whether the tables are those that this program works with."""
        return self.revision == head()


def check(database: Path, *, name: str | None = None) -> Integrity:
    """Read all of it; raises `DatabaseError` if it cannot be read, is empty, not ours or too new.

    `name` is what to call it in messages, if not by its path.
    """
    name = name or str(database)
    with opened_to_read(database, name=name) as db, translated(name):
        revision = revision_in(db, name)
        damages = [str(row[0]) for row in db.execute("PRAGMA integrity_check")]
        orphans = db.execute("PRAGMA foreign_key_check").fetchall()
    refuse_newer(revision, name)
    return Integrity(
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
def opened_to_read(
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


async def condition_of(address: DatabaseAddress) -> Condition:
    """Look at the database; raises nothing, whatever is wrong with it."""
    try:
        file = file_of(parse_url(address.url))
    except DatabaseError as error:
        return Condition(place="database.url", trouble=str(error))
    if file is None:
        from trailarrd.store.server import condition_of_server  # noqa: PLC0415  # only where there is one

        return await condition_of_server(address)
    try:
        return await asyncio.to_thread(_condition_of, file)
    except (DatabaseError, OSError) as error:
        return Condition(place=str(file), exists=True, trouble=str(error))


def _condition_of(file: Path) -> Condition:
    # What is missing would be made, so the nearest folder that is there counts.
    folder = next((one for one in file.parents if one.is_dir()), file.parent)
    free = shutil.disk_usage(folder).free
    places = [folder, *([file] if file.exists() else [])]
    barred = next((str(place) for place in places if not os.access(place, os.W_OK)), None)
    exposed = next((str(one) for one in (file.parent, file) if _is_everybodys(one)), None)
    if not file.exists():
        return Condition(place=str(file), not_writable=barred, exposed=exposed, free=free)
    found = check(file)
    return Condition(
        place=str(file),
        exists=True,
        revision=found.revision,
        is_current=found.is_current,
        damages=found.problems,
        not_writable=barred,
        exposed=exposed,
        free=free,
        size=file.stat().st_size,
    )


def _is_everybodys(path: Path) -> bool:
    """Whether others than its user and group may write there."""
    return path.exists() and bool(path.stat().st_mode & stat.S_IWOTH)
