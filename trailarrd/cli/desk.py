"""Whom a command asks about downloads: the running daemon, or a desk of its own that downloads nothing."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import click

from trailarrd.documents.downloaders import DownloaderList, DownloaderVersion
from trailarrd.documents.downloads import DownloadItem, DownloadList, DownloadResult

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from trailarrd.cli.context import Context
    from trailarrd.cli.remote import Remote
    from trailarrd.config import Settings
    from trailarrd.download.desk import Desk
    from trailarrd.store.store import Store

_OFF: Final = "downloads are off: write 'download: {}' into trailarrd.yaml to see what they would do"


class RemoteDesk:
    """The running daemon's, by the same words as `trailarrd.download.desk.Desk`."""

    def __init__(self, daemon: Remote) -> None:
        self._daemon = daemon

    async def listing(self, *, limit: int, skip: int = 0) -> DownloadList:
        return self._daemon.ask("GET", f"/downloads?limit={limit}&skip={skip}", DownloadList)

    async def some(self, ids: Sequence[int]) -> list[DownloadItem]:
        return [self._daemon.ask("GET", f"/media/{number}/download", DownloadItem) for number in ids]

    async def would(self, number: int, url: str | None = None, *, asks: bool = False) -> DownloadItem | None:
        if asks:
            path = f"/media/{number}/download/inquiry"
            return self._daemon.ask("POST", path, DownloadItem, {"url": url}, patience=None)
        query = f"?url={quote(url, safe='')}" if url else ""
        return self._daemon.ask("GET", f"/media/{number}/download/preview{query}", DownloadItem)

    async def ask(
        self, ids: Sequence[int], url: str | None, *, now: bool, by: str, afar: bool
    ) -> DownloadResult:
        del by, afar  # the daemon knows who asks by this line
        if url is None:
            return self._post("/downloads", {"ids": ids, "now": now})
        return self._post(f"/media/{ids[0]}/download", {"url": url, "now": now})

    async def stop(self, ids: Sequence[int]) -> DownloadResult:
        return self._post("/downloads/stop", {"ids": ids})

    async def retry(self, ids: Sequence[int], *, by: str) -> DownloadResult:
        del by  # as above
        return self._post("/downloads/retry", {"ids": ids})

    async def forget_url(self, ids: Sequence[int]) -> DownloadResult:
        return self._post("/downloads/forget-url", {"ids": ids})

    async def delete(self, ids: Sequence[int]) -> DownloadResult:
        return self._post("/downloads/delete", {"ids": ids})

    async def downloaders(self) -> DownloaderList:
        return self._daemon.ask("GET", "/downloaders", DownloaderList, patience=None)

    async def update(self, name: str) -> DownloaderVersion:
        return self._exchange(name, "update")

    async def rollback(self, name: str) -> DownloaderVersion:
        return self._exchange(name, "rollback")

    def _exchange(self, name: str, how: str) -> DownloaderVersion:
        path = f"/downloaders/{quote(name, safe='')}/{how}"
        return self._daemon.ask("POST", path, DownloaderVersion, patience=None)

    def _post(self, path: str, body: dict[str, Any]) -> DownloadResult:
        return self._daemon.ask("POST", path, DownloadResult, body)


@asynccontextmanager
async def opened_desk(
    context: Context, daemon: Remote | None, *, if_off: bool = False
) -> AsyncIterator[Desk | RemoteDesk]:
    """The daemon's, or one of our own that downloads nothing.

    Raises `UsageError` if downloads are off, unless with `if_off`: what they have left is there still.
    """
    if daemon:
        yield RemoteDesk(daemon)
        return
    settings = context.settings
    if settings.download is None and if_off:
        from trailarrd.config.download import DownloadSettings

        nothing_comes = DownloadSettings(work=os.devnull)
        settings = settings.model_copy(update={"download": nothing_comes})
    if settings.download is None:
        raise click.UsageError(f"{_OFF[0].upper()}{_OFF[1:]}.")
    from trailarrd.domain.download import AddressError

    async with context.store() as store:
        try:
            yield own_desk(context, settings, store)
        except AddressError as error:
            raise click.BadParameter(str(error), param_hint="--url") from None


def own_desk(context: Context, settings: Settings, store: Store, *, serves: bool = False) -> Desk:
    """One that knows what is stored, and downloads nothing; the settings have `download:`.

    `serves` says whether a daemon runs here that does.
    """
    from trailarrd.disk.roots import Roots
    from trailarrd.download.opening import open_downloads
    from trailarrd.runtime.elsewhere import delete_elsewhere

    async def nobody_looks(_connection: str, _number: int) -> None:
        """The next refresh does."""

    opened = open_downloads(
        settings,
        store,
        Roots(deadline=settings.disk.timeout.total_seconds()),
        context.providers,
        context.downloaders,
        clock=lambda: context.now,
        look_again=nobody_looks,
        delete_elsewhere=delete_elsewhere,
        serves=serves,
    )
    assert opened  # noqa: S101  # as there are settings for it
    return opened.desk
