"""All of downloads put together, for the daemon and for commands."""

from __future__ import annotations

import socket
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from trailarrd.domain.download import RESERVED
from trailarrd.domain.secret import Redactor
from trailarrd.download.desk import Desk
from trailarrd.download.downloaders import Downloaders
from trailarrd.download.downloads import Downloads
from trailarrd.download.kit import Kit
from trailarrd.download.library import Library
from trailarrd.download.outcomes import DownloadMeter
from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from trailarrd.config import Settings
    from trailarrd.disk.roots import Roots
    from trailarrd.plugin.downloader import Downloader
    from trailarrd.plugin.provider import Provider
    from trailarrd.store.peers import Peers
    from trailarrd.store.store import Store


class Opened(NamedTuple):
    downloads: Downloads
    desk: Desk


def open_downloads(
    settings: Settings,
    store: Store,
    roots: Roots,
    providers: Mapping[str, Provider[Any]],
    downloaders: Mapping[str, Downloader],
    *,
    clock: Callable[[], datetime],
    look_again: Callable[[str, int], Awaitable[None]],
    meter: DownloadMeter | None = None,
    works_at: Callable[[], frozenset[str] | None] = lambda: None,
    delete_elsewhere: Callable[[Store, Peers, str, int], Awaitable[str | None]],
    serves: bool = True,
) -> Opened | None:
    """None without `download:` in the settings; nothing runs and nobody is asked yet.

    `delete_elsewhere` has another daemon delete a trailer, by its connection and the item's id, and says
    why it did not. `serves` says whether a daemon downloads here.

    Raises `ConfigError` if there is no place for the work folder.
    """
    download = settings.download
    if download is None:
        return None
    if store.folder is None and download.work is None:
        raise ConfigError("download.work is needed: the database is no file that it could lie beside")
    work = download.folder(store.folder)
    kit = Kit(
        store=store,
        settings=download,
        downloaders=Downloaders(downloaders, download, (store.folder or work) / "downloaders"),
        library=Library(
            store, roots, settings, {name: one.trailers for name, one in providers.items()}, clock
        ),
        work=work,
        clock=clock,
        clean=Redactor(settings.secrets).clean,
        owner=RESERVED + _name_of(store),
    )
    downloads = Downloads(
        kit,
        settings,
        look_again=look_again,
        quiet=lambda: roots.quiet(),  # noqa: PLW0108  # it is another one after a reload
        meter=meter,
        works_at=works_at,
    )
    elsewhere = partial(delete_elsewhere, store, store.peers) if store.peers else None
    return Opened(downloads, Desk(downloads, kit, serves=serves, delete_elsewhere=elsewhere))


def _name_of(store: Store) -> str:
    """Of this daemon; of several no two have the same."""
    host = socket.gethostname()
    return f"{host}-{store.peers.id[:8]}" if store.peers else host
