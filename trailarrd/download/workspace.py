"""The work folder: one folder for each download in it, thrown away with all that is in it."""

import asyncio
import fcntl
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Final

from trailarrd.concurrency import to_completion
from trailarrd.domain.failure import Failure
from trailarrd.download.transfer import TransferFailedError

_OURS: Final = "trailarrd-"
"""How the folder of one download begins."""


@asynccontextmanager
async def workspace(work: Path, number: int) -> AsyncIterator[Path]:
    """A new and empty folder for the download of that item; raises `TransferFailedError` if there is none."""
    folder = work / f"{_OURS}{number}-{secrets.token_hex(4)}"
    lock = await to_completion(asyncio.to_thread(_made, folder))
    with closing(lock):
        try:
            yield folder
        finally:
            await to_completion(asyncio.to_thread(_throw_away, folder))


def empty(work: Path) -> None:
    """Throw away what a kill has left of downloads, and nothing that a daemon is at; blocks."""
    try:
        left = [one for one in work.iterdir() if one.name.startswith(_OURS)]
    except OSError:
        return
    for folder in left:
        with suppress(OSError), closing(_Lock(folder)):
            _throw_away(folder)


class _Lock:
    """Says that somebody is at a folder; the kernel takes it back with the owner's end, of whatever kind."""

    def __init__(self, folder: Path) -> None:
        self._opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(self._opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise
        except OSError:
            pass  # there are shares without locks: then nobody is at it

    def close(self) -> None:
        os.close(self._opened)


def _made(folder: Path) -> _Lock:
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        return _Lock(folder)
    except OSError as error:
        told = f"{folder.parent}: {error.strerror}"
        raise TransferFailedError(Failure.NO_WORK, told) from None


def _throw_away(folder: Path) -> None:
    """All of it, whatever the downloader has made of it; what cannot go now goes at the next start."""
    with suppress(OSError):
        folder.unlink()  # a link in its place
    with suppress(OSError):
        folder.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
