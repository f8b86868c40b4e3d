"""From the work folder into the library: whole or not at all, and over nothing that is not ours.

All of it blocks: it belongs into a thread. The only visible step is the last one, `Hidden.reveal`.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Final

from trailarrd.domain.failure import Failure
from trailarrd.domain.paths import LocalPath, is_below
from trailarrd.domain.placed import PlacedFile
from trailarrd.download.ours import describe, is_ours
from trailarrd.download.spot import Spot

PREFIX: Final = ".trailarrd-"
SUFFIX: Final = ".part"
_PIECE: Final = 2**20
_OLD: Final = 86_400.0
"""Seconds after which a hidden file of ours is one that a kill left."""
_NO_LINKS: Final = frozenset(
    {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV, errno.EINVAL}
)
"""How file systems without hard links say so."""
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM})
_OF_THE_DISK: Final = frozenset({errno.EROFS, errno.ENODEV, errno.ENXIO, errno.EHOSTDOWN, errno.ETIMEDOUT})
"""What no other folder of the same disk would do better."""
_GONE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ESTALE})


class PlacingError(Exception):
    """Nothing was placed, and nothing else has changed; `failure` says whose trouble it is."""

    def __init__(self, failure: Failure, message: str) -> None:
        super().__init__(message)
        self.failure = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """What must be so."""

    min_free: int = 5 * 2**30
    """Bytes that the library's disk keeps free."""
    appeared: Callable[[], str | None] = lambda: None
    """The name of a trailer that lies there by now, if one does that is not to be replaced."""
    given_up: Event = field(default_factory=Event)
    """Set by who does not wait any more: then nothing becomes visible."""

    def check(self) -> None:
        if self.given_up.is_set():
            raise PlacingError(Failure.STOPPED, Failure.STOPPED.sentence)
        if name := self.appeared():
            raise PlacingError(Failure.APPEARED, f"{Failure.APPEARED.sentence}: {name}")


@contextmanager
def hidden_copy(source: Path, spot: Spot, guards: Guards) -> Iterator[Hidden]:
    """A whole copy in the folder that it belongs into, under a name that nobody takes for a video.

    On leaving, the hidden name is gone, whatever has become of it.

    Raises:
        PlacingError: the folder is not there, not where it should be, full or not writable.
    """
    with _told(spot), _opened(spot) as folder:
        _clear(folder)
        size = source.stat().st_size
        _require_room(folder, size + guards.min_free, spot)
        guards.check()
        name = f"{PREFIX}{secrets.token_hex(6)}{SUFFIX}"  # short: the name beside it may use all 255 bytes
        copy = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
        try:
            try:
                _pour(source, copy, guards)
                _like_folder(copy, folder)
                made = describe(copy)
            finally:
                os.close(copy)
            if made[0] != size:
                raise PlacingError(Failure.DISK, "the disk took less than it was given")
            yield Hidden(folder, name, spot.path(source.suffix.lower()), made, guards)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)


@dataclass(frozen=True, slots=True)
class Hidden:
    """A copy that nobody sees yet."""

    _folder: int
    _name: str
    path: LocalPath
    """Where it will be."""
    _made: tuple[int, int, bytes]
    _guards: Guards

    def described(self, placed: Callable[..., PlacedFile]) -> PlacedFile:
        """What it will be known by."""
        size, mtime_ns, digest = self._made
        return placed(path=self.path, size=size, mtime_ns=mtime_ns, digest=digest)

    def reveal(self, replacing: PlacedFile | None = None) -> None:
        """Give it its name, over nothing but the file of ours that it replaces.

        Raises:
            PlacingError: something lies there by now.
        """
        name = self.path.rpartition("/")[2]
        with _told(self.path):
            self._guards.check()
            if replacing and replacing.path == self.path and is_ours(replacing, name, folder=self._folder):
                os.rename(self._name, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            else:
                _link(self._folder, self._name, name)
            _sync(self._folder)


def remove(file: PlacedFile) -> bool:
    """Take a file away if it still is the one that we placed; whether it was.

    Raises:
        PlacingError: the disk does not tell, or does not let us.
    """
    folder_path, _, name = file.path.rpartition("/")
    with _told(file.path):
        try:
            folder = os.open(folder_path or "/", os.O_RDONLY | os.O_DIRECTORY)
        except (FileNotFoundError, NotADirectoryError):
            return False
        try:
            if not is_ours(file, name, folder=folder):
                return False
            os.unlink(name, dir_fd=folder)
            _sync(folder)
            return True
        finally:
            os.close(folder)


def try_place(spot: Spot, *, min_free: int) -> None:
    """Raise the `PlacingError` that is known before anything is downloaded; nothing is left behind."""
    inside = Path(spot.folder, spot.inside)
    folder = str(inside if inside.is_dir() else spot.folder)
    with _told(spot):
        _require_room(folder, min_free, spot)
    try_to_write(folder)


def try_to_write(folder: str) -> None:
    """Make and remove a hidden file, so that it is known before a download; raises `PlacingError`."""
    name = f"{PREFIX}{secrets.token_hex(6)}{SUFFIX}"
    with _told(folder):
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=opened))
            os.unlink(name, dir_fd=opened)
        finally:
            os.close(opened)


