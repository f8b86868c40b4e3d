"""What yt-dlp needs beside itself, and whether it is fit: told by `trailarrd check`."""

from __future__ import annotations

import asyncio
import os
import shutil
import sysconfig
import tempfile
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trailarrd.plugin import Equipment, Lack
from trailarrd_ytdlp import cookies
from trailarrd_ytdlp.child import may_compile
from trailarrd_ytdlp.engine import Engines, has_pip
from trailarrd_ytdlp.options import Upkeep, YtdlpOptions
from trailarrd_ytdlp.process import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

OLD: Final = 60
"""Days after which sites are likely to have changed."""
_RUNS_WITHIN: Final = 10.0
_SCRIPT: Final = "console.log([1, 2, 3].map((n) => n * 2).join('-'))"
_UPDATE: Final = "run 'trailarrd downloaders update ytdlp'"
_UPDATE_OTHERWISE: Final = "update yt-dlp as it was installed, or pull a newer image: there is no pip here"
_INSTALL: Final = "run \"pip install 'trailarrd-ytdlp[engine]'\" in trailarrd's environment"


async def examine(engines: Engines, options: YtdlpOptions, today: date | None = None) -> Equipment:
    """What is there, and what is lacking, the worst first."""
    best = await asyncio.to_thread(engines.best)
    lacks = [
        *_of_engine(engines, today or datetime.now(UTC).date()),
        *await _of_runtime(),
        *cookies.lacks(options.cookies, engines.state),
    ]
    if options.engine is Upkeep.WEEKLY and not has_pip():
        lacks.append(Lack(fact="yt-dlp is not updated weekly", advice=_UPDATE_OTHERWISE, blocking=False))
    lacks.sort(key=lambda lack: not lack.blocking)
    return Equipment(
        version=best.version if best else None, released=best.released if best else None, lacks=tuple(lacks)
    )


async def runtime_works() -> bool:
    """Whether deno runs a script, as it would have to for a download."""
    return not await _of_runtime()


def _of_engine(engines: Engines, today: date) -> Iterator[Lack]:
    best, advice = engines.best(), _UPDATE if has_pip() else _UPDATE_OTHERWISE
    if best is None:
        yield Lack(fact="yt-dlp is not installed", advice=_INSTALL, blocking=True)
        return
    age = (today - best.released).days if best.released else 0
    if age > OLD:
        fact = f"yt-dlp {best.version} is {age} days old, and sites will have changed since"
        yield Lack(fact=fact, advice=advice, blocking=False)
    elif engines.newest_known and engines.newest_known > best.version:
        fact = f"yt-dlp {engines.newest_known} is out, and {best.version} is used"
        yield Lack(fact=fact, advice=advice, blocking=False)


async def _of_runtime() -> list[Lack]:
    """That it tells its version proves nothing: without memory to write and run, a script ends it."""
    deno = find_deno()
    if deno is None:
        return [Lack(fact="deno is not installed, which YouTube needs", advice=_INSTALL, blocking=True)]
    with tempfile.TemporaryDirectory(prefix="trailarrd-") as home:
        script = Path(home, "try.js")
        await asyncio.to_thread(script.write_text, _SCRIPT, encoding="utf-8")
        said = await _output(deno, script, home)
    if said == b"2-4-6\n":
        return []
    advice = "see whether the host lets it run; 'deno run' of a file with one line shows it"
    return [Lack(fact=f"{deno} does not run a script, which YouTube needs", advice=advice, blocking=True)]


def find_deno() -> Path | None:
    """As yt-dlp finds it: beside Python, else on the path."""
    beside = Path(sysconfig.get_path("scripts"), "deno")
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("deno")
    return Path(found) if found else None


async def _output(deno: Path, script: Path, home: str) -> bytes:
    flags = {} if may_compile() else {"DENO_V8_FLAGS": "--jitless"}
    process = await asyncio.create_subprocess_exec(
        *(str(deno), "run", "--no-config", "--no-remote", "--no-lock", str(script)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**environment(Path(home)), **flags, "NO_COLOR": "1"},
    )
    try:
        async with asyncio.timeout(_RUNS_WITHIN):
            return (await process.communicate())[0]
    except TimeoutError:
        return b""
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
