"""One trailer comes home, from the claim to its place; whatever happens, nothing is harmed."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog

from trailarrd.concurrency import in_thread, to_completion
from trailarrd.domain.failure import Failure
from trailarrd.domain.video import is_other_than_told, judge
from trailarrd.download.arrival import Arrival, Source
from trailarrd.download.fetching import fetched
from trailarrd.download.ours import is_ours
from trailarrd.download.patience import Patience
from trailarrd.download.placing import PlacingError, try_place
from trailarrd.download.planner import Choice, Due
from trailarrd.download.probe import ProbeError, probe, require_tools
from trailarrd.download.transfer import Delivery, TransferFailedError
from trailarrd.download.workspace import workspace
from trailarrd.store.filter import MediaFilter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from trailarrd.domain.download import Subject
    from trailarrd.domain.placed import PlacedFile
    from trailarrd.download.kit import Kit
    from trailarrd.download.library import Seen
    from trailarrd.download.running import Running
    from trailarrd.store.listing import MediaRow

log = structlog.get_logger()

_CLAIMED: Final = timedelta(minutes=30)


class JobFailedError(Exception):
    """It has come to nothing; `failure` says whose trouble that is, and the text is without secrets."""

    def __init__(
        self,
        failure: Failure,
        message: str,
        *,
        retry_after: float | None = None,
        asked_site: bool = False,
        root: str | None = None,
    ) -> None:
        super().__init__(message)
        self.failure = failure
        self.retry_after = retry_after
        self.asked_site = asked_site
        self.root = root


class Job:
    """Brings the trailer of one item whose turn it is."""

    def __init__(self, kit: Kit, subject: Subject, url: str, choice: Choice, running: Running) -> None:
        self._kit = kit
        self._subject = subject
        self._url = url
        self._choice = choice
        self._running = running
        self.asked_site = False
        """Whether it came so far."""
        self._root: str | None = None
        self._patience = Patience()

    async def run(self, began: Callable[[], Any]) -> PlacedFile:
        """Do it; `began` is awaited before the site is asked.

        Raises:
            JobFailedError: nothing was placed.
            DatabaseError: the database cannot be used; a file that is placed already is found at the start.
        """
        try:
            async with self._claimed():
                return await self._run(began)
        except (PlacingError, ProbeError, TransferFailedError) as error:
            raise JobFailedError(
                error.failure,
                self._kit.clean(str(error)),
                retry_after=getattr(error, "retry_after", None),
                asked_site=self.asked_site,
                root=self._root,
            ) from None

    @asynccontextmanager
    async def _claimed(self) -> AsyncIterator[None]:
        await self._claim()
        try:
            yield
        finally:
            await to_completion(self._kit.store.release(self._subject.id, self._kit.owner))

    async def _claim(self) -> None:
        kit, now = self._kit, self._kit.clock()
        if not await kit.store.claim(self._subject.id, kit.owner, until=now + _CLAIMED, now=now):
            raise PlacingError(Failure.CHANGED, "another program has claimed it meanwhile")

    async def _run(self, began: Callable[[], Any]) -> PlacedFile:
        item = await self._item()
        seen = await self._look(item)
        ours = await self._replaced(seen)
        await self._patience.wait_for(partial(try_place, seen.spot, min_free=self._kit.settings.min_free))
        if twin := await self._twin():
            return await self._place(twin, ours)
        require_tools()
        await began()
        self.asked_site = True
        async with workspace(self._kit.work, self._subject.id) as folder:
            return await self._place(await self._fetched(folder), ours)

    async def _item(self) -> MediaRow:
        """As it is stored now; it must be what it was when it was planned."""
        which = MediaFilter(ids=[self._subject.id])
        async for page in self._kit.store.media(which, now=self._kit.clock()):
            for item in page:
                if item.local_path == self._subject.folder:
                    return item
        raise PlacingError(Failure.CHANGED, Failure.CHANGED.sentence)

    async def _look(self, item: MediaRow) -> Seen:
        self._running.at("looking")
        seen = await self._kit.library.look(item)
        self._root = str(seen.spot.root)
        return seen

    async def _replaced(self, seen: Seen) -> PlacedFile | None:
        """The trailer of ours that lies there, if the user wants another one; None: none lies there.

        Raises `PlacingError` for a trailer that stays.
        """
        placed = await self._kit.store.placed_of(self._subject.id)
        if seen.trailer is None:
            await self._must_not_be_deleted(placed, seen)
            return None
        name = seen.trailer.rpartition("/")[2]
        ours = next((one for one in placed if one.path == seen.trailer), None)
        if ours is None or not await in_thread(partial(is_ours, ours, seen.trailer), "download"):
            raise PlacingError(Failure.APPEARED, f"a trailer that is not ours lies there: {name}")
        ask, own = self._subject.ask, self._subject.memory.own
        if ask is None or own is None or own.url == ours.url:
            raise PlacingError(Failure.OURS, f"our own trailer lies there: {name}")
        return ours

    async def _must_not_be_deleted(self, placed: list[PlacedFile], seen: Seen) -> None:
        """Somebody deleted ours: what came from there is not brought again unless the user asks."""
        for file in placed:
            is_here = file.path.startswith(f"{seen.spot.folder}/")
            if is_here and self._subject.ask is None and file.url == self._url:
                raise PlacingError(Failure.DELETED, Failure.DELETED.sentence)

    async def _twin(self) -> Source | None:
        """Our own trailer of the same film elsewhere, unless the user has named a video for this one."""
        if self._subject.memory.own is not None:
            return None
        for file in await self._kit.store.placed_of_twins(self._subject.id):
            if file.url == self._url:
                with suppress(OSError):
                    if await in_thread(partial(is_ours, file, file.path), "download"):
                        told = {"copied_from": file.path}
                        return Source(Path(file.path), file.url, file.downloader, told)
        return None

    async def _fetched(self, folder: Path) -> Source:
        """A video from the site, looked at and found to be a trailer."""
        due = Due(self._subject, self._url, self._choice)
        return await self._judged(await fetched(self._kit, due, folder, self._running.hear))

    async def _judged(self, delivery: Delivery) -> Source:
        self._running.at("verifying")
        video = await probe(delivery.file, self._kit.limits.longest)
        if defect := judge(video, self._kit.limits):
            raise TransferFailedError(defect.failure, defect.told)
        told: dict[str, Any] = {"duration_s": round(video.duration, 1), "height": video.height}
        if is_other_than_told(video, delivery.duration):
            told["told_duration_s"] = delivery.duration
            log.warning("download.other_length", item=self._subject.id, **told)
        if delivery.title:
            told["video"] = self._kit.clean(delivery.title)[:300]
        return Source(delivery.file, self._url, self._choice.downloader, told)

    async def _place(self, source: Source, ours: PlacedFile | None) -> PlacedFile:
        """Look again, as all that may have taken long; the claim is prolonged."""
        self._running.at("placing")
        await self._claim()
        item = await self._item()
        await self._must_be_wanted()
        seen = await self._look(item)
        if seen.trailer and (ours is None or seen.trailer != ours.path):
            name = seen.trailer.rpartition("/")[2]
            raise PlacingError(Failure.APPEARED, f"{Failure.APPEARED.sentence}: {name}")
        return await Arrival(self._kit, self._patience, self._subject, ours).place(source, seen.spot)

    async def _must_be_wanted(self) -> None:
        store, kit = self._kit.store, self._kit
        now = await store.subjects(kit.clock(), kit.downloaders.basis, [self._subject.id])
        asked = self._subject.ask is not None
        if not any(one.wanted or asked for one in now):
            raise PlacingError(Failure.CHANGED, "it is not wanted any more")
