"""Files that trailarrd placed, and whether one still is that: only such are ever replaced or removed."""

import hashlib
import os
import stat
from pathlib import Path
from typing import Final

from trailarrd.domain.placed import PlacedFile

_HASHED: Final = 2**20
_COARSEST: Final = 2 * 10**9
"""Nanoseconds: FAT keeps two seconds, and a share may be mounted as another kind next time."""


def fingerprint(source: int) -> bytes:
    """Of the first MiB of an open file; the file's position stays."""
    digest = hashlib.sha256()
    at = 0
    while at < _HASHED and (piece := os.pread(source, min(2**16, _HASHED - at), at)):
        digest.update(piece)
        at += len(piece)
    return digest.digest()


def describe(source: int) -> tuple[int, int, bytes]:
    """Size, time and fingerprint of an open file."""
    facts = os.fstat(source)
    return facts.st_size, facts.st_mtime_ns, fingerprint(source)


def is_ours(file: PlacedFile, path: Path | str, *, folder: int | None = None) -> bool:
    """Whether what lies there is what we placed: a plain file of the same size, time and beginning.

    Raises `OSError` if the disk does not tell; what is not there at all is not ours.
    """
    try:
        source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except FileNotFoundError:
        return False
    except OSError:
        if stat.S_ISLNK(os.lstat(path, dir_fd=folder).st_mode):
            return False
        raise
    try:
        facts = os.fstat(source)
        is_same = (
            stat.S_ISREG(facts.st_mode)
            and facts.st_size == file.size
            and abs(facts.st_mtime_ns - file.mtime_ns) <= _COARSEST
        )
        return is_same and fingerprint(source) == file.digest
    finally:
        os.close(source)
