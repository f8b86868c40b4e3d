"""The installed downloaders as they are used: which takes an address, and what it is given."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog

from trailarrd.domain.failure import Failure
from trailarrd.download.planner import Choice
from trailarrd.download.transfer import TransferFailedError
from trailarrd.errors import TransferError, summary
from trailarrd.plugin.downloader import Download, Downloader, DownloaderSettings, Equipment, Examiner, Updater
from trailarrd.plugin.outside import open_outside

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from pathlib import Path

    from trailarrd.config.download import DownloadSettings

log = structlog.get_logger()

_LONGEST_SITE: Final = 200
_MOST_REMEMBERED: Final = 50_000
_PATIENCE: Final = 20.0
"""Seconds that a downloader may take to say what it has."""


class Examined(NamedTuple):
    """What a downloader tells of itself."""

    equipment: Equipment
    updates: bool
    """Whether it can be updated."""


class Downloaders:
    """Those that are installed; nothing that one of them does wrong reaches another."""

    def __init__(self, installed: Mapping[str, Downloader], settings: DownloadSettings, state: Path) -> None:
        self._installed = installed
        self._settings = settings
        self._state = state
        self._choices: dict[str, Choice | None] = {}

    @property
    def names(self) -> list[str]:
        return sorted(self._installed)

    def choose(self, url: str) -> Choice | None:
        """The one that fits the address best, and whose address that is; None if none takes it."""
        if url not in self._choices:
            if len(self._choices) > _MOST_REMEMBERED:
                self._choices.clear()
            self._choices[url] = self._choose(url)
        return self._choices[url]

    def _choose(self, url: str) -> Choice | None:
        if not url.lower().startswith(("http://", "https://")):
            return None
        fitting = [(self._fits(one, url), name) for name, one in sorted(self._installed.items())]
        fit, name = max(fitting, default=(0, ""))
        site = self._site(self._installed[name], url) if fit > 0 else None
        return Choice(name, site) if site else None

    def _fits(self, downloader: Downloader, url: str) -> int:
        try:
            return int(downloader.fits(url))
        except Exception as error:  # noqa: BLE001  # a stranger's function
            log.warning("downloader.odd", downloader=downloader.name, error=type(error).__name__)
            return 0

    def _site(self, downloader: Downloader, url: str) -> str | None:
        try:
            return str(downloader.site(url))[:_LONGEST_SITE]
        except Exception as error:  # noqa: BLE001  # as above
            log.warning("downloader.odd", downloader=downloader.name, error=type(error).__name__)
            return None

    def settings_of(self, name: str) -> DownloaderSettings:
        """All that it may know; raises `TransferFailedError` if it needs options that are not there."""
        model, options = self._installed[name].options, self._settings.options_of(name)
        if options is None and model is not None:
            try:
                options = model.model_validate({})
            except Exception:  # noqa: BLE001  # pydantic's, or a stranger's validator's
                told = f"downloader {name} needs options: write download.options.{name}"
                raise TransferFailedError(Failure.REJECTED, told) from None
        return DownloaderSettings(state=self._state / name, proxy=self._settings.proxy, options=options)

    @asynccontextmanager
    async def opened(self, name: str, *, public_only: bool) -> AsyncIterator[Download]:
        """Ready for one download, or to be examined.

        Raises:
            TransferFailedError: its settings are not enough, or it cannot be built.
        """
        settings = self.settings_of(name)
        async with open_outside(proxy=self._settings.proxy, public_only=public_only) as session:
            try:
                download = self._installed[name].build(session, settings)
            except Exception as error:  # a stranger's function
                log.exception("downloader.broken", downloader=name)
                raise TransferFailedError(Failure.CRASHED, f"{name}: {summary(error)}") from None
            yield download

    async def examined(self, name: str) -> Examined:
        """What it works with and lacks; one that does not tell lacks nothing.

        Raises:
            TransferFailedError: it cannot be built, or did not say.
        """
        async with self.opened(name, public_only=True) as download:
            updates = isinstance(download, Updater)
            if not isinstance(download, Examiner):
                return Examined(Equipment(), updates)
            try:
                async with asyncio.timeout(_PATIENCE):
                    return Examined(await download.examine(), updates)
            except TimeoutError:
                told = f"it did not say within {_PATIENCE:g} s what it has"
            except Exception as error:  # noqa: BLE001  # a stranger's code
                told = summary(error)
        raise TransferFailedError(Failure.CRASHED, told)

    async def update(self, name: str) -> str:
        """The version that counts after it was brought up to date.

        Raises `TransferFailedError` if it was not.
        """
        return await self._exchanged(name, lambda download: download.update())

    async def rollback(self, name: str) -> str:
        """The version before, which counts again; raises `TransferFailedError` if there is none."""
        return await self._exchanged(name, lambda download: download.rollback())

    async def _exchanged(self, name: str, how: Callable[[Updater], Awaitable[str]]) -> str:
        async with self.opened(name, public_only=True) as download:
            if not isinstance(download, Updater):
                raise TransferFailedError(Failure.REJECTED, f"{name} has nothing that could be updated")
            try:
                return await how(download)
            except TransferError as error:
                told = str(error)
            except Exception as error:  # a stranger's code
                log.warning("downloader.crashed", downloader=name, exc_info=True)
                told = summary(error)
        raise TransferFailedError(Failure.REJECTED, told)

    @property
    def basis(self) -> str:
        """Another text as soon as the settings may let a video through that was refused."""
        settings = self._settings
        proxy = settings.proxy.reveal() if settings.proxy else ""
        options = settings.options.model_dump() if settings.options else {}
        said = (settings.limits(), settings.height.at_most, settings.private_addresses, proxy, options)
        return hashlib.sha256(repr(said).encode(errors="replace")).hexdigest()[:16]
