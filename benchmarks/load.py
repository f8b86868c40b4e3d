"""How fast the daemon answers while it refreshes: `./dev load [--items N] [--p99 MS]`.

A real daemon refreshes a large library from a simulated Radarr, first all of it and then, on request, with
nothing changed; meanwhile `/health` is asked, 20 ms after each answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from benchmarks.refresh import Stage, served
from trailarrd.intercom import Intercom, socket_of

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

BEAT = 0.02
"""Seconds between two questions."""


class Daemon:
    """The process, and what it logs."""

    def __init__(self, process: Process) -> None:
        self.process = process

    async def until(self, event: str) -> dict[str, object]:
        """The next line of that event."""
        assert self.process.stderr
        async for raw in self.process.stderr:
            line: dict[str, object] = json.loads(raw)
            if line.get("event") == event:
                return line
        raise SystemExit(f"the daemon ended before {event}")


@asynccontextmanager
async def running(stage: Stage) -> AsyncIterator[Daemon]:
    """A daemon that serves HTTP on any free port."""
    text = stage.config.read_text()
    stage.config.write_text(f"http: {{listen: '127.0.0.1:0', rate_limit: 0}}\n{text}")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "trailarrd", "--config", str(stage.config), "run"),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        yield Daemon(process)
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()


async def ask(url: str, times: list[float], finished: asyncio.Event) -> None:
    """Note how long each answer takes, until the refresh has ended."""
    async with aiohttp.ClientSession() as kept:
        while not finished.is_set():
            began = time.perf_counter()
            async with kept.get(url) as answer:
                await answer.read()
            times.append(time.perf_counter() - began)
            await asyncio.sleep(BEAT)


async def measure(daemon: Daemon, url: str) -> list[float]:
    """Seconds that each answer took during one refresh."""
    times: list[float] = []
    finished = asyncio.Event()
    asking = asyncio.create_task(ask(url, times, finished))
    await daemon.until("refresh.finished")
    finished.set()
    await asking
    return sorted(times)


def tell(name: str, times: list[float]) -> float:
    """A line of figures; the 99th percentile in milliseconds."""
    p99 = times[min(len(times) - 1, len(times) * 99 // 100)] * 1000
    figures = (statistics.median(times) * 1000, p99, times[-1] * 1000)
    print(f"{name:12}{len(times):9}{figures[0]:10.1f}{figures[1]:10.1f}{figures[2]:10.1f}", flush=True)
    return p99


async def compare(stage: Stage) -> float:
    """The worst 99th percentile of both refreshes, in milliseconds."""
    path = socket_of(f"sqlite+aiosqlite:///{stage.ours}")
    assert path
    print(f"{'refresh':12}{'requests':>9}{'median ms':>10}{'p99 ms':>10}{'worst ms':>10}")
    async with running(stage) as daemon:
        listening = await daemon.until("http.listening")
        url = f"http://{listening['address']}/health"
        first = tell("cold", await measure(daemon, url))
        again = asyncio.to_thread(Intercom(path).ask, "POST", "/connections/movies/refresh")
        measuring = asyncio.create_task(measure(daemon, url))
        await again
        return max(first, tell("no change", await measuring))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--p99", type=float, default=100.0, help="the bound in milliseconds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trailarrd-load-") as folder, served(options.items) as url:
        stage = Stage(Path(folder), url)
        stage.furnish()
        print(f"{options.items} movies, Python {sys.version.split()[0]}")
        worst = asyncio.run(compare(stage))
    print(f"p99 {worst:.1f} ms, bound {options.p99:g} ms: {'kept' if worst < options.p99 else 'broken'}")
    return int(worst >= options.p99)


if __name__ == "__main__":
    sys.exit(main())
