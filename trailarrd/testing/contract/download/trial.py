"""What a check works with: a downloader, a site with videos, and folders to bring them into."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar
from unittest.mock import patch

import pytest

from trailarrd.plugin import (
    Brought,
    Candidate,
    Download,
    Downloader,
    DownloaderSettings,
    Progress,
    Quality,
    Secret,
    TransferError,
)
from trailarrd.plugin.outside import open_outside
from trailarrd.testing.contract.calls import told
from trailarrd.testing.contract.verdict import fail
from trailarrd.testing.site import SimulatedSite

ResultT = TypeVar("ResultT")

VIDEO: Final = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(range(256)) * 1200
"""Begins as an mp4 does, and is 300 kB of nothing: no check looks at its picture."""
NAME: Final = "good.mp4"
QUALITY: Final = Quality(height=1080, max_bytes=2 * len(VIDEO))
AT_MOST: Final = 60.0
"""Seconds for anything."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How one download ended, and what is to be seen of it."""

    folder: Path
    brought: Brought | None = None
    error: BaseException | None = None
    progress: list[Progress] = field(default_factory=list)

    @property
    def files(self) -> list[str]:
        return sorted(file.name for file in self.folder.iterdir())

    def __str__(self) -> str:
        if self.error is None:
            return f"returned {self.brought!r}"
        if isinstance(self.error, TransferError):
            return f"raised {type(self.error).__name__}: {self.error}"
        return f"raised {told(self.error)}" if isinstance(self.error, Exception) else repr(self.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadTrial:
    """One downloader before the checks, with all that its author has told of it."""

    downloader: Downloader
    options: Any
    site: SimulatedSite
    good: str
    """An address that it brings."""
    other: str
    """Another one."""
    content: bytes | None
    """What comes from `good`, byte by byte, where that is known."""
    home: Path
    """A folder of the check's own."""
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def asks_sites(self) -> bool:
        """Whether it brings what is at any address by HTTP."""
        return self._fits(f"{self.site.url}/{NAME}") > 0

    def _fits(self, url: str) -> int:
        try:
            return self.downloader.fits(url)
        except Exception as error:  # noqa: BLE001  # told to the author
            fail(
                f"fits({url!r}) raised {told(error)}",
                do="return 0 for what it does not understand",
                why="every address of every item is shown to it",
            )

    def at(self, path: str) -> str:
        """The address of the kit's video on the site; the check is skipped if such are not asked for."""
        if not self.asks_sites:
            pytest.skip("it brings nothing by plain HTTP: its `fits` says so of the kit's site")
        return f"{self.site.url}/{path}"

    def new_folder(self, name: str = "") -> Path:
        """A new, empty one, as the core makes it."""
        folder = self.home / f"job-{next(self._numbers)}" / (name or "work")
        folder.mkdir(parents=True, mode=0o700)
        return folder

    @property
    def state(self) -> Path:
        return self.home / "state"

    @contextmanager
    def elsewhere(self) -> Iterator[list[Path]]:
        """With a home, a folder for temporary files and a current one of its own; what they then hold."""
        places = [self.home / name for name in ("home", "temp", "here")]
        for place in places:
            place.mkdir(exist_ok=True)
        found: list[Path] = []
        home, temp, here = map(str, places)
        before = Path.cwd()
        os.chdir(here)
        try:
            with patch.dict(os.environ, {"HOME": home, "TMPDIR": temp, "XDG_CACHE_HOME": f"{home}/.cache"}):
                yield found
        finally:
            os.chdir(before)
        found += [file for place in places for file in place.rglob("*")]

    @asynccontextmanager
    async def built(self, *, proxy: str = "", public_only: bool = False) -> AsyncIterator[Download]:
        """What the downloader builds for one session."""
        secret = Secret(proxy) if proxy else None
        settings = DownloaderSettings(state=self.state, proxy=secret, options=self.options)
        async with open_outside(proxy=secret, public_only=public_only) as session:
            yield self.downloader.build(session, settings)

    async def bring(
        self,
        url: str = "",
        *,
        into: Path | None = None,
        tell: Callable[[Progress], None] | None = None,
        quality: Quality = QUALITY,
        proxy: str = "",
        public_only: bool = False,
    ) -> Ended:
        """One download, and how it ended; a cancellation gets through."""
        folder = into or self.new_folder()
        progress: list[Progress] = []

        def note(one: Progress) -> None:
            progress.append(one)
            if tell:
                tell(one)

        candidate = Candidate(url=url or self.good, public_only=public_only)
        try:
            async with self.built(proxy=proxy, public_only=public_only) as download:
                brought = await download.download(candidate, folder, quality, note)
        except Exception as error:  # noqa: BLE001  # judged by the check
            return Ended(folder, error=error, progress=progress)
        return Ended(folder, brought=brought, progress=progress)

    def run(self, url: str = "", **options: Any) -> Ended:
        """The same from outside of an event loop, and in time."""
        return self.within(self.bring(url, **options))

    def within(self, work: Coroutine[Any, Any, ResultT], seconds: float = AT_MOST) -> ResultT:
        """What it comes to, if it does so in time."""

        async def bounded() -> ResultT:
            async with asyncio.timeout(seconds):
                return await work

        try:
            return asyncio.run(bounded())
        except TimeoutError:
            fail(
                f"it has not ended after {seconds:g} s",
                do="bound every wait: no answer, and nothing that comes any more, is an error after a while",
                why="one download after the other would wait behind it",
            )
