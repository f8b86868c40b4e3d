"""The items that a refresh is about, and the known ones that they may be."""

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from trailarrd.domain.identity import beyond_doubt
from trailarrd.domain.keys import identity_of
from trailarrd.domain.known import KnownItems
from trailarrd.domain.media import Media
from trailarrd.domain.paths import PathMapper
from trailarrd.domain.plan import Item
from trailarrd.refresh.library import ProviderLibrary
from trailarrd.store.refreshes import RefreshStart
from trailarrd.store.store import Store


@dataclass(frozen=True, slots=True)
class Scope:
    """The whole library, some items of it, or some as they are stored: as its start says."""

    start: RefreshStart
    store: Store
    library: ProviderLibrary
    mapper: PathMapper
    told: frozenset[int] = frozenset()
    """Of which it is known already what became of them."""

    async def items(self) -> tuple[KnownItems, AsyncGenerator[list[Item], None]]:
        """What is known, and the items in batches.

        Raises:
            ProviderError, PluginError: as `ProviderLibrary` does, here or while one goes through the items.
            DatabaseError: the database cannot be read.
        """
        if self.start.only is None:
            return await self.store.known(self.start), self._all()
        if not self.start.stored:
            return await self._some(self.start.only - self.told)
        items = [one async for media in self.store.media_of(self.start) for one in self._place(media)]
        listed = {one.media.arr_id for one in items}
        known = (one for one in await self.store.known(self.start) if one.arr_id in listed)
        return KnownItems(one for one in known if not (one.removed or one.held)), _once(items)

    async def _all(self) -> AsyncGenerator[list[Item], None]:
        async with aclosing(self.library.media()) as batches:
            async for media in batches:
                yield self._place(media)

    async def _some(self, arr_ids: Collection[int]) -> tuple[KnownItems, AsyncGenerator[list[Item], None]]:
        """Those of these items that can be settled alone, and the known ones that they may be."""
        items = self._place(await self.library.some(sorted(arr_ids)))
        known = await self.store.known_like(self.start, [item.keys for item in items])
        sure, theirs = beyond_doubt(items, known)
        return KnownItems(theirs), _once(sure)

    async def unknown(self) -> int:
        """How many of those that were asked for exist neither there nor here: nothing is to be done."""
        if not (absent := self.library.absent):
            return 0
        return len(absent - {one.arr_id for one in await self.store.living(self.start, absent)})

    def _place(self, media: Sequence[Media]) -> list[Item]:
        name, to_local = self.library.identity, self.mapper.to_local
        return [Item(one, to_local(one.path), identity_of(one, name)) for one in media]


async def _once(items: list[Item]) -> AsyncGenerator[list[Item], None]:
    yield items
