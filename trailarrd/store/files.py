"""Files beside the database: for the same user as it, and said in plain words if they make trouble."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from trailarrd.errors import DatabaseError

_SHARED: Final = stat.S_ISGID | stat.S_IRWXG


def private_mode(folder: Path) -> int:
    """The permissions of what is made in that folder: its user's alone, or also a group's.

    A folder that hands its group on to what is made in it, and lets in nobody beside that group, is meant
    to be shared with it: so the service's is, and none that somebody made without thinking of it.
    """
    mode = folder.stat().st_mode
    return 0o660 if mode & (_SHARED | stat.S_IRWXO) == _SHARED else 0o600


def open_alike(path: Path, database: Path) -> int:
    """The descriptor of a file to read and write, which is made like the database if it is not there.

    It is closed on exec, as all that Python opens.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, os.O_RDWR | os.O_NOFOLLOW)  # what a link leads to is not ours to write
    try:
        _make_alike(descriptor, database)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _make_alike(descriptor: int, database: Path) -> None:
    """Give a file the database's owner and permissions: the superuser's must not lock others out."""
    try:
        wanted = database.stat()
    except FileNotFoundError:
        return
    found = os.fstat(descriptor)
    if (found.st_uid, found.st_gid) != (wanted.st_uid, wanted.st_gid) and os.geteuid() == 0:
        os.fchown(descriptor, wanted.st_uid, wanted.st_gid)
    os.fchmod(descriptor, wanted.st_mode & 0o666)


def sync(path: Path) -> None:
    """See to it that a file, or the names in a folder, outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turn trouble with a file into a `DatabaseError`: what was done, and why it does not work."""
    try:
        yield
    except OSError as error:
        file = f": {error.filename}" if error.filename else ""
        raise DatabaseError(f"{doing}{file}: {(error.strerror or 'unknown error').lower()}") from error
