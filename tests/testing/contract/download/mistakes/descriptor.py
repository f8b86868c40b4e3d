"""What a downloader says of itself, wrongly."""

from __future__ import annotations

import asyncio

from aiohttp import ClientSession

from tests.testing.contract.download.mistakes.mistake import caught_by, saying
from trailarrd.plugin import DownloaderSettings
from trailarrd.testing.toy import Toy

_counter = iter(range(10**9))
saying("fits_nothing", "test_it_fits_what_it_brings", fits=lambda url: 0)
saying("fits_beyond_all", "test_it_fits_what_it_brings", fits=lambda url: 1000)
saying("fits_is_true", "test_fits_and_site_take_every_text", fits=lambda url: True)
saying(
    "fits_raises", "test_fits_and_site_take_every_text", fits=lambda url: 1 + 0 * int(url.split(":")[2][:5])
)
saying("site_is_empty", "test_fits_and_site_take_every_text", site=lambda url: url.partition("//")[2][:50])
saying("site_is_long", "test_fits_and_site_take_every_text", site=lambda url: f"x{url}")
saying("site_is_another_each_time", "test_fits_and_site_are_pure", site=lambda url: str(next(_counter)))


@caught_by("test_building_asks_nothing")
class BeginsWhenBuilt(Toy):
    def __init__(self, session: ClientSession, settings: DownloaderSettings) -> None:
        super().__init__(session, settings)
        asyncio.ensure_future(asyncio.sleep(0.1))  # noqa: RUF006  # the mistake


@caught_by("test_building_asks_nothing")
class WritesWhenBuilt(Toy):
    def __init__(self, session: ClientSession, settings: DownloaderSettings) -> None:
        super().__init__(session, settings)
        settings.state.mkdir()
