"""One video comes into the work folder: strangers' code under two clocks, and nothing of it believed."""

import asyncio
import errno
import os
import stat
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from trailarrd.domain.failure import Failure
from trailarrd.domain.video import Limits
from trailarrd.errors import (
    Barrier,
    TransferError,
    TransferGoneError,
    TransferRefusedError,
    TransferRejectedError,
    TransferUnavailableError,
    summary,
)
from trailarrd.plugin.downloader import Brought, Candidate, Download, Progress, Quality

log = structlog.get_logger()

VIDEOS: Final = frozenset({".mp4", ".m4v", ".mkv", ".mov", ".webm"})
_TO_CANCEL: Final = 5.0
"""Seconds that a downloader may take to end."""
_BETWEEN_LOOKS: Final = 1.0
_OF_A_DISK: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO})
_BARRIERS: Final = {
    Barrier.AGE: Failure.AGE,
    Barrier.REGION: Failure.REGION,
    Barrier.MEMBERS: Failure.MEMBERS,
    Barrier.LIVE: Failure.LIVE,
    Barrier.FORMAT: Failure.FORMAT,
    Barrier.SIZE: Failure.TOO_LARGE,
    Barrier.SHAPE: Failure.PORTRAIT,
    Barrier.PRIVATE_ADDRESS: Failure.PRIVATE_ADDRESS,
}


class TransferFailedError(Exception):
    """No video came; `failure` says whose trouble that is."""

    def __init__(self, failure: Failure, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.failure = failure
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Seconds."""

    stall: float = 60.0
    """Without any word of the downloader."""
    limit: float = 900.0
    """For all of it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    file: Path
    duration: float | None
    """As the site told it."""
    title: str | None


class Transfer:
    """One download; `progress` tells how far it is."""

    def __init__(
        self,
        folder: Path,
        limits: Limits,
        *,
        min_free: int,
        clocks: Clocks | None = None,
        hears: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        self._folder = folder
        self._limits = limits
        self._min_free = min_free
        self._clocks = clocks or Clocks()
        self._hears = hears
        self._progress = Progress(step="looking")
        self._moved = 0.0

    async def run(self, download: Download, candidate: Candidate, quality: Quality) -> Delivery:
        """Let it come; nothing that the downloader began runs any more when this ends, or it is left alone.

        Raises:
            TransferFailedError: what is in the folder is of no use.
        """
        self._require_room(self._limits.max_bytes)
        loop = asyncio.get_running_loop()
        began = self._moved = loop.time()
        task = asyncio.create_task(self._brought(download, candidate, quality))
        pause = min(_BETWEEN_LOOKS, self._clocks.stall, self._clocks.limit)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=pause)
                if not task.done():
                    self._watch(loop.time(), began)
        finally:
            await _end(task)
        try:
            brought = _result(task)
        except OSError as error:
            raise self._of_the_folder(error) from None
        try:
            return self._delivered(brought)
        except OSError as error:
            told = f"what the downloader left cannot be read: {error.strerror}"
            raise TransferFailedError(Failure.ODD_FILES, told) from None

    async def _brought(self, download: Download, candidate: Candidate, quality: Quality) -> Brought:
        """What ends a process ends nothing here but this."""
        try:
            return await download.download(candidate, self._folder, quality, self._tell)
        except (SystemExit, KeyboardInterrupt) as error:
            raise RuntimeError(f"it raised {type(error).__name__}") from None

    def _of_the_folder(self, error: OSError) -> TransferFailedError:
        """The work folder's trouble, if it is: what is full or forbidden elsewhere is the downloader's."""
        try:
            self._require_room(self._limits.max_bytes)
            (self._folder / ".trial").touch()
        except TransferFailedError as lacking:
            return lacking
        except OSError:
            return TransferFailedError(Failure.NO_WORK, f"{self._folder.parent}: {error.strerror}")
        return TransferFailedError(Failure.CRASHED, f"the downloader failed: {summary(error)}")

    def _tell(self, progress: Progress) -> None:
        """What the downloader calls; a video that what it tells refuses is refused at once."""
        self._moved = asyncio.get_running_loop().time()
        known = {
            name: value for name in ("duration", "width", "height") if (value := getattr(progress, name))
        }
        self._progress = Progress(
            step=str(progress.step)[:40], done=progress.done, total=progress.total, **(self._kept() | known)
        )
        if refused := self._refused(self._progress):
            because, told = refused
            raise TransferRefusedError(told, because=because)
        self._hears(self._progress)

    def _kept(self) -> dict[str, float | int | None]:
        told = self._progress
        return {"duration": told.duration, "width": told.width, "height": told.height}

    def _refused(self, told: Progress) -> tuple[Barrier, str] | None:
        limits, length = self._limits, timedelta(seconds=told.duration or 0)
        size = max(told.done or 0, told.total or 0)
        if told.duration and not limits.shortest <= length <= limits.longest:
            failure = Failure.TOO_SHORT if length < limits.shortest else Failure.TOO_LONG
            return Barrier.LENGTH, f"{failure.sentence}: {told.duration:.0f} s"
        if size > limits.max_bytes:
            return Barrier.SIZE, f"{Failure.TOO_LARGE.sentence}: {size} bytes"
        if told.width and told.height and told.height > told.width:
            return Barrier.SHAPE, f"{Failure.PORTRAIT.sentence}: {told.width} x {told.height}"
        return None

    def _watch(self, now: float, began: float) -> None:
        if now - self._moved >= self._clocks.stall:
            raise TransferFailedError(
                Failure.STALLED, f"{Failure.STALLED.sentence}: {self._clocks.stall:g} s without a word"
            )
        if now - began >= self._clocks.limit:
            raise TransferFailedError(
                Failure.TOO_SLOW, f"{Failure.TOO_SLOW.sentence}: {self._clocks.limit:g} s"
            )
        # Twice: what is merged is there beside what it is made of.
        if _size(self._folder) > 2 * self._limits.max_bytes + 2**20:
            raise TransferFailedError(Failure.TOO_LARGE, Failure.TOO_LARGE.sentence)
        self._require_room(0)

    def _require_room(self, size: int) -> None:
        facts = os.statvfs(self._folder.parent)
        if facts.f_bavail * facts.f_frsize < size + self._min_free:
            raise TransferFailedError(Failure.NO_WORK, f"{self._folder.parent}: {Failure.NO_WORK.sentence}")

    def _delivered(self, brought: Brought) -> Delivery:
        """The one plain file in the folder; raises `OSError` if the folder is none any more."""
        os.close(os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW))
        with os.scandir(self._folder) as entries:
            found = list(entries)
        if len(found) != 1:
            left = Counter(map(_kind, found)) or {"file": 0}
            told = " and ".join(f"{count} {kind}{'s' * (count != 1)}" for kind, count in left.items())
            told = f"the downloader left {told} instead of one file"
            raise TransferFailedError(Failure.ODD_FILES, told)
        (entry,) = found
        facts = entry.stat(follow_symlinks=False)
        if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1 or not facts.st_size:
            raise TransferFailedError(Failure.ODD_FILES, Failure.ODD_FILES.sentence)
        if brought.file != entry.name or Path(entry.name).suffix.lower() not in VIDEOS:
            told = "the downloader left a file of another name than it says, or one that is no video"
            raise TransferFailedError(Failure.ODD_FILES, told)
        if facts.st_size > self._limits.max_bytes:
            raise TransferFailedError(
                Failure.TOO_LARGE, f"{Failure.TOO_LARGE.sentence}: {facts.st_size} bytes"
            )
        return Delivery(self._folder / entry.name, brought.duration, brought.title)


