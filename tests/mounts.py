"""Real mounts for tests that may make them: a file system that comes and goes, and one that hangs.

The superuser of a virtual machine or a privileged container may; elsewhere the tests that need them
are skipped, with the reason.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_READ_ONLY: Final = 1
_REMOUNT: Final = 32
_BIND: Final = 4096
_DETACH: Final = 2
_libc = ctypes.CDLL(None, use_errno=True)


def mount(kind: str, at: Path, *, source: str = "test", flags: int = 0, options: str = "") -> None:
    """Mount something, or skip the test where that is not allowed."""
    if _libc.mount(source.encode(), str(at).encode(), kind.encode(), flags, options.encode()):
        pytest.skip(f"cannot mount {kind}: {os.strerror(ctypes.get_errno()).lower()}")


def unmount(at: Path) -> None:
    """Take away what is mounted there, even if somebody still looks at it."""
    if _libc.umount2(str(at).encode(), _DETACH):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(at))


def tmpfs(at: Path, *, options: str = "") -> AbstractContextManager[Path]:
    """An empty file system of its own; the test may unmount it and mount it again."""
    return mounted("tmpfs", at, options=options)


@contextmanager
def mounted(kind: str, at: Path, *, options: str = "") -> Iterator[Path]:
    """The same of another kind."""
    mount(kind, at, options=options)
    try:
        yield at
    finally:
        _unmount_all(at)


def bind(source: Path, at: Path) -> None:
    """The same folder at a second place, on the same file system."""
    mount("none", at, source=str(source), flags=_BIND)


@contextmanager
def bound(source: Path, at: Path) -> Iterator[Path]:
    """As `bind`, until the end; the test may unmount it and bind it again."""
    bind(source, at)
    try:
        yield at
    finally:
        _unmount_all(at)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write there, not even the superuser; elsewhere its permissions are taken away."""
    if os.geteuid():
        folder.chmod(0o500)
        try:
            yield
        finally:
            folder.chmod(0o700)
        return
    with bound(folder, folder):
        mount("none", folder, flags=_BIND | _REMOUNT | _READ_ONLY)
        yield


@contextmanager
def hung(at: Path) -> Iterator[Path]:
    """A file system whose server never answers, as with NFS: whoever looks waits for ever.

    It is FUSE without anybody who reads the requests. When the file is closed the kernel gives up.
    """
    try:
        server = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        pytest.skip(f"cannot open /dev/fuse: {error.strerror}")
    try:
        mount("fuse", at, options=f"fd={server},rootmode=40000,user_id=0,group_id=0")
        yield at
    finally:
        os.close(server)
        _unmount_all(at)


@contextmanager
def pool(at: Path, *branches: Path) -> Iterator[Path]:
    """A mergerfs of these folders, with the options that it has by default."""
    with _served(at, "mergerfs", ":".join(map(str, branches)), str(at)):
        yield at


@contextmanager
def cloud(source: Path, at: Path, *, cached: float) -> Iterator[Path]:
    """An rclone mount, which lists a folder anew after so many seconds."""
    words = (
        "mount",
        str(source),
        str(at),
        "--daemon",
        "--config",
        os.devnull,
        "--dir-cache-time",
        f"{cached}s",
    )
    with _served(at, "rclone", *words):
        yield at


@contextmanager
def _served(at: Path, program: str, *words: str) -> Iterator[None]:
    """A file system that a program serves, if this host has it and may mount it."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    try:
        done = subprocess.run([found, *words], capture_output=True, text=True, check=False)
        if not os.path.ismount(at):
            pytest.skip(f"{program} cannot mount: {done.stderr.strip().splitlines()[-1:]}")
        yield
    finally:
        _unmount_all(at)


def _unmount_all(at: Path) -> None:
    with suppress(OSError):
        while True:
            unmount(at)
