"""Which items have a trailer beside them: many folders, few threads, and no root that stops another."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from trailarrd.concurrency import in_thread
from trailarrd.disk.folder import LookRequest
from trailarrd.disk.look import look
from trailarrd.disk.signature import Signatures
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.plan import UNSEEN, Observation
from trailarrd.domain.trailers import STANDARD, TrailerRules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trailarrd.disk.roots import Scandir
    from trailarrd.disk.trust import RootTrust
    from trailarrd.domain.paths import LocalPath

_THREADS_PER_ROOT: Final = 16
_PACE_PER_THREAD: Final = 0.0002
"""A disk on which a folder takes longer than this many seconds gains from a further thread."""
_CHUNK_SECONDS: Final = 0.05
_LONGEST_CHUNK: Final = 0.1
"""Seconds: whoever finds the disk slower than it was known to be gives the rest back."""
_FIRST_CHUNK: Final = 16
_LEAST_CHUNK: Final = 4
_MOST_CHUNK: Final = 750
_ROOTS_AT_ONCE: Final = 16
"""Of many small roots each would start its threads at once."""
_MAX_NOTES: Final = 100


class Scanner:
    """Looks at items' folders for one refresh.

    Make a new one for each refresh: which roots are trusted and the notes are that refresh's own.
    """

    def __init__(
        self,
        trust: RootTrust,
        *,
        rules: TrailerRules = STANDARD,
        clock_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._trust = trust
        self._rules = rules
        self._clock_ns = clock_ns
        self._turn = asyncio.Semaphore(_ROOTS_AT_ONCE)
        self._notes: dict[str, None] = {}
        self._notes_dropped = 0

    @property
    def notes(self) -> list[str]:
        """What was strange on the disk, a path and a reason each; beyond 100 only how many more."""
        more = [f"and {self._notes_dropped} more notes like these"] if self._notes_dropped else []
        return [*self._notes, *more]

    async def look(self, requests: Sequence[LookRequest]) -> list[Observation | None]:
        """What each folder shows, in the order of the requests. Trouble of the disk never raises."""
        roots = {request.root for request in requests}
        await self._trust.check(roots)
        if len(roots) == 1:
            return await self._look_in_turn(roots.pop(), requests)
        return await self._look_side_by_side(requests)

    async def _look_side_by_side(self, requests: Sequence[LookRequest]) -> list[Observation | None]:
        by_root: defaultdict[LocalPath, list[int]] = defaultdict(list)
        for index, request in enumerate(requests):
            by_root[request.root].append(index)
        async with asyncio.TaskGroup() as tasks:
            looks = {
                root: tasks.create_task(self._look_in_turn(root, [requests[i] for i in indexes]))
                for root, indexes in by_root.items()
            }
        results: list[Observation | None] = [UNSEEN] * len(requests)
        for root, task in looks.items():
            for index, one in zip(by_root[root], task.result(), strict=True):
                results[index] = one
        return results

    async def _look_in_turn(
        self, root: LocalPath, requests: Sequence[LookRequest]
    ) -> list[Observation | None]:
        async with self._turn:
            return await self._look_below(root, requests)

    async def _look_below(self, root: LocalPath, requests: Sequence[LookRequest]) -> list[Observation | None]:
        """Look at one root's folders; that something is not there counts only while the root is."""
        results: list[Observation | None] = [UNSEEN] * len(requests)
        if self._trust.is_trusted(root):
            if not self._trust.is_as_before(root):
                requests = [replace(request, signature=b"") for request in requests]
            times = self._trust.times(root)
            signatures = Signatures(self._rules, times, self._trust.roots.stat, self._clock_ns)
            queue = _Queue(requests, results, signatures)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._work(root, queue, tasks))
            listed = [one for one in results if one is not None]
            for note in (note for one in listed for note in one.notes):
                self._note(note)
            if times.liar:
                self._note(
                    f"{times.liar}: its times hid a trailer, so those in {root} are not trusted any more"
                )
            # A share that is lost while we look shows its empty mount point: every trailer would be gone.
            if any(map(_is_loss, listed)) and not await self._trust.is_still_trusted(root):
                results = [UNSEEN if _is_loss(one) else one for one in results]
        self._trust.note_results(root, requests, results)
        return results

    def _threads(self, root: LocalPath) -> int:
        """One where the disk answers at once, as they would only wait for each other; more for a slow one."""
        pace = self._trust.roots.paces.get(root, 0.0)
        return max(1, min(_THREADS_PER_ROOT, int(pace / _PACE_PER_THREAD)))

    async def _work(self, root: LocalPath, queue: _Queue, tasks: asyncio.TaskGroup) -> None:
        """Take chunk after chunk from the common supply until it is used up or the root hangs.

        How slow the disk is may show only now: then others are called to help.
        """
        roots = self._trust.roots
        while self._trust.is_trusted(root) and (part := queue.next_part(roots.paces.get(root))):
            while queue.workers < self._threads(root):
                queue.workers += 1
                tasks.create_task(self._work(root, queue, tasks))
            chunk = _Chunk(queue.requests[part.start : part.stop], queue.signatures, roots.scandir)
            async with roots.threads:
                found = await self._watch(root, chunk)
            queue.take(part, found)
            if found:
                pace = chunk.seconds / len(found)
                roots.paces[root] = (roots.paces.get(root, pace) + pace) / 2
        queue.workers -= 1

    async def _watch(self, root: LocalPath, chunk: _Chunk) -> list[Observation | None]:
        """What the chunk's thread saw, up to where it got stuck if it does."""
        roots = self._trust.roots
        thread = in_thread(chunk.run, f"disk {root}")
        try:
            # Slow is not stuck: the deadline is for one folder, and begins anew with each.
            progress = -1
            while not thread.done() and progress < len(chunk.results):
                progress = len(chunk.results)
                await asyncio.wait({thread}, timeout=roots.deadline)
        finally:
            chunk.abandoned = True
        if thread.done():
            thread.result()
        else:
            roots.remember_stuck(root, thread)
            self._trust.note_hanging(root)
        return list(chunk.results)

    def _note(self, note: str) -> None:
        if note in self._notes:
            return
        if len(self._notes) < _MAX_NOTES:
            self._notes[note] = None
        else:
            self._notes_dropped += 1