async def _end(task: asyncio.Future[Brought]) -> None:
    """See to it that it has ended; who does not is left behind, and told of."""
    if task.done():
        return
    task.cancel()
    _, late = await asyncio.wait({task}, timeout=_TO_CANCEL)
    if late:
        log.error("downloader.hangs", after_s=_TO_CANCEL)
        task.add_done_callback(lambda late: late.cancelled() or late.exception())


def _result(task: asyncio.Future[Brought]) -> Brought:
    try:
        return task.result()
    except TransferError as error:
        raise _failed(error) from None
    except OSError as error:
        if error.errno in _OF_A_DISK:
            raise
        raise TransferFailedError(Failure.CRASHED, f"the downloader failed: {summary(error)}") from None
    except asyncio.CancelledError:
        raise TransferFailedError(Failure.CRASHED, "the downloader cancelled itself") from None
    except Exception as error:  # a stranger's code
        log.warning("downloader.crashed", exc_info=error)
        raise TransferFailedError(Failure.CRASHED, f"the downloader failed: {summary(error)}") from None


def _failed(error: TransferError) -> TransferFailedError:
    told = summary(error).partition(": ")[2] or type(error).__name__
    match error:
        case TransferUnavailableError():
            failure = Failure.BLOCKED if error.site_wide else Failure.UNAVAILABLE
            return TransferFailedError(failure, told, retry_after=error.retry_after)
        case TransferRejectedError():
            return TransferFailedError(Failure.REJECTED, told)
        case TransferGoneError():
            return TransferFailedError(Failure.GONE, told)
        case TransferRefusedError(because=Barrier.LENGTH):
            is_short = told.startswith(Failure.TOO_SHORT.sentence)
            return TransferFailedError(Failure.TOO_SHORT if is_short else Failure.TOO_LONG, told)
        case TransferRefusedError():
            return TransferFailedError(_BARRIERS[error.because], told)
    return TransferFailedError(Failure.UNUSABLE, told)


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "link"
    return "folder" if entry.is_dir() else "file"


def _size(folder: Path) -> int:
    """Bytes of all that lies there; what goes meanwhile does not count."""
    size = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += os.lstat(os.path.join(path, name)).st_size  # noqa: PTH118  # every second, of names
    return size
