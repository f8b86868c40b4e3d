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

_STATES: Final[Mapping[str, str]] = {
    "08": "lost its line to the server; try again",
    "25006": "only lets us read: its server is a standby, or was set so",
    "28000": "does not let this user in; check the user in database.url and the server's pg_hba.conf",
    "28P01": "does not take this password; check database.password",
    "3D000": "is not there; make it with 'createdb' on its server",
    "42501": "may not be used so by this user, which must own the tables and be able to make some",
    "53100": "cannot grow: no space left on its server's disk; free some and try again",
    "53300": "takes no more connections: its server's max_connections are in use",
    "55P03": "is locked by another program; try again when that one is done",
    "57P": "is just being stopped or started; try again",
}
"""What PostgreSQL says, by the beginning of its `SQLSTATE`."""

_PASSING: Final = ("08", "25006", "40001", "40P01", "53300", "55P03", "57P01", "57P02", "57P03")
"""What may be otherwise at the next try; after a failover the same name leads to another server."""


class UnreachableError(Exception):
    """A database server that did not answer; the text says why."""


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
    except UnreachableError as error:
        raise DatabaseError(f"database {place} cannot be reached: {error}") from error
    except sqlite3.Error as error:
        raise DatabaseError(f"database {place} {_explain(error)}") from error


def is_passing(error: BaseException) -> bool:
    """Whether another try may go well: another program has the database locked, or its server is away."""
    if isinstance(error, UnreachableError) or is_lost(error):
        return True
    driver = getattr(error, "orig", error)
    code = getattr(driver, "sqlite_errorcode", 0)
    is_busy = (code & _PRIMARY_CODE) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return is_busy or _state(driver).startswith(_PASSING)


def is_lost(error: BaseException) -> bool:
    """Whether the line to a server is broken, so that nobody knows what it has heard."""
    return isinstance(error, UnreachableError) or bool(getattr(error, "connection_invalidated", False))


def _state(error: BaseException | None) -> str:
    return getattr(error, "sqlstate", None) or ""


def is_damage(error: BaseException | None) -> bool:
    """Whether the file itself is broken, and not only its circumstances."""
    code = getattr(error, "sqlite_errorcode", 0)
    return (code & _PRIMARY_CODE) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _explain(error: BaseException | None) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    advice = _ADVICE.get(code & _PRIMARY_CODE) if isinstance(code, int) else None
    state = _state(error)
    advice = advice or next((advice for begin, advice in _STATES.items() if state.startswith(begin)), None)
    if advice is not None:
        return advice
    return "cannot be used: " + (str(error).splitlines() or [type(error).__name__])[0]