def _is_loss(one: Observation | None) -> bool:
    return one is not None and one.trailer is TrailerState.ABSENT


class _Queue:
    """The folders below one root, taken by its threads in parts of about equal time."""

    def __init__(
        self, requests: Sequence[LookRequest], results: list[Observation | None], signatures: Signatures
    ) -> None:
        self.requests = requests
        self.results = results
        self.signatures = signatures
        self.workers = 1
        """Who take from it now."""
        self._parts = deque([range(len(requests))])
        """What nobody has taken."""

    def next_part(self, pace: float | None) -> range | None:
        """The next part; a small one as long as nobody knows how slow the disk is."""
        if not self._parts:
            return None
        size = _FIRST_CHUNK if pace is None else int(_CHUNK_SECONDS / max(pace, 1e-6))
        part = self._parts.popleft()
        return self._cut(part, max(_LEAST_CHUNK, min(size, _MOST_CHUNK)))

    def take(self, part: range, found: Sequence[Observation | None]) -> None:
        """What a part shows, as far as its time went; somebody else may take the rest."""
        done = self._cut(part, len(found))
        self.results[done.start : done.stop] = found

    def _cut(self, part: range, size: int) -> range:
        """So many of it; the rest waits to be taken."""
        if rest := part[size:]:
            self._parts.appendleft(rest)
        return part[:size]


class _Chunk:
    """Folders for one thread; the event loop reads `results` while it grows to know that it does."""

    def __init__(self, requests: Sequence[LookRequest], signatures: Signatures, scandir: Scandir) -> None:
        self._requests = requests
        self._signatures = signatures
        self._scandir = scandir
        self.results: list[Observation | None] = []
        self.abandoned = False
        self.seconds = 0.0

    def run(self) -> None:
        """Look at each, until it takes too long: others may help with the rest."""
        clock = time.perf_counter
        began = clock()
        results, signatures, scandir = self.results, self._signatures, self._scandir
        for request in self._requests:
            if self.abandoned:
                return
            results.append(look(request, signatures, scandir))
            if clock() - began > _LONGEST_CHUNK:
                break
        self.seconds = clock() - began
