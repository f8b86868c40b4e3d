"""A trailer that is watched: opened only below a root folder that is believed, and read piece by piece."""

import os
import stat
import threading
from pathlib import Path
from typing import Self

from trailarrd.disk.spelling import spellings_below
from trailarrd.domain.paths import LocalPath, is_below


class OpenTrailer:
    """An open file. Each method may take as long as the disk: call them in a thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()  # whoever closes waits for who still reads
        facts = os.fstat(descriptor)
        self.is_regular = stat.S_ISREG(facts.st_mode)
        self.size = facts.st_size
        self.mark = f"{facts.st_mtime_ns:x}-{facts.st_size:x}"
        """Another one for another file."""

    @classmethod
    def open(cls, path: LocalPath, root: LocalPath) -> Self:
        """Raises `OSError` if it is no regular file below `root`, wherever links lead."""
        real = _real(path, root)
        if not is_below(LocalPath(real), LocalPath(os.path.realpath(root))):
            raise PermissionError("it lies outside of its root folder")
        opened = cls(os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC))
        if not opened.is_regular:
            opened.close()
            raise OSError("it is no regular file")
        return opened

    def read(self, start: int, size: int) -> bytes:
        with self._lock:
            return os.pread(self._descriptor, size, start)

    def close(self) -> None:
        with self._lock:
            os.close(self._descriptor)


def _real(path: LocalPath, root: LocalPath) -> str:
    """Where it is, in whichever spelling the file system has it."""
    for spelling in spellings_below(path, root):
        if Path(spelling).exists():
            return os.path.realpath(spelling)
    raise FileNotFoundError("it is not there any more")
