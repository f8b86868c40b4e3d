"""The parent's half: a child that is gone, with all that it began, whichever way this ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from trailarrd.plugin import TransferUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CHILD: Final = Path(__file__).with_name("child.py")
_LONGEST_LINE: Final = 1 << 20
_KEPT: Final = ("LANG", "LC_ALL", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TZ")
"""Of our own environment: nothing by which a user's configuration, plugins or proxy would count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Seconds after which a child is given up."""

    stall: float = 60.0
    """Without a word."""
    limit: float = 900.0
    """In all."""


@dataclass(frozen=True, slots=True)
class Failed(Exception):  # noqa: N818  # it is the child's last word, not yet anybody's error
    """What the child says of why no video came; of one that died, its last lines."""

    word: Mapping[str, Any]


async def run(
    job: Mapping[str, Any], home: Path, heard: Callable[[Mapping[str, Any]], None], clocks: Clocks
) -> Mapping[str, Any]:
    """Do the job and return the child's last word; each other one is `heard`, which may raise.

    Raises:
        Failed: the child said why no video came, or died.
        TransferUnavailableError: it was too slow.
    """
    start = asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-B", str(CHILD)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env=environment(home),
        start_new_session=True,
        limit=_LONGEST_LINE,
    )
    starting = asyncio.ensure_future(start)
    tail: deque[str] = deque(maxlen=20)
    try:
        await asyncio.wait([starting])
        process = starting.result()
        drain = asyncio.create_task(_keep(process.stderr, tail))  # a pipe that is full would stop the child
        try:
            return await _listen(process, job, heard, clocks, tail)
        finally:
            drain.cancel()
    finally:
        await _end(starting)


async def _end(starting: asyncio.Future[asyncio.subprocess.Process]) -> None:
    """It is gone, with its group, before this returns, however often we are cancelled meanwhile."""

    async def kill() -> None:
        process = await starting
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # nothing to end nicely: its folder is thrown away
        await process.communicate()

    killing = asyncio.ensure_future(kill())
    while not killing.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([killing])


async def _listen(
    process: asyncio.subprocess.Process,
    job: Mapping[str, Any],
    heard: Callable[[Mapping[str, Any]], None],
    clocks: Clocks,
    tail: deque[str],
) -> Mapping[str, Any]:
    lines, words = process.stdout, process.stdin
    if lines is None or words is None:
        raise RuntimeError("a child without pipes")
    words.write(json.dumps(job).encode() + b"\n")  # and it stays open: its end means "die"
    until = asyncio.get_running_loop().time() + clocks.limit
    while True:
        rest = until - asyncio.get_running_loop().time()
        try:
            line = await asyncio.wait_for(lines.readline(), min(clocks.stall, rest))
        except TimeoutError:
            slow = f"nothing has moved for {clocks.stall:g} s" if rest > clocks.stall else None
            raise TransferUnavailableError(slow or f"it was not done in {clocks.limit:g} s") from None
        if not line:
            code = await process.wait()
            raise Failed({"cause": "Died", "code": code, "error": " | ".join(tail)[-300:]})
        word: Mapping[str, Any] = json.loads(line)
        if word["kind"] == "failed":
            raise Failed(word)
        if word["kind"] == "done":
            return word
        heard(word)


def environment(home: Path) -> dict[str, str]:
    """Of a child: made by us, so that nothing of the user's own is read, and all is written into `home`."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    own = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), str(home))
    return {"PATH": os.defpath, "LANG": "C.UTF-8", **kept, **own, "DENO_NO_UPDATE_CHECK": "1"}


async def _keep(stream: asyncio.StreamReader | None, tail: deque[str]) -> None:
    while stream and (chunk := await stream.read(4096)):
        tail.extend(chunk.decode(errors="replace").splitlines())
