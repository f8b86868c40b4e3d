"""A backup takes the database's place; the one before is kept."""

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from trailarrd.errors import DatabaseError
from trailarrd.store.backup import discard, stamp, unused, write_copy
from trailarrd.store.failures import is_damage, translated
from trailarrd.store.files import explained, sync
from trailarrd.store.integrity import check
from trailarrd.store.locks import alone

_BESIDE: Final = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Restored:
    revision: str
    kept: Path | None
    """Where the database is that was there before, if there was one."""


def restore(database: Path, backup: Path, at: datetime) -> Restored:
    """Put a copy of `backup` in the database's place, in one step.

    Raises `DatabaseError`, and nothing is changed, if somebody has the database open or if the
    backup is damaged, not ours or of a newer version.
    """
    database = database.resolve()
    with explained(f"{database} cannot be made"):
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = database.with_name(f"{database.name}.restoring")
    with alone(database):
        try:
            revision = _take_in(backup, part, database)
            kept = _set_aside(database, at) if database.exists() else None
            with explained(f"database {database} cannot be restored"):
                part.replace(database)
                sync(database.parent)
        finally:
            discard(part)
    return Restored(revision, kept)


def _take_in(backup: Path, part: Path, database: Path) -> str:
    """The backup's revision; it is the copy that is checked, so nothing can change in between."""
    if not backup.is_file():
        raise DatabaseError(f"there is no backup {backup}")
    try:
        write_copy(backup, part, like=database, at_rest=True)
        checked = check(part, name=str(backup))
    except DatabaseError as error:
        if is_damage(error.__cause__):
            raise DatabaseError(f"backup {backup} is damaged, or no SQLite database at all") from error
        raise
    if checked.problems:
        raise DatabaseError(f"backup {backup} is damaged: {checked.problems[0]}")
    return checked.revision


def _set_aside(database: Path, at: datetime) -> Path:
    """A second name for the database as it is; its own name is taken over afterwards in one step."""
    kept = unused(database.with_name(f"{database.name}.before-restore-{stamp(at)}"))
    whole = _fold(database)
    with explained(f"database {database} cannot be kept"):
        try:
            os.link(database, kept)
        except OSError:  # not every file system can
            shutil.copy2(database, kept)
            sync(kept)
        for end in () if whole else _BESIDE:
            beside = database.with_name(f"{database.name}{end}")
            if beside.exists():
                beside.rename(f"{kept}{end}")
    return kept


def _fold(database: Path) -> bool:
    """Take in what is written beside the file, so that nothing of it is left for the restored one.

    False for a file that SQLite cannot read: then what is beside it has to go with it.
    """
    try:
        with translated(str(database)), closing(sqlite3.connect(database)) as db:
            db.execute("PRAGMA journal_mode=DELETE").fetchone()
    except DatabaseError as error:
        if is_damage(error.__cause__):
            return False
        raise
    return True
