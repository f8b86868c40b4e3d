"""Which yt-dlp is used, and how another one comes: in a folder of its own, tried before it counts.

`STATE/engine/VERSION` holds one that was installed here; `current` and `previous` are links to two of them.
Each download takes the newest there is, so nothing has to be started anew, and what is under way goes on with
its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from trailarrd.plugin import TransferError, TransferRejectedError, TransferUnavailableError
from trailarrd_ytdlp.options import Upkeep
from trailarrd_ytdlp.process import environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from trailarrd.plugin import Secret

_WHAT: Final = "yt-dlp[default]"
"""With its solver of JavaScript, whose version has to be the one that it names."""
_WEEK: Final = 7 * 86_400
_INSTALLED_WITHIN: Final = 600.0
_ASKED_WITHIN: Final = 20.0
_TRIED_WITHIN: Final = 60.0
_NO_PIP: Final = (
    "there is no pip in trailarrd's environment: update yt-dlp as it was installed, or pull a newer image"
)

_TRY: Final = """
import sys
sys.path.insert(0, sys.argv[1])
import yt_dlp
kind = {"ext": "mp4", "vcodec": "avc1.4d401e", "acodec": "mp4a.40.2"}
heights = {"sd": 480, "hd": 1080}
two = [{"format_id": i, "url": f"http://127.0.0.1/{i}", "height": h, **kind} for i, h in heights.items()]
asked = {"quiet": True, "format": "bv*+ba/b", "format_sort": ["res:480"]}
info = {"id": "x", "title": "x", "extractor": "x", "formats": two}
assert yt_dlp.YoutubeDL(asked).process_ie_result(info, download=False)["format_id"] == "sd"
print(yt_dlp.version.__version__)
"""
"""One import and one decision, asked of nobody."""


@dataclass(frozen=True, slots=True)
class Engine:
    """One yt-dlp."""

    version: str
    folder: Path | None
    """None: that of trailarrd's environment."""

    @property
    def released(self) -> date | None:
        """Its version is the day on which it came out."""
        numbers = _numbers(self.version)
        try:
            return date(*numbers[:3])
        except (TypeError, ValueError):
            return None


