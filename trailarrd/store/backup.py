"""Copies of a SQLite database: whole and consistent while others write to it."""

import os
import re
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from glob import escape
from pathlib import Path

from trailarrd.errors import DatabaseError
from trailarrd.store.engine import file_of, parse_url
from trailarrd.store.failures import translated
from trailarrd.store.files import explained, open_alike, sync
from trailarrd.store.integrity import opened_to_read, revision_in


@dataclass(frozen=True, slots=True)
class BeforeMigration:
    """Makes a backup of `database` and keeps the newest `keep`; 0 makes none."""

    database: Path | None
    keep: int

    def __call__(self, revision: str) -> None:
        """Raises `DatabaseError` if there cannot be one: then the migration must not happen."""
        if not self.database or not self.keep:
            return
        try:
            back_up(self.database, keep=self.keep, at=datetime.now(UTC))
        except DatabaseError as error:
            raise DatabaseError(
                f"database {self.database} stays at revision {revision}, as no backup of it could be made:"
                f" {error} (or set database.backups to 0)"
            ) from error


def back_up(database: Path, *, keep: int, at: datetime, of_any_revision: bool = True) -> Path:
    """A copy beside the database, by a name that tells revision and time; its path.

    Of older ones so many are kept that there are `keep`, of this revision alone or of any. The new one
    stays whatever its time says: clocks are set back.
    """
    database = database.resolve()
    with opened_to_read(database) as db, translated(str(database)):
        revision = revision_in(db, str(database))
    target = unused(database.with_name(f"{database.name}.backup-{revision}-{stamp(at)}"))
    copy(database, target)
    older = [path for path in backups_of(database) if path != target]
    prefix = "" if of_any_revision else f"{database.name}.backup-{revision}-"
    _prune([path for path in older if path.name.startswith(prefix)], keep - 1)
    return target


def backups_of(database: Path) -> list[Path]:
    """The copies that `back_up` made of it, the newest first."""
    pattern = re.compile(re.escape(database.name) + r"\.backup-\w+-([0-9]{8}T[0-9]{6}Z(?:-[0-9]+)?)")
    found = database.parent.glob(f"{escape(database.name)}.backup-*")
    dated = [(match[1], path) for path in found if (match := pattern.fullmatch(path.name))]
    return [path for _, path in sorted(dated, reverse=True)]


def newest_backup(url: str) -> Path | None:
    """The newest copy of the database of that URL; None if there is none, or it is no file."""
    try:
        file = file_of(parse_url(url))
    except DatabaseError:
        return None
    found = backups_of(file) if file else []
    return max(found, key=made_at, default=None)


def made_at(backup: Path) -> datetime:
    """When a copy was made that `back_up` made."""
    told = backup.name.rpartition(".backup-")[2].split("-")[1]
    return datetime.strptime(told, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def copy(database: Path, target: Path) -> None:
    """One file with all that is committed at this moment; it is there as a whole or not at all."""
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        write_copy(database, part, like=database)
        with explained(f"{target} cannot be made"):
            part.replace(target)
            sync(target.parent)
    finally:
        discard(part)


def write_copy(original: Path, part: Path, *, like: Path, at_rest: bool = False) -> None:
    """Write a copy for the user of the database `like`; what comes of it is the caller's to tidy up."""
    with explained(f"{part} cannot be made"):
        part.unlink(missing_ok=True)
        descriptor = open_alike(part, like)
        os.close(descriptor)
    with (
        opened_to_read(original, at_rest=at_rest) as db,
        translated(str(part)),
        closing(sqlite3.connect(part)) as copied,
    ):
        db.backup(copied)
        # Else the copy would want files beside it too, which a read-only place cannot give.
        copied.execute("PRAGMA journal_mode=DELETE")


def discard(part: Path) -> None:
    """Take away a copy that was not finished, if there is one, with what SQLite put beside it."""
    for path in (part, *(part.with_name(f"{part.name}{end}") for end in ("-journal", "-wal", "-shm"))):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def stamp(at: datetime) -> str:
    """A moment as a part of a file name."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def unused(path: Path) -> Path:
    """That path, or if it is taken the first free one with a number."""
    numbered = (path.with_name(f"{path.name}-{number}") for number in range(2, 1000))
    return next((one for one in (path, *numbered) if not one.exists()), path)


def _prune(older: list[Path], keep: int) -> None:
    for path in older[max(keep, 0) :]:
        with suppress(OSError):  # one copy too many is no trouble
            path.unlink()
