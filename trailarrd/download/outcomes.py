"""How downloads end: who is to blame waits, and what concerns many is told once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import structlog

from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.paths import LocalPath, parent

if TYPE_CHECKING:
    from collections.abc import Callable

    from trailarrd.domain.placed import PlacedFile
    from trailarrd.domain.site import Pace, Site
    from trailarrd.download.job import JobFailedError
    from trailarrd.download.kit import Kit
    from trailarrd.download.planner import Due
    from trailarrd.download.troubles import Troubles

log = structlog.get_logger()


class DownloadMeter(Protocol):
    """Hears of each download that has ended; must be quick, and never fail."""

    def downloaded(self, site: str, outcome: str, seconds: float, size: int) -> None: ...


class Unheard:
    def downloaded(self, site: str, outcome: str, seconds: float, size: int) -> None: ...


class SiteHeldError(Exception):
    """The site must not be asked just now, and nothing was done."""


class Outcomes:
    """Remembers them, in the database and, of what concerns this host alone, in `troubles`."""

    def __init__(
        self, kit: Kit, pace: Pace, troubles: Troubles, meter: DownloadMeter, spread: Callable[[], float]
    ) -> None:
        self._kit = kit
        self._pace = pace
        self._troubles = troubles
        self._meter = meter
        self._spread = spread

    async def began(self, due: Due) -> None:
        """The site is asked now; raises `SiteHeldError` if another daemon has just asked it."""
        pace, now, spread = self._pace, self._kit.clock(), self._spread()
        in_a_hurry = due.subject.ask is not None and due.subject.ask.now

        def begin(site: Site) -> Site:
            held = site.wall(now) or (None if in_a_hurry else site.held(pace, now))
            return site if held else site.began(pace, now, spread=spread)

        before, after = await self._kit.store.change_site(due.choice.site, begin)
        if after == before:
            raise SiteHeldError

    async def placed(self, due: Due, file: PlacedFile, seconds: float, *, asked_site: bool) -> None:
        """A trailer has come to its place."""
        number, site = due.subject.id, due.choice.site
        log.info("download.placed", item=number, file=file.path, bytes=file.size, seconds=round(seconds, 1))
        self._meter.downloaded(site, "placed", seconds, file.size)
        self._troubles.placed(file.path)
        if asked_site:
            now = self._kit.clock()
            await self._kit.store.change_site(site, lambda one: one.ended(None, "", now))

    async def failed(self, due: Due, error: JobFailedError, seconds: float) -> None:
        """It has come to nothing."""
        kit, subject, now, told = self._kit, due.subject, self._kit.clock(), str(error)
        log.warning("download.failed", item=subject.id, failure=error.failure.value, error=told)
        self._meter.downloaded(due.choice.site, error.failure.value, seconds, 0)
        if error.asked_site:
            await self._blame_site(due, error)
        folder = subject.folder or LocalPath("/")
        root = LocalPath(error.root) if error.root else parent(folder)
        if self._troubles.meet(error.failure, told, root=root, folder=folder, choice=due.choice):
            await kit.store.tell(subject.id, HistoryEvent.NO_ROOM, {"told": told}, now)
        await kit.store.download_failed(
            subject.id,
            subject.memory,
            failure=error.failure,
            told=told,
            url=due.url,
            basis=kit.downloaders.basis,
            at=now,
        )

    async def _blame_site(self, due: Due, error: JobFailedError) -> None:
        kit, now = self._kit, self._kit.clock()

        def end(site: Site) -> Site:
            return site.ended(error.failure, str(error), now, retry_after=error.retry_after)

        before, after = await kit.store.change_site(due.choice.site, end)
        if after.blocked_until and not before.blocked_until:
            until = f"{after.blocked_until:%Y-%m-%dT%H:%M:%SZ}"
            detail = {"site": after.name, "told": after.told, "until": until}
            await kit.store.tell(due.subject.id, HistoryEvent.SITE_BLOCKED, detail, now)
