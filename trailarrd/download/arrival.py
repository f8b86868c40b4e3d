"""A whole video comes to its place: copied where nobody sees it, noted as ours, and only then seen."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from trailarrd.concurrency import to_completion
from trailarrd.domain.placed import PlacedFile
from trailarrd.download.placing import Guards, Hidden, PlacingError, hidden_copy, remove

if TYPE_CHECKING:
    from pathlib import Path

    from trailarrd.domain.download import Subject
    from trailarrd.download.kit import Kit
    from trailarrd.download.patience import Patience
    from trailarrd.download.spot import Spot


@dataclass(frozen=True, slots=True)
class Source:
    """A whole video on this host."""

    file: Path
    url: str
    downloader: str
    told: dict[str, Any]
    """What the history tells of it."""


class Arrival:
    """Of one item's trailer, in place of `ours` if one of ours lies there."""

    def __init__(self, kit: Kit, patience: Patience, subject: Subject, ours: PlacedFile | None) -> None:
        self._kit = kit
        self._patience = patience
        self._subject = subject
        self._ours = ours

    async def place(self, source: Source, spot: Spot) -> PlacedFile:
        """Raises `PlacingError` if it did not come there; then nothing of it is left."""
        kit, patience = self._kit, self._patience
        guards = Guards(min_free=kit.settings.min_free, given_up=patience.given_up)
        async with patience.within(hidden_copy(source.file, spot, guards)) as hidden:
            made = partial(PlacedFile, url=source.url, downloader=source.downloader, at=kit.clock())
            file = hidden.described(made)
            return await to_completion(self._reveal(hidden, file, source), patience.given_up.set)

    async def _reveal(self, hidden: Hidden, file: PlacedFile, source: Source) -> PlacedFile:
        """Noted before it is seen, so that it is known as ours whatever happens in between."""
        store, number, ours = self._kit.store, self._subject.id, self._ours
        note = await store.intend_file(number, file)
        try:
            await self._patience.wait_for(partial(hidden.reveal, ours))
        except PlacingError:
            await store.drop_file(note)
            raise
        if ours and ours.path != file.path:
            with suppress(PlacingError):  # then it stays, as ours no more
                await self._patience.wait_for(partial(remove, ours))
        detail = {"file": file.path, "url": file.url, "bytes": file.size, **source.told}
        if ours:
            detail["replaced"] = ours.path
        at = self._kit.clock()
        await store.settle_file(number, note, self._subject.memory.placed(at), detail=detail, at=at)
        return replace(file, id=note)
