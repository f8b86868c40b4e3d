"""yt-dlp for trailarrd: a downloader for YouTube, and for whatever else yt-dlp knows.

You are in the right room if a video does not come, or comes otherwise than it should. `addresses.py` says
which addresses it takes, `download.py` brings one, by `process.py`, the parent of `child.py`, in which alone
yt-dlp runs. `verdict.py` makes an error of what it says. `engine.py` keeps yt-dlp current, `equipment.py`
tells what is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.plugin import Downloader, hookimpl
from trailarrd_ytdlp.addresses import fits, site
from trailarrd_ytdlp.options import YtdlpOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp import ClientSession

    from trailarrd.plugin import Download, DownloaderSettings


def build(session: ClientSession, settings: DownloaderSettings) -> Download:
    from trailarrd_ytdlp.download import YtdlpDownload  # noqa: PLC0415  # with all it needs, for who downloads

    return YtdlpDownload(session, settings)


@hookimpl
def trailarrd_downloaders() -> Iterator[Downloader]:
    """The one downloader of this plugin."""
    yield Downloader(name="ytdlp", build=build, fits=fits, site=site, options=YtdlpOptions)
