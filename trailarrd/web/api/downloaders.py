"""`/downloaders`: what brings trailers, what it works with, and how that is kept current."""

from collections.abc import Awaitable
from http import HTTPStatus
from typing import Annotated

import msgspec

from trailarrd.documents.downloaders import DownloaderList, DownloaderVersion
from trailarrd.errors import TransferError
from trailarrd.web.api.downloads import desk_of
from trailarrd.web.problem import ProblemError
from trailarrd.web.route import change, get
from trailarrd.web.services import Services

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


@get("/downloaders", errors={409}, tag="downloads")
async def downloaders(services: Services) -> DownloaderList:
    """Those that are installed; each is asked what it works with, and nobody over the network."""
    return await desk_of(services).downloaders()


@change("POST", "/downloaders/{name}/update", errors={404, 409}, tag="downloads")
async def update_downloader(services: Services, *, name: Name) -> DownloaderVersion:
    """Bring what it works with up to date, and try that before it counts; takes a minute or more."""
    return await _exchanged(name, desk_of(services).update(name))


@change("POST", "/downloaders/{name}/rollback", errors={404, 409}, tag="downloads")
async def roll_downloader_back(services: Services, *, name: Name) -> DownloaderVersion:
    """Go back to what it worked with before the last update."""
    return await _exchanged(name, desk_of(services).rollback(name))


async def _exchanged(name: str, work: Awaitable[DownloaderVersion | None]) -> DownloaderVersion:
    try:
        version = await work
    except TransferError as error:
        raise ProblemError(HTTPStatus.CONFLICT, str(error)) from None
    if version is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, f"no downloader is called {name!r}")
    return version
