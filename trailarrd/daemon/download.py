"""Downloads as a part of the daemon; imported only where `download:` is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trailarrd.daemon.supervisor import Service, at_once
from trailarrd.discovery.plugins import downloaders_by_name
from trailarrd.download.desk import Desk
from trailarrd.download.opening import open_downloads
from trailarrd.runtime.elsewhere import delete_elsewhere
from trailarrd.runtime.runtime import Runtime
from trailarrd.store.filter import MediaFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trailarrd.daemon.poller import Poller
    from trailarrd.discovery.record import PluginRecord
    from trailarrd.download.outcomes import DownloadMeter


class Download(NamedTuple):
    """What the daemon has of it."""

    service: Service
    desk: Desk
    wake: Callable[[], None]
    """Plan anew: this daemon works at other connections than before."""
    basis: object
    """The settings that it goes by."""


def open_download(
    runtime: Runtime,
    plugins: Sequence[PluginRecord],
    pollers: Callable[[], Mapping[str, Poller]],
    meter: DownloadMeter,
    basis: object,
) -> Download | None:
    """None without `download:`; raises `ConfigError` if there is no place for the work folder.

    `pollers` are those of the connections that this daemon works at.
    """

    async def look_again(connection: str, number: int) -> None:
        """Have the connection's refresher look at one item's folder; the server is not asked."""
        poller = pollers().get(connection)
        pages = runtime.store.media(MediaFilter(ids=[number]), now=runtime.store.now())
        arr_ids = [row.arr_id async for page in pages for row in page]
        if poller is not None and arr_ids:
            async with poller.refresher() as refresher:
                await refresher.look_again(arr_ids)

    opened = open_downloads(
        runtime.settings,
        runtime.store,
        runtime.roots,
        runtime.providers,
        downloaders_by_name(plugins),
        clock=runtime.store.now,
        look_again=look_again,
        meter=meter,
        delete_elsewhere=delete_elsewhere,
        works_at=lambda: frozenset(pollers()) if runtime.store.peers else None,
    )
    if opened is None:
        return None
    service = Service(name="downloads", run=at_once(opened.downloads.run), basis=opened.downloads)
    return Download(service, opened.desk, opened.downloads.wake, basis)
