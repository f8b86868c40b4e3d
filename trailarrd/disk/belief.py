"""Which root folders one refresh believes: judged once, and asked again before a loss is believed."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from trailarrd.disk.roots import TIMED_OUT
from trailarrd.disk.spelling import encodable
from trailarrd.domain.paths import LocalPath, ancestors
from trailarrd.domain.plan import UNSEEN
from trailarrd.domain.roots import RootHistory, RootObservation, RootState, evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trailarrd.disk.folder import Seen
    from trailarrd.disk.roots import Roots
    from trailarrd.domain.roots import Remembered

_AT_ONCE: Final = 16
"""Items outside every root folder may have a parent each; they must not start a thread each."""
_MAX_HANGING: Final = 64
"""Roots that may hang before no further one is asked: a refresh must end."""


async def _nothing() -> Iterable[Remembered]:
    return ()


NO_HISTORY: Final = RootHistory({}, _nothing)


@dataclass(slots=True)
class _Met:
    """A root that this refresh has to do with."""

    state: RootState
    directory_hash: int | None
    shown: bool = False
    """Whether a folder of any item was there."""
    unseen: int = 0


class Belief:
    """Judges roots for one refresh; a root that is not believed stays so to its end."""

    def __init__(self, roots: Roots, history: RootHistory = NO_HISTORY) -> None:
        self.roots = roots
        self._history = history
        self._remembered: list[Remembered] | None = None
        self._met: dict[LocalPath, _Met] = {}
        self._hanging = 0
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def meet(self, roots: Iterable[LocalPath]) -> None:
        """Judge those that this refresh has not met yet, side by side."""
        new = [root for root in dict.fromkeys(roots) if root not in self._met]
        await asyncio.gather(*map(self._greet, new))
        strange = [root for root in new if self.holds(root) and self._is_strange(root)]
        if strange:
            remembered = await self._recall()
            await asyncio.gather(*(self._confront(root, remembered[root]) for root in strange))

    def holds(self, root: LocalPath) -> bool:
        """Whether it is believed so far, and may be looked at."""
        met = self._met[root]
        if met.state is RootState.OK and self.roots.quiet():
            met.state = RootState.QUIET
        return met.state is RootState.OK

    def is_as_before(self, root: LocalPath) -> bool:
        """Whether the refresh before believed it and it is the same directory still.

        Only then do signatures say anything: times and numbers of another one may be alike by chance.
        """
        told = LocalPath(encodable(root))
        return self._known(root) == self._met[root].directory_hash and told not in self._history.doubted

    async def still_holds(self, root: LocalPath) -> bool:
        """Whether it is there now, and the same directory as when it was met."""
        met = self._met[root]
        if met.state is RootState.OK:
            answer = await self.roots.ask(root)
            met.state = answer.state
            if answer.state is RootState.OK and answer.directory_hash != met.directory_hash:
                met.state = RootState.OTHER_DEVICE
        return met.state is RootState.OK

    def give_up(self, root: LocalPath) -> None:
        """It hangs."""
        self._met[root].state = RootState.TIMED_OUT

    def take_in(self, root: LocalPath, seen: Sequence[Seen]) -> None:
        """Take in what looks below it showed in the end."""
        met = self._met[root]
        told = [one for one in seen if one.observation is not None]
        met.shown |= len(told) < len(seen)
        for one in told:
            if one.observation == UNSEEN:
                met.unseen += 1
            elif not one.vanished:
                met.shown = True

    @property
    def observations(self) -> list[RootObservation]:
        """Each root as it was found, by path."""
        return [
            RootObservation(
                path=LocalPath(encodable(root)),
                state=met.state,
                directory_hash=self._hash_to_keep(root, met),
                unseen=met.unseen,
            )
            for root, met in sorted(self._met.items())
        ]

    def _hash_to_keep(self, root: LocalPath, met: _Met) -> int | None:
        """What to remember it by: only a directory that showed something can be missed."""
        if met.shown:
            return met.directory_hash
        known = self._known(root)
        if met.state is not RootState.OK:
            return known
        return met.directory_hash if met.unseen and known is not None else None

    async def _greet(self, root: LocalPath) -> None:
        async with self._turn:
            answer = TIMED_OUT if self._hanging >= _MAX_HANGING else await self.roots.ask(root)
            self._hanging += answer.state is RootState.TIMED_OUT
            self._met[root] = _Met(answer.state, answer.directory_hash)

    def _is_strange(self, root: LocalPath) -> bool:
        known = self._known(root)
        return known is not None and known != self._met[root].directory_hash

    def _known(self, root: LocalPath) -> int | None:
        return self._history.directory_hashes.get(LocalPath(encodable(root)))

    async def _recall(self) -> defaultdict[LocalPath, list[Remembered]]:
        """What is remembered, by the nearest root above it."""
        if self._remembered is None:
            self._remembered = list(await self._history.folders())
        by_root: defaultdict[LocalPath, list[Remembered]] = defaultdict(list)
        for one in self._remembered:
            above = (folder for folder in ancestors(one.folder) if folder in self._met)
            if root := next(above, None):
                by_root[root].append(one)
        return by_root

    async def _confront(self, root: LocalPath, remembered: Iterable[Remembered]) -> None:
        async with self._turn:
            self._met[root].state = await self.roots.confront(root, evidence(remembered))
