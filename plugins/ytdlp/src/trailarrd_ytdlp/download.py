"""One video, brought by a child process."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from trailarrd.plugin import (
    Barrier,
    Brought,
    Candidate,
    DownloaderSettings,
    Equipment,
    Progress,
    Quality,
    TransferRefusedError,
    TransferResponseError,
)
from trailarrd_ytdlp import cookies, equipment, verdict
from trailarrd_ytdlp.engine import Engines
from trailarrd_ytdlp.options import YtdlpOptions
from trailarrd_ytdlp.process import Clocks, Failed, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiohttp import ClientSession

_SUFFIXES: Final = frozenset({".m4v", ".mkv", ".mov", ".mp4", ".webm"})


class YtdlpDownload:
    """Asks without the session that it is given: yt-dlp has its own ways, each with the user's proxy."""

    def __init__(
        self, _session: ClientSession, settings: DownloaderSettings, clocks: Clocks | None = None
    ) -> None:
        self._settings = settings
        self._options = settings.options_as(YtdlpOptions)
        self._clocks = clocks or Clocks()
        self._engines = Engines(settings.state, settings.proxy)

    async def download(
        self, candidate: Candidate, folder: Path, quality: Quality, tell: Callable[[Progress], None]
    ) -> Brought:
        """See `trailarrd.plugin.Download`."""
        tell(Progress(step="looking"))
        await self._engines.keep(self._options.engine, lambda: tell(Progress(step="updating")))
        await asyncio.to_thread(cookies.remember, self._options.cookies, self._settings.state)
        home = folder / ".home"
        await asyncio.to_thread(home.mkdir)
        try:
            done = await run(self._job(candidate, folder, quality), home, Teller(tell).hear, self._clocks)
        except Failed as failed:
            raise await self._error(failed.word) from None
        await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)
        return await asyncio.to_thread(_brought, done, candidate, folder, quality)

    async def examine(self) -> Equipment:
        """See `trailarrd.plugin.Examiner`."""
        return await equipment.examine(self._engines, self._options)

    async def update(self) -> str:
        """See `trailarrd.plugin.Updater`."""
        return await self._engines.update()

    async def rollback(self) -> str:
        """See `trailarrd.plugin.Updater`."""
        return await asyncio.to_thread(self._engines.rollback)

    def _job(self, candidate: Candidate, folder: Path, quality: Quality) -> Mapping[str, Any]:
        """All that a child knows; by stdin, as command lines are for everybody to read."""
        engine = self._engines.best()
        account, proxy = self._options.cookies, self._settings.proxy
        return {
            "url": candidate.url,
            "public_only": candidate.public_only,
            "folder": str(folder),
            "height": quality.height,
            "max_bytes": quality.max_bytes,
            "languages": [language for language in quality.languages if language.replace("-", "").isalnum()],
            "engine": str(engine.folder) if engine and engine.folder else None,
            "cache": str(self._settings.state / "cache" / engine.version) if engine else None,
            "cookies": f"{account.get_secret_value()}\n" if account else None,
            "proxy": proxy.reveal() if proxy else None,
        }

    async def _error(self, word: Mapping[str, Any]) -> Exception:
        has_runtime = not verdict.needs_runtime(word) or await equipment.runtime_works()
        clean = {**word, "error": self._without_secrets(str(word.get("error", "")))}
        return verdict.error_of(clean, has_runtime=has_runtime)

    def _without_secrets(self, text: str) -> str:
        """yt-dlp may quote the proxy that it was given."""
        proxy = self._settings.proxy.reveal() if self._settings.proxy else ""
        login = proxy.partition("://")[2].rpartition("@")[0]
        for secret in (proxy, login, login.partition(":")[2]):
            text = text.replace(secret, "***") if secret else text
        return text


class Teller:
    """From a child's words to progress that only grows within a step."""

    def __init__(self, tell: Callable[[Progress], None]) -> None:
        self._tell, self._step, self._done = tell, "looking", 0

    def hear(self, word: Mapping[str, Any]) -> None:
        """Tell it; raises what `tell` does."""
        match word["kind"]:
            case "about":
                self._tell(Progress(step=self._step, duration=_number(word.get("duration"))))
            case "step":
                self._begin(word["step"])
                self._tell(Progress(step=self._step))
            case "progress":
                self._begin("downloading sound" if word.get("sound") else "downloading")
                self._done = max(self._done, int(word.get("done") or 0))
                self._tell(self._progress(word))

    def _begin(self, step: str) -> None:
        if step != self._step:
            self._step, self._done = step, 0

    def _progress(self, word: Mapping[str, Any]) -> Progress:
        total = int(word.get("total") or 0)
        return Progress(
            step=self._step,
            done=self._done,
            total=total if total >= self._done > 0 else None,  # an estimate may be too low
            width=word.get("width"),
            height=word.get("height"),
        )


def _brought(done: Mapping[str, Any], candidate: Candidate, folder: Path, quality: Quality) -> Brought:
    """The file that it names, if that is the one that is there."""
    name = str(done["file"])
    if [file.name for file in folder.iterdir()] != [name] or Path(name).suffix not in _SUFFIXES:
        raise TransferResponseError(f"yt-dlp left {name!r}, which is no video, or more than one file")
    if (folder / name).stat().st_size > quality.max_bytes:
        raise TransferRefusedError("it is larger than download.max_size", because=Barrier.SIZE)
    return Brought(
        file=name,
        url=candidate.url,
        title=str(done.get("title") or "")[:300] or None,
        duration=_number(done.get("duration")),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None
