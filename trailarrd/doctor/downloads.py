"""What downloads need: tools, downloaders with all that they want, a work folder that can be written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from trailarrd.concurrency import in_thread
from trailarrd.documents.checks import Finding
from trailarrd.documents.codes import Code
from trailarrd.domain.secret import Redactor
from trailarrd.download.downloaders import Downloaders
from trailarrd.download.placing import PlacingError, try_to_write
from trailarrd.download.probe import missing_tools
from trailarrd.download.transfer import TransferFailedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path

    from trailarrd.config import Settings
    from trailarrd.plugin.downloader import Downloader

AREA: Final = "downloads"


async def of_downloads(
    settings: Settings, installed: Mapping[str, Downloader], beside: Path | None
) -> AsyncIterator[Finding]:
    """Nothing where there is no `download:`; `beside` is the folder of the database."""
    download = settings.download
    if download is None:
        return
    for finding in _of_tools():
        yield finding
    for finding in await in_thread(lambda: list(_of_work(download.folder(beside))), "doctor downloads"):
        yield finding
    if not installed:
        yield Finding.of(Code.DOWNLOADER_NONE, AREA, "no installed plugin offers a downloader")
    clean = Redactor(settings.secrets).clean
    downloaders = Downloaders(installed, download, (beside or download.folder(beside)) / "downloaders")
    for name in downloaders.names:
        async for code, fact, advice in _of_downloader(downloaders, name):
            found = Finding.of(code, AREA, clean(f"{name}: {fact}"))
            yield replace(found, advice=clean(advice)) if advice else found


def _of_tools() -> Iterator[Finding]:
    if missing := missing_tools():
        yield Finding.of(Code.DOWNLOAD_TOOLS, AREA, f"not found: {', '.join(missing)}")


def _of_work(work: Path) -> Iterator[Finding]:
    """It is made by the first download; until then what counts is the folder that it will be made in."""
    there = next((one for one in (work, *work.parents) if one.exists()), work)
    if not there.is_dir():
        yield Finding.of(Code.DOWNLOAD_WORK, AREA, f"{work}: {there} is no folder")
    elif there == work:
        try:
            try_to_write(str(work))
        except PlacingError as error:
            yield Finding.of(Code.DOWNLOAD_WORK, AREA, str(error))
    elif not os.access(there, os.W_OK | os.X_OK):
        yield Finding.of(Code.DOWNLOAD_WORK, AREA, f"{work} cannot be made in {there}")


async def _of_downloader(downloaders: Downloaders, name: str) -> AsyncIterator[tuple[Code, str, str | None]]:
    try:
        equipment = (await downloaders.examined(name)).equipment
    except TransferFailedError as error:
        yield Code.DOWNLOADER_LACKS, str(error), None
        return
    version = f", with version {equipment.version}" if equipment.version else ""
    released = f" of {equipment.released}" if equipment.released else ""
    if not any(lack.blocking for lack in equipment.lacks):
        yield Code.DOWNLOADER_OK, f"it can be used{version}{released}", None
    for lack in equipment.lacks:
        code = Code.DOWNLOADER_LACKS if lack.blocking else Code.DOWNLOADER_ADVICE
        yield code, lack.fact, lack.advice
