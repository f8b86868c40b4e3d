"""What a driver's error means to a user."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError

from trailarrd.errors import DatabaseError

_PRIMARY_CODE: Final = 0xFF
"""SQLite's extended codes keep the plain one in their lowest byte."""

_ADVICE: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_BUSY: "is locked by another program; try again when that one is done",
    sqlite3.SQLITE_LOCKED: "is locked by another program; try again when that one is done",
    sqlite3.SQLITE_READONLY: (
        "cannot be written; check owner, permissions and mount of the file and its directory"
    ),
    sqlite3.SQLITE_PERM: "may not be used by this user; check owner and permissions of the file",
    sqlite3.SQLITE_FULL: "cannot grow: no space left on its disk; free some and try again",
    sqlite3.SQLITE_IOERR: "cannot be read or written: its disk is full or reports an error",
    sqlite3.SQLITE_CORRUPT: (
        "is damaged; restore a backup, or move the file away and refresh to build a new one"
    ),
    sqlite3.SQLITE_NOTADB: (
        "is not a SQLite database; check database.url, or move the file away if it is damaged"
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened; check that it is a file and that this user may write its directory"
    ),
}


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn a driver's error into a `DatabaseError` that says what to do, without any SQL."""
    try:
        yield
    except IntegrityError as error:
        raise DatabaseError(
            f"database {place} was changed by someone else meanwhile ({error.orig});"
            " nothing was written, try again"
        ) from error.orig
    except DBAPIError as error:
        raise DatabaseError(f"database {place} {_explain(error.orig)}") from error.orig
    except sqlite3.Error as error:
        raise DatabaseError(f"database {place} {_explain(error)}") from error


def is_busy(error: BaseException | None) -> bool:
    """Whether another program has the database locked, and may be done soon."""
    code = getattr(error, "sqlite_errorcode", 0)
    return (code & _PRIMARY_CODE) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_damage(error: BaseException | None) -> bool:
    """Whether the file itself is broken, and not only its circumstances."""
    code = getattr(error, "sqlite_errorcode", 0)
    return (code & _PRIMARY_CODE) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _explain(error: BaseException | None) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    advice = _ADVICE.get(code & _PRIMARY_CODE) if isinstance(code, int) else None
    if advice is not None:
        return advice
    return "cannot be used: " + (str(error).splitlines() or [type(error).__name__])[0]
