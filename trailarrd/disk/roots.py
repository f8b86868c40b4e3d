"""Root folders: is one there at all, which directory is it, and does it show what it showed before."""

import asyncio
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

from trailarrd.concurrency import in_thread
from trailarrd.disk.mounts import Mount, mounts
from trailarrd.disk.spelling import spellings, spellings_below
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.roots import Evidence, RootState
from trailarrd.domain.times import AUTO, TimesPolicy

Scandir: TypeAlias = Callable[[str], AbstractContextManager[Iterator["os.DirEntry[str]"]]]
"""`os.scandir`, or a disk that behaves as a test wants it to."""

Stat: TypeAlias = Callable[[str], os.stat_result]
"""`os.stat`, or the like."""

_MOST_THREADS: Final = 32

_NOT_MEDIA: Final = frozenset(
    {"lost+found", "@eadir", "#recycle", "$recycle.bin", "system volume information"}
)
"""What a file system or a NAS puts into a folder that is empty otherwise."""


class Probe(NamedTuple):
    """What one look at a root showed."""

    state: RootState
    directory_hash: int | None = None
    """Which directory it is, if it is one: a file system that is mounted there has another one."""
    device: int | None = None


TIMED_OUT: Final = Probe(RootState.TIMED_OUT)
QUIET: Final = Probe(RootState.QUIET)


class Roots:
    """Asks root folders within a deadline and remembers those that hang.

    One object for the whole life of the daemon and for all connections, on one event loop: as long
    as a thread is stuck in a root no second one is sent after it, however many refreshes ask.
    """

    def __init__(
        self,
        *,
        deadline: float = 10.0,
        scandir: Scandir = os.scandir,
        stat: Stat = os.stat,
        quiet: Callable[[], bool] = lambda: False,
        trust_times: TimesPolicy = AUTO,
        mounts: Callable[[], list[Mount]] = mounts,
        host: str = "",
    ) -> None:
        """`host` is this one, where others look at the same roots: no directory of theirs is one of ours."""
        self.deadline = deadline
        """Seconds that a root may take to answer."""
        self.quiet = quiet
        """Whether the disks are to be left alone now."""
        self.trust_times = trust_times
        self.mounts = mounts
        self.scandir = scandir
        self.stat = stat
        self._host = host
        self.paces: dict[LocalPath, float] = {}
        """Seconds that a folder below each root took one thread, as last measured."""
        self.threads = asyncio.Semaphore(_MOST_THREADS)
        """Whoever looks takes one, whatever for: slow shares are many, and memory is not."""
        self._probes: dict[LocalPath, asyncio.Future[Probe]] = {}
        self._stuck: dict[LocalPath, set[asyncio.Future[Any]]] = {}

    async def probe(self, root: LocalPath) -> Probe:
        """Is it there? Never longer than the deadline, and at once for one known to hang."""
        if self.quiet():
            return QUIET
        if root in self._stuck:
            return TIMED_OUT
        # Whoever asks while another one does shares the thread, and its answer.
        probing = self._probes.get(root)
        if probing is None or probing.done():
            probing = in_thread(
                partial(_probe_now, root, self.scandir, self.stat, self._host), f"root {root}"
            )
            self._probes[root] = probing
        if not await self._in_time(root, probing):
            return TIMED_OUT
        if self._probes.get(root) is probing:
            del self._probes[root]
        return probing.result()

    async def verify(self, root: LocalPath, evidence: Evidence) -> RootState:
        """Whether it shows enough of the folders that it had, within the same deadline."""
        if self.quiet():
            return RootState.QUIET
        if root in self._stuck:
            return RootState.TIMED_OUT
        counting = in_thread(partial(_shows, root, evidence, self.stat), f"root {root}")
        if not await self._in_time(root, counting):
            return RootState.TIMED_OUT
        return RootState.OK if counting.result() else RootState.OTHER_DEVICE

    async def _in_time(self, root: LocalPath, thread: asyncio.Future[Any]) -> bool:
        await asyncio.wait({thread}, timeout=self.deadline)
        if not thread.done():
            self.remember_stuck(root, thread)
        return thread.done()

    def remember_stuck(self, root: LocalPath, thread: asyncio.Future[Any]) -> None:
        """Trust nothing of `root` until this thread, which hangs in it, has come back."""
        self._stuck.setdefault(root, set()).add(thread)
        thread.add_done_callback(partial(self._forget, root))

    def _forget(self, root: LocalPath, thread: asyncio.Future[Any]) -> None:
        if not thread.cancelled():
            thread.exception()  # nobody waits for it any more: it must not be reported as unheard
        stuck = self._stuck.get(root)
        if stuck is None:  # two who shared the thread both gave it up
            return
        stuck.discard(thread)
        if not stuck:
            del self._stuck[root]


def probe(root: LocalPath, scandir: Scandir = os.scandir) -> RootState:
    """Look at once, however long it takes; in any Unicode spelling of the path."""
    return _find(root, scandir)[0]


def _probe_now(root: LocalPath, scandir: Scandir, stat_of: Stat, host: str) -> Probe:
    state, path = _find(root, scandir)
    if state is not RootState.OK:
        return Probe(state)
    try:
        facts = stat_of(path)
        return Probe(state, _directory_hash(facts, host), facts.st_dev)
    except OSError:  # gone or in trouble since
        return Probe(RootState.UNREADABLE)


def _find(root: LocalPath, scandir: Scandir) -> tuple[RootState, str]:
    states = ((_probe(spelling, scandir), spelling) for spelling in spellings(root))
    missing = (RootState.MISSING, str(root))
    return next((found for found in states if found[0] is not RootState.MISSING), missing)


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


def _directory_hash(facts: os.stat_result, host: str) -> int:
    """64 bits for a directory: its file system, its number there and, if that matters, whose system it is.

    The file system alone would not do: a bind mount may lie on the same one as its mount point.
    """
    digest = hashlib.blake2b(f"{host}{facts.st_dev}:{facts.st_ino}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _shows(root: LocalPath, evidence: Evidence, stat_of: Stat) -> bool:
    """Whether enough of the folders are there; stops when it is sure."""
    missing = evidence.needed
    for left, folder in zip(range(len(evidence.folders), 0, -1), evidence.folders, strict=True):
        if not 0 < missing <= left:
            break
        missing -= any(is_folder(path, stat_of) for path in spellings_below(folder, root))
    return missing <= 0


def is_folder(path: str, stat_of: Stat = os.stat) -> bool:
    """Whether a folder is there, or a link to one; a path that cannot be asked about is none."""
    try:
        return stat.S_ISDIR(stat_of(path).st_mode)
    except (OSError, ValueError):
        return False
