"""What users and programs may ask of downloads and tell them, whether the daemon runs or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from trailarrd.concurrency import in_thread
from trailarrd.documents.downloads import DownloadItem, DownloadList, DownloadResult, RefusedDownload
from trailarrd.domain.download import AddressError, Ask, OwnAddress, Subject, check_address
from trailarrd.domain.failure import Failure
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.site import Site
from trailarrd.domain.target import NoTarget, Target, target_of
from trailarrd.domain.waiting import Why
from trailarrd.download.fetching import inquire
from trailarrd.download.listing import item_of, site_of
from trailarrd.download.placing import PlacingError, remove
from trailarrd.download.planner import Due, Turn
from trailarrd.download.upkeep import Upkeep
from trailarrd.errors import DaemonError
from trailarrd.plugin.outside import is_public
from trailarrd.store.filter import MediaFilter

if TYPE_CHECKING:
    from trailarrd.documents.downloaders import DownloaderList, DownloaderVersion
    from trailarrd.domain.claim import ClaimProgress
    from trailarrd.download.downloads import Downloads
    from trailarrd.download.kit import Kit
    from trailarrd.download.transfer import TransferFailedError
    from trailarrd.store.listing import MediaRow

_FINAL: Final = frozenset(
    {Why.NO_FOLDER, Why.NO_FILE, Why.CONTRADICTED, Why.VANISHING, Why.HELD, Why.CLAIMED}
    | {Why.NO_ADDRESS, Why.NO_DOWNLOADER}
)
"""Why what is asked for by name is refused at once instead of waiting."""

_HOW_PRIVATE: Final = "give it on the command line, or set download.private_addresses"


class Desk:
    """One for all who ask."""

    def __init__(
        self,
        downloads: Downloads,
        kit: Kit,
        *,
        serves: bool = True,
        delete_elsewhere: Callable[[str, int], Awaitable[str | None]] | None = None,
    ) -> None:
        """Whether a daemon `serves` here: without one nothing is downloaded, whatever a kill has left.

        `delete_elsewhere` has another daemon delete the trailer of an item of its connection, and says why
        it did not; None where there is never another one.
        """
        self._serves = serves
        self._delete_elsewhere = delete_elsewhere
        self._downloads = downloads
        self._kit = kit
        self._upkeep = Upkeep(kit, downloads.retry)

    @property
    def troubles(self) -> list[tuple[str, str]]:
        """What is in the way of many at once, each with a word of what kind it is."""
        return list(self._downloads.troubles)

    async def listing(self, *, limit: int, skip: int = 0, why: Why | None = None) -> DownloadList:
        """So many of all that is wanted or was asked for, or waits for `why`, in the order of its turn."""
        made = await self._downloads.plan()
        turns = [turn for turn in made.turns if turn.why is not Why.HAS_TRAILER]
        reasons = Counter(turn.why.value for turn in turns if turn.why)
        if why is not None:
            turns = [turn for turn in turns if turn.why is why]
        settings, now = self._kit.settings, self._kit.clock()
        pace, sites = self._downloads.pace, await self._kit.store.sites()
        return DownloadList(
            preview=settings.preview,
            days=made.days,
            total=len(turns),
            troubles=[told for _, told in self._downloads.troubles],
            sites=[site_of(site, pace, now) for _, site in sorted(sites.items())],
            items=await self._told(turns[skip : skip + limit]),
            reasons=dict(reasons),
        )

    async def progress(self) -> dict[int, ClaimProgress]:
        """How far the downloads are that run, here and at other daemons, by the items' ids."""
        return {number: one.of_claim for number, one in (await self._downloads.under_way()).items()}

    async def some(self, ids: Sequence[int]) -> list[DownloadItem]:
        """What becomes of these items, at most a chunk; those that are not there are left out."""
        return await self._told((await self._downloads.plan(ids)).turns)

    async def would(
        self, number: int, url: str | None = None, *, asks: bool = False, afar: bool = False
    ) -> DownloadItem | None:
        """What would become of an item if the user asked for it now; its folder is looked at.

        With `asks` its site is asked about the video, and nothing is kept of that.
        """
        turn = await self._would(
            number, Ask(at=self._kit.clock(), by="", now=True), self._own(url, afar=afar)
        )
        if turn is None:
            return None
        (item,) = await self._told([turn])
        if turn.why is None:
            try:
                seen = await self._kit.library.look(await self._row(number))
            except PlacingError as error:
                return _barred(item, error.failure.value, str(error))
            if seen.trailer and not await self._is_ours(turn.subject, seen.trailer):
                return _barred(item, Why.HAS_TRAILER.value, f"a trailer that is not ours: {seen.trailer}")
            if asks and (failed := await self._inquire(turn)):
                return _barred(item, failed.failure.value, self._kit.clean(str(failed)))
            return replace(item, place=seen.spot.path(""))
        return item

    async def ask(
        self, ids: Sequence[int], url: str | None, *, now: bool, by: str, afar: bool
    ) -> DownloadResult:
        """Have the trailers of these items downloaded; a refusal changes nothing.

        Raises:
            AddressError: `url` is none that is taken.
        """
        own, at = self._own(url, afar=afar), self._kit.clock()
        ask = Ask(at=at, by=by, now=now)

        async def one(number: int) -> str | None:
            turn = await self._would(number, ask, own)
            if turn is not None and (reason := await self._refusal(turn)):
                return reason
            await self._kit.store.ask_download([number], ask, own)
            return None

        return await self._each(ids, one)

    async def is_served(self) -> bool:
        """Whether another daemon of the database downloads."""
        return await self._downloads.company.lives()

    async def stop(self, ids: Sequence[int]) -> DownloadResult:
        """Nothing more is downloaded for these items before the user asks again."""

        async def one(number: int) -> None:
            await self._kit.store.stop_download([number], self._kit.clock())
            await self._downloads.stop([number])

        return await self._each(ids, one)

    async def retry(self, ids: Sequence[int], *, by: str) -> DownloadResult:
        """Try these items again; without any, whatever was in the way of many at once."""
        self._downloads.retry()
        if ids:
            return await self.ask(ids, None, now=False, by=by, afar=False)
        for name in await self._kit.store.sites():
            await self._kit.store.change_site(name, Site.opened)
        await self._downloads.company.retry(self._kit.clock().isoformat())
        return DownloadResult(changed=[], refused=[], unknown=[])

    async def forget_url(self, ids: Sequence[int]) -> DownloadResult:
        """Drop the addresses that the user gave: the server's count again."""

        async def one(number: int) -> str | None:
            changed = await self._kit.store.forget_address([number], self._kit.clock())
            return None if changed else "you have named no video for it"

        return await self._each(ids, one)

    async def delete(self, ids: Sequence[int]) -> DownloadResult:
        """Take away trailers of ours, and only while they still are that; who sees a disk does it."""
        return await self._each(ids, self._delete)

    async def downloaders(self) -> DownloaderList:
        """Those that are installed; each is asked what it works with, and nobody over the network."""
        return await self._upkeep.listing()

    async def update(self, name: str) -> DownloaderVersion | None:
        """Bring it up to date, and try again what waited for that; None: there is none of that name.

        Raises `TransferError` with the reason if nothing was changed.
        """
        return await self._upkeep.update(name)

    async def rollback(self, name: str) -> DownloaderVersion | None:
        """The same, back to the version before."""
        return await self._upkeep.rollback(name)

    async def _delete(self, number: int) -> str | None:
        store, at = self._kit.store, self._kit.clock()
        connection = (await self._row(number)).connection
        if self._delete_elsewhere and not await self._downloads.company.sees(connection):
            try:
                return await self._delete_elsewhere(connection, number)
            except DaemonError as error:
                return str(error)
        await self._downloads.stop([number])
        for file in reversed(await store.placed_of(number)):
            try:
                is_gone = await in_thread(partial(remove, file), "downloads")
            except PlacingError as error:
                return str(error)
            if is_gone:
                await store.refuse_address(
                    number, file.url, Failure.UNWANTED, Failure.UNWANTED.sentence, basis=None, at=at
                )
                await store.tell(number, HistoryEvent.TRAILER_DELETED, {"file": file.path}, at)
                for subject in await store.subjects(at, "", [number]):
                    await store.remember_download(number, subject.memory.lost(Failure.UNWANTED))
                await store.drop_file(file.id)
                await self._downloads.look(number)
                return None
        return "no trailer of ours lies there, or it is not what we placed any more"

    async def _each(
        self, ids: Sequence[int], work: Callable[[int], Coroutine[Any, Any, str | None]]
    ) -> DownloadResult:
        """Do it for each; what it returns is why not."""
        known = [one async for page in self._pages(ids) for one in page]
        unknown = [number for number in dict.fromkeys(ids) if number not in {one.id for one in known}]
        changed, refused = [], []
        for item in known:
            if reason := await work(item.id):
                refused.append(RefusedDownload(id=item.id, reason=reason))
            else:
                changed.append(item.id)
        self._downloads.wake()
        return DownloadResult(changed=changed, refused=refused, unknown=unknown)

    def _pages(self, ids: Sequence[int]) -> AsyncGenerator[list[MediaRow], None]:
        return self._kit.store.media(MediaFilter(ids=ids), now=self._kit.clock())

    async def _row(self, number: int) -> MediaRow:
        return next(iter([one async for page in self._pages([number]) for one in page]))

    async def _would(self, number: int, ask: Ask, own: OwnAddress | None) -> Turn | None:
        """What would become of an item if that were asked; None if there is no such item."""

        def asked(subject: Subject) -> Subject:
            return subject._replace(memory=subject.memory.asked(ask, own))

        return next(iter((await self._downloads.plan([number], asked)).turns), None)

    async def _refusal(self, turn: Turn) -> str | None:
        """Why what is asked will not be done, as far as it is known without a look at the disk."""
        if turn.why in _FINAL:
            detail = f" ({turn.told})" if turn.told else ""
            return f"{turn.why.sentence}{detail}"
        item = await self._row(turn.subject.id)
        if isinstance(target := self._target(item), NoTarget):
            return target.sentence
        path = f"{item.local_path}/{item.trailer_file}"
        if turn.subject.has_trailer and not await self._is_ours(turn.subject, path):
            return f"a trailer that is not ours lies there: {item.trailer_file}"
        return None

    def _own(self, url: str | None, *, afar: bool) -> OwnAddress | None:
        """Raises `AddressError`; where a name leads to is seen when it is asked."""
        if url is None:
            return None
        check_address(url)
        host = urlsplit(url).hostname or ""
        if afar and not self._kit.settings.private_addresses and not is_public(host):
            raise AddressError(f"{host} is no address of the public internet: {_HOW_PRIVATE}")
        return OwnAddress(url=url, public_only=afar)

    async def _inquire(self, turn: Turn) -> TransferFailedError | None:
        assert turn.url  # noqa: S101  # as nothing is in its way
        assert turn.choice  # noqa: S101  # likewise
        due = Due(turn.subject, turn.url, turn.choice)
        return await inquire(self._kit, self._downloads.pace, due)

    async def _is_ours(self, subject: Subject, path: str) -> bool:
        return any(file.path == path for file in await self._kit.store.placed_of(subject.id))

    async def _told(self, turns: Sequence[Turn]) -> list[DownloadItem]:
        ids = [turn.subject.id for turn in turns]
        rows = {one.id: one async for page in self._pages(ids) for one in page}
        files = await self._kit.store.placed_of_items([turn.subject for turn in turns])
        far, now = await self._downloads.under_way(), self._kit.clock()
        claimed_at = now if self._serves or await self.is_served() else None
        return [
            item_of(turn, rows[number], files.get(number), far.get(number), self._place, claimed_at)
            for number, turn in zip(ids, turns, strict=True)
            if number in rows
        ]

    def _place(self, row: MediaRow) -> str | None:
        """Where it would lie, without a look at the disk."""
        target = self._target(row)
        return None if isinstance(target, NoTarget) else target.path

    def _target(self, row: MediaRow) -> Target | NoTarget:
        return target_of(row, row.local_path, self._kit.library.rules_of(row))


def _barred(item: DownloadItem, why: str, told: str) -> DownloadItem:
    return replace(item, state="waiting", why=why, told=told)
