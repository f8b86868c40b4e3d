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
_MOST_WITNESSES: Final = 100
"""If it takes more, a list is the smaller question."""


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
        others = await self._others(len(candidates))
        if not others:
            return Absence((), held.union(one.arr_id for one in candidates), settled)
        await self.library.system_status()
        absent = [one for one in candidates if await self.library.is_absent(one.arr_id)]
        if absent and not await self._are_as_known(others):
            return Absence((), held.union(one.arr_id for one in absent), settled)
        return Absence(absent, held, settled)

    async def _others(self, candidates: int) -> Sequence[Known]:
        """Living items that nothing was told of, to ask for beside; none if nothing may be removed.

        So many that a list which would hold the candidates, with all that is gone beside them, is not
        forestalled; one where nothing is gone of which the server has not told.
        """
        if not candidates or not await self._may_remove(candidates):
            return ()
        most = 1
        if not self.start.heard:
            most = self.guard.witnesses(candidates, await self.store.others(self.start))
        return await self.store.some_others(self.start, most) if most <= _MOST_WITNESSES else ()

    async def _may_remove(self, candidates: int) -> bool:
        """Whether a list would believe so many removals, together with the single ones of late."""
        if not self.library.witnesses_absence:
            return False
        doubt = await self.store.removal_doubt(self.start, self.start.began - WITHIN)
        return doubt.all_identified and not self.guard.holds(doubt.removed + candidates, doubt.known)

    async def _are_as_known(self, others: Sequence[Known]) -> bool:
        """Whether the server has other items of ours still: else it has lost more, or is another one."""
        found = {media.arr_id: media for media in await self.library.some(one.arr_id for one in others)}
        unread = self.library.quarantine.arr_ids
        seen = [one for one in others if one.arr_id not in unread]
        return bool(seen) and all(
            one.arr_id in found and _is_same(found[one.arr_id], one, self.library.identity) for one in seen
        )


def _is_same(media: Media, known: Known, identity: str | None) -> bool:
    if known.identity:
        return identity_hash(identity_of(media, identity)) == known.identity
    return bool(known.folder) and folder_hash(media.path) == known.folder