@contextmanager
def _told(place: Spot | str) -> Iterator[None]:
    """What the disk says, in the words of whoever reads it."""
    path = place.folder if isinstance(place, Spot) else place
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise PlacingError(Failure.NO_SPACE, f"{path}: {error.strerror}") from None
        if error.errno in _FORBIDDEN:
            raise PlacingError(Failure.NOT_WRITABLE, f"{path}: {error.strerror}") from None
        if error.errno in _GONE:
            raise PlacingError(Failure.FOLDER_GONE, f"{path}: {error.strerror}") from None
        failure = Failure.DISK if error.errno in _OF_THE_DISK else Failure.FOLDER
        raise PlacingError(failure, f"{path}: {error.strerror or error}") from None


@contextmanager
def _opened(spot: Spot) -> Iterator[int]:
    """The folder that it belongs into, made if it is one for trailers alone; never out of the root folder."""
    real = os.path.realpath(spot.folder, strict=True)
    if not is_below(LocalPath(real), LocalPath(os.path.realpath(spot.root, strict=True))):
        told = f"{spot.folder} leads out of its root folder, to {real}"
        raise PlacingError(Failure.FOLDER_GONE, told)
    folder = os.open(real, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        for name in spot.inside.split("/") if spot.inside else []:
            inner = _entered(folder, name)
            os.close(folder)
            folder = inner
        yield folder
    finally:
        os.close(folder)


def _entered(folder: int, name: str) -> int:
    """A folder in another; a new one has its rights."""
    how = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    with suppress(FileNotFoundError):
        return os.open(name, how, dir_fd=folder)
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=folder)
    inner = os.open(name, how, dir_fd=folder)
    above = os.fstat(folder)
    with suppress(OSError):
        os.fchown(inner, -1, above.st_gid)
    with suppress(OSError):
        os.fchmod(inner, stat.S_IMODE(above.st_mode))
    return inner


def _clear(folder: int) -> None:
    """Hidden files of ours that a kill has left here a day ago and more; never more than this folder."""
    now = time.time()
    for name in os.listdir(folder):
        if name.startswith(PREFIX) and name.endswith(SUFFIX):
            with suppress(OSError):
                if now - os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime > _OLD:
                    os.unlink(name, dir_fd=folder)


def _require_room(folder: int | str, size: int, spot: Spot) -> None:
    facts = os.statvfs(folder)
    if facts.f_bavail * facts.f_frsize < size:
        raise PlacingError(Failure.NO_SPACE, f"{spot.folder}: {Failure.NO_SPACE.sentence}")


def _pour(source: Path, copy: int, guards: Guards) -> None:
    with source.open("rb") as poured:
        while piece := poured.read(_PIECE):
            left = memoryview(piece)
            while left:
                left = left[os.write(copy, left) :]
            if guards.given_up.is_set():
                guards.check()
    os.fsync(copy)


def _like_folder(copy: int, folder: int) -> None:
    """The group and the rights that a file there has; a share that has none such is no reason to fail."""
    wanted = os.fstat(folder)
    with suppress(OSError):
        os.fchown(copy, -1, wanted.st_gid)
    with suppress(OSError):
        os.fchmod(copy, wanted.st_mode & 0o666)


def _link(folder: int, hidden: str, name: str) -> None:
    """link() never overwrites; file systems without hard links get a look and a rename."""
    try:
        os.link(hidden, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError:
        raise PlacingError(Failure.APPEARED, f"{Failure.APPEARED.sentence}: {name}") from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _rename(folder, hidden, name)


def _rename(folder: int, hidden: str, name: str) -> None:
    try:
        os.lstat(name, dir_fd=folder)
    except FileNotFoundError:
        os.rename(hidden, name, src_dir_fd=folder, dst_dir_fd=folder)
    else:
        raise PlacingError(Failure.APPEARED, f"{Failure.APPEARED.sentence}: {name}")


def _sync(folder: int) -> None:
    """The name itself, on the disk; some network shares refuse."""
    with suppress(OSError):
        os.fsync(folder)