class Engines:
    """Those that are there."""

    def __init__(self, state: Path, proxy: Secret | None) -> None:
        self.state = state
        self._folder = state / "engine"
        self._notes = state / "asked.json"
        self._proxy = proxy

    def best(self) -> Engine | None:
        """The newest: what an image brought, or what was installed since."""
        found = [engine for engine in (self._installed(), self._linked("current")) if engine]
        return max(found, key=lambda engine: _numbers(engine.version), default=None)

    @property
    def newest_known(self) -> str | None:
        """What the index had when it was asked last."""
        return self._noted().get("newest")

    async def keep(self, upkeep: Upkeep, moved: Callable[[], None]) -> None:
        """Once a week, ask or update as the user wants it; if that fails, what is there has to do."""
        if upkeep is Upkeep.OFF or time.time() - self._noted().get("at", 0) < _WEEK or not has_pip():
            return
        moved()
        newest = self.newest_known
        with suppress(TransferError):
            newest = await self._ask()
            best = self.best()
            if upkeep is Upkeep.WEEKLY and (best is None or _numbers(newest) > _numbers(best.version)):
                await self.update(moved)
        await asyncio.to_thread(self._note, newest)

    async def update(self, moved: Callable[[], None] = lambda: None) -> str:
        """Install the newest beside the others, try it, and let it count; returns its version.

        Raises a `TransferError` with the reason, and nothing has changed then.
        """
        if not has_pip():
            raise TransferRejectedError(_NO_PIP)
        new = self._folder / f".new-{os.getpid()}"
        await asyncio.to_thread(_fresh, new)
        try:
            install = ("install", "--target", str(new), "--only-binary", ":all:", "--upgrade", _WHAT)
            await self._pip(*install, within=_INSTALLED_WITHIN, moved=moved)
            found = (await self._run("-c", _TRY, str(new), within=_TRIED_WITHIN)).split()[-1]
            return await asyncio.to_thread(self._adopt, new, found)
        finally:
            await asyncio.to_thread(shutil.rmtree, new, ignore_errors=True)

    def rollback(self) -> str:
        """Let the one before count again, which may be that of the environment; returns its version."""
        now, before = self.best(), self._linked("previous") or self._installed()
        if now is None or now.folder is None or before is None:
            raise TransferRejectedError("no yt-dlp was there before this one: nothing to go back to")
        if before.folder:
            _link(self._folder / "current", before.folder.name)
            (self._folder / "previous").unlink()
        else:
            (self._folder / "current").unlink()
        shutil.rmtree(now.folder, ignore_errors=True)
        return (self.best() or before).version

    async def _ask(self) -> str:
        """The newest version that the package index has."""
        report = (
            "install",
            "--dry-run",
            "--ignore-installed",
            "--no-deps",
            "--quiet",
            "--report",
            "-",
            "yt-dlp",
        )
        said = await self._pip(*report, within=_ASKED_WITHIN)
        with suppress(ValueError, LookupError):
            return str(json.loads(said)["install"][0]["metadata"]["version"])
        raise TransferUnavailableError("the package index gave no answer that can be used")

    async def _pip(self, *words: str, within: float, moved: Callable[[], None] = lambda: None) -> str:
        pip = ("-m", "pip", "--no-input", "--no-cache-dir", "--disable-pip-version-check", *words)
        return await self._run(*pip, within=within, moved=moved)

    async def _run(self, *words: str, within: float, moved: Callable[[], None] = lambda: None) -> str:
        """What Python prints, run apart; each line is a sign of life."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment(),
            limit=1 << 24,
        )
        printed = []
        errors = asyncio.create_task(_all_of(process.stderr))
        try:
            async with asyncio.timeout(within):
                while process.stdout and (line := await process.stdout.readline()):
                    printed.append(line.decode(errors="replace"))
                    moved()
                if await process.wait():
                    said = (await errors).strip().splitlines() or ["no word of why"]
                    raise TransferUnavailableError(
                        f"yt-dlp could not be brought up to date: {said[-1][:300]}"
                    )
        except TimeoutError:
            raise TransferUnavailableError(f"pip was not done in {within:g} s") from None
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            await asyncio.wait([errors])
        return "".join(printed)

    def _environment(self) -> dict[str, str]:
        """That of a child, with what the user has said to pip, and with the proxy."""
        kept = {
            name: value for name, value in os.environ.items() if name.startswith("PIP_") or name == "HOME"
        }
        proxy = (
            {"ALL_PROXY": self._proxy.reveal(), "HTTPS_PROXY": self._proxy.reveal()} if self._proxy else {}
        )
        return {**environment(self._folder), **kept, **proxy}

    def _adopt(self, new: Path, found: str) -> str:
        """Only now is it seen by downloads; the one that counted is kept, and none of before that."""
        target, now = self._folder / found, self._linked("current")
        if (best := self.best()) and best.version == found:
            return found
        shutil.rmtree(target, ignore_errors=True)
        new.rename(target)
        if now and now.folder:
            _link(self._folder / "previous", now.folder.name)
        _link(self._folder / "current", found)
        kept = {found, now.folder.name if now and now.folder else found, "current", "previous"}
        for old in self._folder.iterdir():
            if old.name not in kept and not old.name.startswith("."):
                shutil.rmtree(old, ignore_errors=True)
        return found

    def _installed(self) -> Engine | None:
        try:
            return Engine(version("yt-dlp"), None)
        except PackageNotFoundError:
            return None

    def _linked(self, name: str) -> Engine | None:
        link = self._folder / name
        try:
            target = link.readlink().name
        except OSError:
            return None
        folder = self._folder / target
        return Engine(target, folder) if _numbers(target) and (folder / "yt_dlp").is_dir() else None

    def _noted(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            noted = json.loads(self._notes.read_bytes())
            return noted if isinstance(noted, dict) else {}
        return {}

    def _note(self, newest: str | None) -> None:
        with suppress(OSError):
            self._notes.parent.mkdir(parents=True, exist_ok=True)
            self._notes.write_text(json.dumps({"at": int(time.time()), "newest": newest}), encoding="utf-8")


def has_pip() -> bool:
    """Whether packages can be installed from here."""
    return find_spec("pip") is not None


def _numbers(version: str) -> tuple[int, ...]:
    """2026.10.26 as numbers; empty for what is no version."""
    return tuple(map(int, version.split("."))) if re.fullmatch(r"\d+(\.\d+)+", version) else ()


def _fresh(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise TransferRejectedError(f"{folder.parent} cannot be written: {error.strerror}") from None


def _link(link: Path, target: str) -> None:
    """In one step, for whoever looks just now."""
    new = link.with_name(f".{link.name}-{os.getpid()}")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)


async def _all_of(stream: asyncio.StreamReader | None) -> str:
    return (await stream.read()).decode(errors="replace") if stream else ""
