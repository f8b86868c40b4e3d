"""What a kill has left of downloads, put right before the next one begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from trailarrd.concurrency import in_thread
from trailarrd.download.ours import is_ours
from trailarrd.download.placing import PlacingError, remove

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from trailarrd.domain.download import Subject
    from trailarrd.domain.placed import PlacedFile
    from trailarrd.download.kit import Kit

log = structlog.get_logger()


async def recover(
    kit: Kit, look: Callable[[Subject], Awaitable[None]], connection: str | None = None
) -> None:
    """Claims of ours are given up, files came to their place or not: of one connection, or of all.

    `look` has a refresh look at an item's folder.
    """
    await kit.store.release_ours(connection)
    for number, file in await kit.store.unsettled_files(connection):
        await _settle(kit, number, file, look)


async def _settle(
    kit: Kit, number: int, file: PlacedFile, look: Callable[[Subject], Awaitable[None]]
) -> None:
    store, now = kit.store, kit.clock()
    try:
        is_there = await in_thread(lambda: is_ours(file, file.path), "downloads")
    except OSError:
        return  # the disk does not tell: it is asked at the next start
    if not is_there:
        await store.drop_file(file.id)
        return
    for other in await store.placed_of(number):
        if other.path != file.path:
            await _remove(other)
    found = await store.subjects(now, kit.downloaders.basis, [number])
    memory = found[0].memory.placed(now) if found else None
    detail = {"file": file.path, "url": file.url, "bytes": file.size}
    await store.settle_file(number, file.id, memory, detail=detail, at=now)
    for subject in found:
        await look(subject)


async def _remove(file: PlacedFile) -> None:
    try:
        await in_thread(lambda: remove(file), "downloads")
    except PlacingError as error:
        log.warning("download.not_removed", file=file.path, error=str(error))
