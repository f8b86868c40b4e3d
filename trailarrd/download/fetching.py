"""One video as the settings want it: all of it, or only as far as its site has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.download.transfer import Delivery, Transfer, TransferFailedError
from trailarrd.download.workspace import workspace
from trailarrd.errors import Barrier, TransferRefusedError
from trailarrd.plugin.downloader import Candidate, Progress, Quality

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trailarrd.domain.download import OwnAddress
    from trailarrd.domain.site import Pace, Site
    from trailarrd.download.kit import Kit
    from trailarrd.download.planner import Due


async def fetched(kit: Kit, due: Due, folder: Path, hears: Callable[[Progress], None]) -> Delivery:
    """What its downloader leaves in the folder; raises `TransferFailedError` if that is of no use."""
    public_only = _public_only(kit, due.subject.memory.own)
    quality = Quality(
        height=kit.settings.height.at_most,
        max_bytes=kit.limits.max_bytes,
        languages=kit.settings.languages,
    )
    transfer = Transfer(folder, kit.limits, min_free=kit.settings.min_free, clocks=kit.clocks, hears=hears)
    async with kit.downloaders.opened(due.choice.downloader, public_only=public_only) as download:
        candidate = Candidate(url=due.url, public_only=public_only)
        return await transfer.run(download, candidate, quality)


def _public_only(kit: Kit, own: OwnAddress | None) -> bool:
    return own is None or (own.public_only and not kit.settings.private_addresses)


async def inquire(kit: Kit, pace: Pace, due: Due) -> TransferFailedError | None:
    """Ask the site, as one try of its quota, until the video begins to come; why it would not do."""
    heard = list[Progress]()

    def hears(progress: Progress) -> None:
        if progress.done or progress.total:
            heard.append(progress)
            raise TransferRefusedError("it is not wanted now", because=Barrier.SIZE)

    def begin(site: Site) -> Site:
        return site.began(pace, kit.clock(), spread=1.0)

    failed = None
    await kit.store.change_site(due.choice.site, begin)
    try:
        async with workspace(kit.work, due.subject.id) as folder:
            await fetched(kit, due, folder, hears)
    except TransferFailedError as error:
        failed = None if heard else error

    def end(site: Site) -> Site:
        if failed is None:
            return site.ended(None, "", kit.clock())
        told = kit.clean(str(failed))
        return site.ended(failed.failure, told, kit.clock(), retry_after=failed.retry_after)

    await kit.store.change_site(due.choice.site, end)
    return failed
