"""Disks in trouble, as the operating system shows them."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from trailarrd.domain.plan import Observation

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from trailarrd.disk.folder import LookRequest
    from trailarrd.disk.scanner import Scanner

    Until: TypeAlias = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]


async def see(scanner: Scanner, requests: Sequence[LookRequest]) -> list[Observation]:
    """What each folder shows, without how it was told."""
    return [shown(seen) for seen in await scanner.look(requests) if seen is not None]


def shown(seen: Observation | None) -> Observation:
    """What is to be seen in a folder, without how the folder itself is."""
    assert seen is not None
    return Observation(seen.trailer, seen.file)


class Disk:
    """The real disk, except that chosen folders hang or fail when they are listed."""

    def __init__(self) -> None:
        self.listed: Counter[str] = Counter()
        self.back = threading.Event()
        """Set it, and what hangs goes on."""
        self._hanging: set[str] = set()
        self._hanging_stats: set[str] = set()
        self._failing: dict[str, int] = {}
        self._before: dict[str, Callable[[], None]] = {}
        self._devices: dict[str, int] = {}
        self._frozen: dict[str, os.stat_result] = {}
        self.asked: Counter[str] = Counter()
        """How often the facts of each path were asked for."""

    def hang(self, *folders: Path) -> None:
        self._hanging.update(map(str, folders))

    def fail(self, folder: Path, number: int) -> None:
        self._failing[str(folder)] = number

    def put_on_device(self, folder: Path, number: int) -> None:
        """Let that folder be on another file system, as one is that was mounted again."""
        self._devices[str(folder)] = number

    def stat(self, path: str) -> os.stat_result:
        self.asked[path] += 1
        if path in self._hanging_stats:
            self.back.wait(30)
        if path in self._frozen:
            return self._frozen[path]
        facts = Path(path).stat()
        if path not in self._devices:
            return facts
        return os.stat_result((*facts[:2], self._devices[path], *facts[3:10]))

    def freeze(self, *folders: Path) -> None:
        """Their times stand still from now on, whatever comes or goes in them."""
        self._frozen.update({str(folder): folder.stat() for folder in folders})

    def hang_when_asked(self, *paths: Path) -> None:
        self._hanging_stats.update(map(str, paths))

    def before(self, folder: Path, action: Callable[[], None]) -> None:
        """Something that happens on the disk just before that folder is listed."""
        self._before[str(folder)] = action

    def forget(self) -> None:
        """Count anew."""
        self.listed.clear()
        self.asked.clear()

    def scandir(self, path: str) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        self.listed[path] += 1
        if path in self._before:
            self._before[path]()
        if path in self._hanging:
            self.back.wait(30)
        if number := self._failing.get(path):
            raise OSError(number, os.strerror(number), path)
        return os.scandir(path)


@pytest.fixture
def disk() -> Iterator[Disk]:
    disk = Disk()
    yield disk
    disk.back.set()


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(1000):
        if await condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("waited in vain")


@pytest.fixture
def until() -> Until:
    """Wait for something that other threads bring about."""
    return _until


@pytest.fixture(params=[errno.EACCES, errno.EIO, errno.ESTALE], ids=["EACCES", "EIO", "ESTALE"])
def trouble(request: pytest.FixtureRequest) -> int:
    """What an unreadable folder, a dying disk and a share whose server was restarted answer."""
    number: int = request.param
    return number
