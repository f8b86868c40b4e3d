"""What downloaders work with, told and kept current."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trailarrd.documents.downloaders import DownloaderItem, DownloaderLack, DownloaderList, DownloaderVersion
from trailarrd.download.transfer import TransferFailedError
from trailarrd.errors import TransferRejectedError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from trailarrd.download.kit import Kit


class Upkeep:
    """Of all that are installed."""

    def __init__(self, kit: Kit, retry: Callable[[], None]) -> None:
        """`retry` is called when one works with another version, for which downloads may wait."""
        self._kit = kit
        self._retry = retry

    async def listing(self) -> DownloaderList:
        """Each is asked what it works with, and nobody over the network."""
        return DownloaderList(items=[await self._downloader(name) for name in self._kit.downloaders.names])

    async def _downloader(self, name: str) -> DownloaderItem:
        clean = self._kit.clean
        try:
            equipment, updates = await self._kit.downloaders.examined(name)
        except TransferFailedError as error:
            told = DownloaderLack(fact=clean(str(error)), advice="see 'trailarrd check'", blocking=True)
            return DownloaderItem(name=name, version=None, released=None, updates=False, lacks=[told])
        return DownloaderItem(
            name=name,
            version=equipment.version,
            released=equipment.released,
            updates=updates,
            lacks=[
                DownloaderLack(fact=clean(lack.fact), advice=clean(lack.advice), blocking=lack.blocking)
                for lack in equipment.lacks
            ],
        )

    async def update(self, name: str) -> DownloaderVersion | None:
        """Bring it up to date, and try again what waited for that; None: there is none of that name.

        Raises `TransferError` with the reason if nothing was changed.
        """
        return await self._exchange(name, self._kit.downloaders.update)

    async def rollback(self, name: str) -> DownloaderVersion | None:
        """The same, back to the version before."""
        return await self._exchange(name, self._kit.downloaders.rollback)

    async def _exchange(
        self, name: str, how: Callable[[str], Coroutine[Any, Any, str]]
    ) -> DownloaderVersion | None:
        if name not in self._kit.downloaders.names:
            return None
        try:
            version = await how(name)
        except TransferFailedError as error:
            raise TransferRejectedError(self._kit.clean(str(error))) from None
        self._retry()
        return DownloaderVersion(name=name, version=version)
