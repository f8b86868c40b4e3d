"""Trailers of ours that somebody deleted: what came from there is refused, whoever's turn it is."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from trailarrd.domain.failure import Failure
from trailarrd.download.placing import PlacingError
from trailarrd.store.filter import MediaFilter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trailarrd.domain.download import Subject
    from trailarrd.download.kit import Kit


async def refuse_deleted(kit: Kit, missing: Iterable[Subject]) -> bool:
    """Look at each, and refuse the address where nothing lies there any more; whether it was so of any."""
    found = False
    for subject in missing:
        async for page in kit.store.media(MediaFilter(ids=[subject.id]), now=kit.clock()):
            for item in page:
                with suppress(PlacingError):  # what is not believed proves nothing
                    seen = await kit.library.look(item)
                    if seen.trailer is None:
                        await _refuse(kit, subject, f"{seen.spot.folder}/")
                        found = True
    return found


async def _refuse(kit: Kit, subject: Subject, folder: str) -> None:
    store, at, deleted = kit.store, kit.clock(), Failure.DELETED
    memory = subject.memory.lost(None)
    for file in await store.placed_of(subject.id):
        if file.path.startswith(folder):
            await store.refuse_address(subject.id, file.url, deleted, deleted.sentence, basis=None, at=at)
            memory = memory.lost(deleted)
    await store.remember_download(subject.id, memory)
