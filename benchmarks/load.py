"""How fast the daemon answers while it refreshes: `./dev load [--items N]`.

A real daemon refreshes a large library from a simulated Radarr, first all of it and then, on request, with
nothing changed; meanwhile `/health` is asked, and webhook events come in, each 20 ms after the last answer.
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
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from benchmarks.stage import Stage, served
from trailarrd.domain.apikey import digest_of
from trailarrd.intercom import Intercom, socket_of
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

BOUNDS = {"health": 100, "webhook": 50}
"""Milliseconds in which 99 of 100 answers must have come."""
TOKEN = "a token of the webhook"
EVENT = {"eventType": "Rename", "movie": {"id": 1, "title": "A movie"}}
IDLE = 5.0
"""Seconds."""
BEAT = 0.02
"""Seconds between two questions."""


class Daemon:
    """The process, and what it logs."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.logged = 0
        """Bytes."""

    async def until(self, event: str, **fields: object) -> dict[str, object]:
        """The next line of that event which has these fields."""
        assert self.process.stderr
        async for raw in self.process.stderr:
            self.logged += len(raw)
            if not raw.startswith(b"{"):
                raise SystemExit(raw.decode())
            line: dict[str, object] = json.loads(raw)
            if line.get("event") == event and fields.items() <= line.items():
                return line
        raise SystemExit(f"the daemon ended before {event}")


@asynccontextmanager
async def running(stage: Stage, rate_limit: int = 0, **http: int) -> AsyncIterator[Daemon]:
    """A daemon that serves HTTP on any free port, with these settings of `http:`."""
    text = stage.config.read_text()
    told = json.dumps({"listen": "127.0.0.1:0", "rate_limit": rate_limit, **http})
    stage.config.write_text(f"http: {told}\n{text}")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "trailarrd", "--config", str(stage.config), "run"),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "TRAILARRD_LOG__FORMAT": "json"},
    )
    try:
        yield Daemon(process)
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()
        stage.config.write_text(text)


async def knock(base: str, kind: str, finished: asyncio.Event) -> list[float]:
    """How long each answer takes in seconds, until the refresh has ended."""
    times: list[float] = []
    async with aiohttp.ClientSession(headers={"X-Api-Key": TOKEN} if kind == "webhook" else {}) as session:
        while not finished.is_set():
            began = time.perf_counter()
            hooked = kind == "webhook"
            async with (
                session.post(f"{base}/hooks/movies", json=EVENT) if hooked else session.get(f"{base}/health")
            ) as answer:
                await answer.read()
            times.append(time.perf_counter() - began)
            assert answer.status in ((200, 503) if kind == "health" else (200,)), answer.status
            await asyncio.sleep(BEAT)
    return sorted(times)


async def measure(name: str, daemon: Daemon | None, base: str) -> dict[str, float]:
    """A line each for health and webhooks, during one refresh or none; their 99th percentiles in ms."""
    finished = asyncio.Event()
    kinds = ("health", "webhook")
    asking = [asyncio.create_task(knock(base, kind, finished)) for kind in kinds]
    await (daemon.until("refresh.finished") if daemon else asyncio.sleep(IDLE))
    finished.set()
    return {kind: tell(f"{name}, {kind}", await one) for kind, one in zip(kinds, asking, strict=True)}


def tell(name: str, times: list[float]) -> float:
    """A line of figures; the 99th percentile in milliseconds."""
    p99 = times[min(len(times) - 1, len(times) * 99 // 100)] * 1000
    figures = (statistics.median(times) * 1000, p99, times[-1] * 1000)
    print(f"{name:20}{len(times):9}{figures[0]:10.1f}{figures[1]:10.1f}{figures[2]:10.1f}", flush=True)
    return p99


async def compare(stage: Stage) -> dict[str, float]:
    """The worst 99th percentiles of both refreshes, in milliseconds."""
    path = stage.database["ours"]
    stage.restore("ours", stage.blank)
    async with Store.open(f"sqlite+aiosqlite:///{path}") as store:
        await store.put_webhook_token("movies", digest_of(TOKEN), datetime.now(UTC))
    line = socket_of(f"sqlite+aiosqlite:///{path}")
    assert line
    print(f"{'refresh':20}{'requests':>9}{'median ms':>10}{'p99 ms':>10}{'worst ms':>10}")
    async with running(stage) as daemon:
        listening = await daemon.until("http.listening")
        base = f"http://{listening['address']}"
        first = await measure("cold", daemon, base)
        measuring = asyncio.create_task(measure("no change", daemon, base))
        await asyncio.to_thread(Intercom(line).ask, "POST", "/connections/movies/refresh")
        second = await measuring
        await measure("idle", None, base)  # what the machine does by itself
    return {kind: max(first[kind], second[kind]) for kind in first}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=50_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trailarrd-load-") as folder:
        stage = Stage(Path(folder), options.items)
        stage.build({"same"})
        with served(stage) as url:
            stage.point_at(url, "same")
            print(f"{options.items} movies, Python {sys.version.split()[0]}")
            worst = asyncio.run(compare(stage))
    for kind, p99 in worst.items():
        print(f"{kind}: p99 {p99:.1f} ms, bound {BOUNDS[kind]} ms")
    return int(any(p99 >= BOUNDS[kind] for kind, p99 in worst.items()))


if __name__ == "__main__":
    sys.exit(main())
