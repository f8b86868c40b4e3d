"""Which root folders one refresh trusts: checked once, and asked again before a loss is taken for true."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from trailarrd.disk.folder import LookRequest
from trailarrd.disk.roots import TIMED_OUT, Roots
from trailarrd.disk.spelling import encodable
from trailarrd.disk.times import FileSystems, FolderTimes
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath, ancestors
from trailarrd.domain.plan import Observation
from trailarrd.domain.roots import Remembered, RootHistory, RootObservation, RootState, evidence

_AT_ONCE: Final = 16
"""Items outside every root folder may have a parent each; they must not start a thread each."""
_MAX_HANGING: Final = 64
"""Roots that may hang before no further one is asked: a refresh must end."""


async def _nothing() -> Iterable[Remembered]:
    return ()


NO_HISTORY: Final = RootHistory({}, _nothing)


def past(roots: Iterable[RootObservation]) -> RootHistory:
    """What the last refresh left of them, without the folders by which a strange one is known again."""
    return RootHistory(
        {root.path: root.directory_hash for root in roots if root.directory_hash is not None},
        _nothing,
        frozenset(root.path for root in roots if root.state not in (RootState.OK, RootState.QUIET)),
        frozenset(root.path for root in roots if root.caught_lying),
    )


@dataclass(slots=True)
class _Root:
    """What this refresh has found out about one."""

    state: RootState
    directory_hash: int | None
    times: FolderTimes
    shown: bool = False
    """Whether a folder of any item was there."""
    unseen: int = 0
    with_file: int = 0
    contradicted: int = 0


class RootTrust:
    """Judges roots for one refresh; a root that is not trusted stays so to its end."""

    def __init__(self, roots: Roots, history: RootHistory = NO_HISTORY) -> None:
        self.roots = roots
        self._history = history
        self._systems = FileSystems(roots.mounts)
        self._remembered: list[Remembered] | None = None
        self._checked: dict[LocalPath, _Root] = {}
        self._hanging = 0
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def check(self, roots: Iterable[LocalPath]) -> None:
        """Judge those that this refresh has not judged yet, side by side."""
        new = [root for root in dict.fromkeys(roots) if root not in self._checked]
        await asyncio.gather(*map(self._probe, new))
        strange = [root for root in new if self.is_trusted(root) and self._is_strange(root)]
        if strange:
            remembered = await self._remembered_by_root()
            await asyncio.gather(*(self._verify(root, remembered[root]) for root in strange))

    def is_trusted(self, root: LocalPath) -> bool:
        """Whether it is trusted so far, and may be looked at."""
        checked = self._checked[root]
        # Quiet hours may begin in the midst of a refresh.
        if checked.state is RootState.OK and self.roots.quiet():
            checked.state = RootState.QUIET
        return checked.state is RootState.OK

    def is_as_before(self, root: LocalPath) -> bool:
        """Whether the refresh before trusted it and it is the same directory still.

        Only then do signatures say anything: times and numbers of another one may be alike by chance.
        """
        doubted = LocalPath(encodable(root)) in self._history.doubted
        return self._known(root) == self._checked[root].directory_hash and not doubted

    def times(self, root: LocalPath) -> FolderTimes:
        """Which folders below it tell by their times whether something in them changed."""
        return self._checked[root].times

    async def is_still_trusted(self, root: LocalPath) -> bool:
        """Whether it is there now, and the same directory as when it was checked."""
        checked = self._checked[root]
        if checked.state is RootState.OK:
            probe = await self.roots.probe(root)
            checked.state = probe.state
            if probe.state is RootState.OK and probe.directory_hash != checked.directory_hash:
                checked.state = RootState.OTHER_DEVICE
        return checked.state is RootState.OK

    def note_hanging(self, root: LocalPath) -> None:
        self._checked[root].state = RootState.TIMED_OUT

    def note_results(
        self, root: LocalPath, requests: Sequence[LookRequest], results: Sequence[Observation | None]
    ) -> None:
        """Take in what looks below it showed in the end."""
        checked = self._checked[root]
        told = [one for one in results if one is not None]
        # A folder that is as its signature says was not listed, and is there all the same.
        checked.shown |= len(told) < len(results)
        for one in told:
            if one.trailer is TrailerState.UNKNOWN:
                checked.unseen += 1
            elif not one.vanished:
                checked.shown = True
            if one.own_file is not None:
                checked.with_file += 1
                checked.contradicted += not one.own_file
        if len(told) < len(results):  # of those that are as they were, the own files are there
            asked = [request.has_file for request, one in zip(requests, results, strict=True) if one is None]
            checked.with_file += sum(asked)

    @property
    def observations(self) -> list[RootObservation]:
        """Each root as it was found, by path."""
        return [
            RootObservation(
                path=LocalPath(encodable(root)),
                state=checked.state,
                directory_hash=self._hash_to_keep(root, checked),
                unseen=checked.unseen,
                caught_lying=checked.times.caught,
                with_file=checked.with_file,
                contradicted=checked.contradicted,
            )
            for root, checked in sorted(self._checked.items())
        ]

    def _hash_to_keep(self, root: LocalPath, checked: _Root) -> int | None:
        # Only a directory that showed something can be missed.
        if checked.shown:
            return checked.directory_hash
        known = self._known(root)
        if checked.state is not RootState.OK:
            return known
        return checked.directory_hash if checked.unseen and known is not None else None

    async def _probe(self, root: LocalPath) -> None:
        async with self._turn:
            probe = TIMED_OUT if self._hanging >= _MAX_HANGING else await self.roots.probe(root)
            self._hanging += probe.state is RootState.TIMED_OUT
            caught = LocalPath(encodable(root)) in self._history.caught
            times = FolderTimes(root, probe.device, self.roots.trust_times, self._systems, caught)
            self._checked[root] = _Root(probe.state, probe.directory_hash, times)

    def _is_strange(self, root: LocalPath) -> bool:
        known = self._known(root)
        return known is not None and known != self._checked[root].directory_hash

    def _known(self, root: LocalPath) -> int | None:
        return self._history.directory_hashes.get(LocalPath(encodable(root)))

    async def _remembered_by_root(self) -> defaultdict[LocalPath, list[Remembered]]:
        if self._remembered is None:
            self._remembered = list(await self._history.folders())
        by_root: defaultdict[LocalPath, list[Remembered]] = defaultdict(list)
        for one in self._remembered:
            above = (folder for folder in ancestors(one.folder) if folder in self._checked)
            if root := next(above, None):
                by_root[root].append(one)
        return by_root

    async def _verify(self, root: LocalPath, remembered: Iterable[Remembered]) -> None:
        async with self._turn:
            self._checked[root].state = await self.roots.verify(root, evidence(remembered))
