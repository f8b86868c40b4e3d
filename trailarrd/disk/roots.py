"""Root folders: is one there at all, so that what it shows can be believed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from trailarrd.disk.spelling import spellings
from trailarrd.disk.threads import in_thread
from trailarrd.domain.roots import RootState

if TYPE_CHECKING:
    from trailarrd.domain.paths import LocalPath

Scandir: TypeAlias = Callable[[str], AbstractContextManager[Iterator["os.DirEntry[str]"]]]
"""`os.scandir`, or a disk that behaves as a test wants it to."""

_NOT_MEDIA: Final = frozenset(
    {"lost+found", "@eadir", "#recycle", "$recycle.bin", "system volume information"}
)
"""What a file system or a NAS puts into a folder that is empty otherwise."""


class Roots:
    """Checks root folders within a deadline and remembers those that hang.

    One object for the whole life of the daemon, on one event loop: as long as a thread is stuck in
    a root no second one is sent after it, however many refreshes ask.
    """

    def __init__(self, *, deadline: float = 10.0, scandir: Scandir = os.scandir) -> None:
        self.deadline = deadline
        """Seconds that a root may take to answer."""
        self._scandir = scandir
        self._probes: dict[LocalPath, asyncio.Future[RootState]] = {}
        self._stuck: dict[LocalPath, set[asyncio.Future[Any]]] = {}

    async def check(self, root: LocalPath) -> RootState:
        """Is it there? Never longer than the deadline, and at once for one known to hang."""
        if root in self._stuck:
            return RootState.TIMED_OUT
        probing = self._probes.get(root)
        if probing is None or probing.done():
            probing = in_thread(partial(probe, root, self._scandir), f"root {root}")
            self._probes[root] = probing
        await asyncio.wait({probing}, timeout=self.deadline)
        if not probing.done():
            self.remember_stuck(root, probing)
            return RootState.TIMED_OUT
        if self._probes.get(root) is probing:
            del self._probes[root]
        return probing.result()

    def remember_stuck(self, root: LocalPath, thread: asyncio.Future[Any]) -> None:
        """Believe nothing of `root` until this thread, which hangs in it, has come back."""
        self._stuck.setdefault(root, set()).add(thread)
        thread.add_done_callback(partial(self._forget, root))

    def _forget(self, root: LocalPath, thread: asyncio.Future[Any]) -> None:
        if not thread.cancelled():
            thread.exception()  # nobody waits for it any more: it must not be reported as unheard
        stuck = self._stuck[root]
        stuck.discard(thread)
        if not stuck:
            del self._stuck[root]


def probe(root: LocalPath, scandir: Scandir = os.scandir) -> RootState:
    """Look at once, however long it takes; in any Unicode spelling of the path."""
    states = (_probe(spelling, scandir) for spelling in spellings(root))
    return next((state for state in states if state is not RootState.MISSING), RootState.MISSING)


def _probe(path: str, scandir: Scandir) -> RootState:
    try:
        with scandir(path) as entries:
            return RootState.OK if any(_is_media(entry.name) for entry in entries) else RootState.EMPTY
    except FileNotFoundError:
        return RootState.MISSING
    except NotADirectoryError:
        return RootState.NOT_A_DIRECTORY
    except (OSError, ValueError):  # ValueError: no such name can exist (a NUL, a lone surrogate)
        return RootState.UNREADABLE


def _is_media(name: str) -> bool:
    return not name.startswith(".") and name.lower() not in _NOT_MEDIA
