"""What a downloader says of addresses before anything is asked for."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

from trailarrd.testing.contract.calls import told
from trailarrd.testing.contract.verdict import fail, require

if TYPE_CHECKING:
    from trailarrd.testing.contract.download.trial import DownloadTrial

_ODD: Final = (
    "",
    " ",
    "http",
    "http://",
    "https://[",
    "https://[::1]/x",
    "https://a.example:99999999/x",
    "http://a.example/%zz%00",
    "https://ex\u00e4mple.example/\u2603?q=\ud83d",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "-o/etc/passwd",
    "https://a.example/" + "a" * 5000,
    "https://user:word@a.example/x\r\nX: y",
    "https://www.youtube.com/watch?v=",
    "https://youtu.be/aaaaaaaaaaa?t=1",
)
_BEST: Final = 100


class DescriptorChecks:
    """Descriptor: what it says of addresses, and that building asks nobody."""

    def test_it_fits_what_it_brings(self, trial: DownloadTrial) -> None:
        """`fits` is above 0, and at most 100, for an address that it brings."""
        fit = trial.downloader.fits(trial.good)
        require(
            0 < fit <= _BEST,
            f"fits({trial.good!r}) is {fit}",
            do="return a number from 1 to 100, or give the fixture `good` an address of yours",
            why="the downloader that fits best is asked, and none for which nothing fits",
        )

    def test_fits_and_site_take_every_text(self, trial: DownloadTrial) -> None:
        """To the oddest text `fits` says a number from 0 to 100, and `site` a text of 1 to 100 characters."""
        for url in (trial.good, trial.other, *_ODD):
            fit, site = _asked(trial, url)
            require(
                type(fit) is int and 0 <= fit <= _BEST,
                f"fits({url[:60]!r}) is {fit!r}",
                do="return an int from 0 to 100",
                why="downloaders are compared by it",
            )
            require(
                isinstance(site, str) and 0 < len(site) <= _BEST,
                f"site({url[:60]!r}) is {site!r}",
                do="return a word, as the host, and any word for an address without one",
                why="pauses, quota and trouble are counted by it",
            )

    def test_fits_and_site_are_pure(self, trial: DownloadTrial) -> None:
        """`fits` and `site` say the same each time, and ask nobody."""
        urls = (trial.good, trial.other, *_ODD)
        with patch.object(socket, "getaddrinfo", _nobody), patch.object(socket.socket, "connect", _nobody):
            first = [_asked(trial, url) for url in urls]
            again = [_asked(trial, url) for url in reversed(urls)][::-1]
        require(
            first == again,
            "asked again, fits or site says something else",
            do="look at the address and at nothing else",
            why="a site whose name changes has a new quota each time",
        )

    def test_building_asks_nothing(self, trial: DownloadTrial) -> None:
        """`build` sends no request, begins nothing and writes nothing."""

        async def just_built() -> int:
            async with trial.built():
                await asyncio.sleep(0.01)
                return len(asyncio.all_tasks()) - 1

        tasks = trial.within(just_built())
        require(
            not tasks and not trial.site.asked and not trial.state.exists(),
            f"building it began {tasks} tasks, sent {len(trial.site.asked)} requests,"
            f" and {'made' if trial.state.exists() else 'did not make'} its state folder",
            do="keep session and settings in __init__, and work when you are asked to",
            why="it is also built to be looked at by `trailarrd check`",
        )


def _asked(trial: DownloadTrial, url: str) -> tuple[object, object]:
    try:
        return trial.downloader.fits(url), trial.downloader.site(url)
    except Exception as error:  # noqa: BLE001  # told to the author
        fail(
            f"asked for {url[:60]!r}, fits or site raised {told(error)}",
            do="catch ValueError where you take an address apart",
            why="every address that a user or a server gives is shown to every downloader",
        )


def _nobody(*_: object, **__: object) -> object:
    raise OSError("fits and site ask nobody")
