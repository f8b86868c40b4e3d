"""Items that are said to be deleted: each is believed by itself, where a list would not decide otherwise.

Whatever is not beyond doubt is left to a list of the whole library, and to its guards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from trailarrd.domain.guard import Guard
from trailarrd.domain.keys import folder_hash, identity_hash, identity_of
from trailarrd.domain.known import Known
from trailarrd.domain.media import Media
from trailarrd.refresh.library import ProviderLibrary
from trailarrd.store.refreshes import RefreshStart
from trailarrd.store.store import Store

WITHIN: Final = timedelta(hours=1)
"""Single removals of so long stay together within the removal guard, as those of a list do."""


@dataclass(frozen=True, slots=True)
class Absence:
    """What became of items that were said to be deleted."""

    gone: Sequence[Known] = ()
    """They are; beyond doubt."""
    doubtful: frozenset[int] = frozenset()
    """Only a list can tell."""
    settled: frozenset[int] = frozenset()
    """No living item has these arr ids any more: that was told before."""

    @property
    def arr_ids(self) -> frozenset[int]:
        """All that need not be asked for as others."""
        return self.doubtful | self.settled | {one.arr_id for one in self.gone}


@dataclass(frozen=True, slots=True)
class AbsenceInquiry:
    """Asks one server about deletions that it told.

    `library` is read for this alone, as it takes no item twice.
    """

    start: RefreshStart
    store: Store
    library: ProviderLibrary
    guard: Guard

    async def ask(self) -> Absence:
        """What became of the items that are said to be deleted.

        Raises:
            ProviderError, PluginError: as `ProviderLibrary` does.
            DatabaseError: the database cannot be read.
        """
        told = self.start.deleted
        living = await self.store.living(self.start, told)
        settled = told - {one.arr_id for one in living} - self.start.changed
        held = frozenset(one.arr_id for one in living if one.held)
        candidates = [one for one in living if one.arr_id not in held]
        other = await self._other(len(candidates))
        if other is None:
            return Absence((), held.union(one.arr_id for one in candidates), settled)
        await self.library.system_status()
        absent = [one for one in candidates if await self.library.is_absent(one.arr_id)]
        if absent and not await self._is_as_known(other):
            return Absence((), held.union(one.arr_id for one in absent), settled)
        return Absence(absent, held, settled)

    async def _other(self, candidates: int) -> Known | None:
        """Some living item that nothing was told of, to ask for beside; None if nothing may be removed."""
        if not candidates or not await self._may_remove(candidates):
            return None
        return await self.store.any_other(self.start)

    async def _may_remove(self, candidates: int) -> bool:
        """Whether a list would believe so many removals, together with the single ones of late."""
        if not self.library.witnesses_absence:
            return False
        doubt = await self.store.removal_doubt(self.start, self.start.began - WITHIN)
        return doubt.all_identified and not self.guard.holds(doubt.removed + candidates, doubt.known)

    async def _is_as_known(self, other: Known) -> bool:
        """Whether the server has another item of ours still: else it is not the one that we know any more."""
        found = await self.library.some([other.arr_id])
        return any(_is_same(media, other, self.library.identity) for media in found)


def _is_same(media: Media, known: Known, identity: str | None) -> bool:
    if known.identity:
        return identity_hash(identity_of(media, identity)) == known.identity
    return bool(known.folder) and folder_hash(media.path) == known.folder
