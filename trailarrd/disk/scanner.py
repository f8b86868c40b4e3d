"""Which items have a trailer beside them: many folders, few threads, and no root that stops another."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from trailarrd.disk.folder import Look, LookRequest, Seen
from trailarrd.disk.threads import in_thread
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.plan import UNSEEN, Sight
from trailarrd.domain.trailers import STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trailarrd.disk.belief import Belief
    from trailarrd.disk.roots import Scandir
    from trailarrd.domain.paths import LocalPath
    from trailarrd.domain.trailers import TrailerRules

__all__ = ["LookRequest", "Scanner"]

_CHUNK: Final = 128
"""Folders that one thread looks at: enough to make its start cheap, few enough to share."""
_THREADS_PER_ROOT: Final = 2
_ROOTS_AT_ONCE: Final = 16
"""Of many small roots each would start its threads at once."""
_MAX_NOTES: Final = 100


class Scanner:
    """Looks at items' folders for one refresh.

    Make a new one for each refresh: the belief in its roots and the notes are that refresh's own.
    """

    def __init__(self, belief: Belief, *, rules: TrailerRules = STANDARD) -> None:
        self._belief = belief
        self._rules = rules
        self._turn = asyncio.Semaphore(_ROOTS_AT_ONCE)
        self._notes: dict[str, None] = {}
        self.notes_dropped = 0
        """How many notes there were beyond those kept."""

    @property
    def notes(self) -> list[str]:
        """What was strange on the disk, a path and a reason each; at most 100."""
        return list(self._notes)

    async def look(self, requests: Sequence[LookRequest]) -> list[Sight]:
        """What each folder shows, in the order of the requests. Trouble of the disk never raises."""
        by_root: defaultdict[LocalPath, list[int]] = defaultdict(list)
        for index, request in enumerate(requests):
            by_root[request.root].append(index)
        await self._belief.meet(by_root)
        async with asyncio.TaskGroup() as tasks:
            looks = {
                root: tasks.create_task(self._look_in_turn(root, [requests[i] for i in indexes]))
                for root, indexes in by_root.items()
            }
        sights = [UNSEEN] * len(requests)
        for root, look in looks.items():
            for index, seen in zip(by_root[root], look.result(), strict=True):
                sights[index] = seen.sight
        return sights

    async def _look_in_turn(self, root: LocalPath, requests: list[LookRequest]) -> list[Seen]:
        async with self._turn:
            return await self._look_below(root, requests)

    async def _look_below(self, root: LocalPath, requests: list[LookRequest]) -> list[Seen]:
        """Look at one root's folders; that something is not there counts only while the root is."""
        seen = [Seen(UNSEEN)] * len(requests)
        if self._belief.holds(root):
            starts = iter(range(0, len(requests), _CHUNK))
            async with asyncio.TaskGroup() as tasks:
                for _ in range(_THREADS_PER_ROOT):
                    tasks.create_task(self._work(root, requests, starts, seen))
            for note in (note for one in seen for note in one.notes):
                self._note(note)
            if any(_is_loss(one) for one in seen) and not await self._belief.still_holds(root):
                seen = [Seen(UNSEEN) if _is_loss(one) else one for one in seen]
        self._belief.take_in(root, seen)
        return seen

    async def _work(
        self, root: LocalPath, requests: list[LookRequest], starts: Iterator[int], seen: list[Seen]
    ) -> None:
        """Take chunk after chunk from the common supply until it is used up or the root hangs."""
        for start in starts:
            if not self._belief.holds(root):
                return
            chunk = _Chunk(requests[start : start + _CHUNK], self._rules, self._belief.roots.scandir)
            found = await self._watch(root, chunk)
            seen[start : start + len(found)] = found

    async def _watch(self, root: LocalPath, chunk: _Chunk) -> list[Seen]:
        """What the chunk's thread saw, up to where it got stuck if it does."""
        roots = self._belief.roots
        thread = in_thread(chunk.run, f"disk {root}")
        try:
            progress = -1
            while not thread.done() and progress < len(chunk.seen):
                progress = len(chunk.seen)
                await asyncio.wait({thread}, timeout=roots.deadline)
        finally:
            chunk.abandoned = True
        if thread.done():
            thread.result()
        else:
            roots.remember_stuck(root, thread)
            self._belief.give_up(root)
        return list(chunk.seen)

    def _note(self, note: str) -> None:
        if note in self._notes:
            return
        if len(self._notes) < _MAX_NOTES:
            self._notes[note] = None
        else:
            self.notes_dropped += 1


def _is_loss(one: Seen) -> bool:
    return one.sight.trailer is TrailerState.ABSENT


class _Chunk:
    """Folders for one thread; the event loop reads `seen` while it grows to know that it does."""

    def __init__(self, requests: list[LookRequest], rules: TrailerRules, scandir: Scandir) -> None:
        self._requests = requests
        self._rules = rules
        self._scandir = scandir
        self.seen: list[Seen] = []
        self.abandoned = False

    def run(self) -> None:
        for request in self._requests:
            if self.abandoned:
                return
            self.seen.append(Look(request, self._rules, self._scandir).see())
