"""A hundred listeners while a large library is new: what telling them costs them, and others."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import aiohttp

from benchmarks import MEASURED
from benchmarks.goals import Row
from benchmarks.load import running
from benchmarks.meter import cpu_seconds
from benchmarks.stage import built, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.goals import Size
    from benchmarks.stage import Stage

LISTENERS = 100
_BEAT = 0.005
"""Seconds between two questions whether it lives."""
_TOLD = b"event: missed"


def rows(size: Size) -> Iterator[Row]:
    with built(size.library) as stage, served(stage) as url:
        stage.write_config({MEASURED: f"{url}/same"})
        p99, alone, _ = asyncio.run(_measured(stage, 0))
        yield Row(
            f"nobody listens while {size.library:,} items are new: 99 of 100 /health/live", p99 * 1000, "ms"
        )
        stage.restore("ours", stage.blank)
        p99, cpu, told = asyncio.run(_measured(stage, LISTENERS))
    what = f"{LISTENERS} listeners while {size.library:,} items are new"
    yield Row(f"{what}: 99 of 100 /health/live", p99 * 1000, "ms", 50)
    yield Row(f"{what}: until all are told", cpu, "s of CPU", 10)
    yield Row("that, without what it takes when nobody listens", max(cpu - alone, 0), "s of CPU")
    yield Row(f"{what}: said to each", told / 1024, "KiB")


async def _measured(stage: Stage, listeners: int) -> tuple[float, float, float]:
    """The 99th percentile in seconds, CPU seconds of the daemon, and bytes that a listener was told."""
    room, times = LISTENERS + 8, list[float]()
    async with (
        running(stage, streams=room, streams_per_key=room, sockets_per_client=2 * room) as daemon,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        base = f"http://{(await daemon.until('http.listening'))['address']}"
        listening = [asyncio.create_task(_listen(session, base)) for _ in range(listeners)]
        asking = asyncio.create_task(_ask(session, base, times))
        before = cpu_seconds(daemon.process.pid)
        await daemon.until("refresh.finished", connection=MEASURED)
        told = await asyncio.gather(*listening)
        asking.cancel()
        cpu = cpu_seconds(daemon.process.pid) - before
    times.sort()
    return times[len(times) * 99 // 100], cpu, sum(told) / max(listeners, 1)


async def _listen(session: aiohttp.ClientSession, base: str) -> int:
    """Bytes until it is told to look again."""
    heard = 0
    async with asyncio.timeout(600), session.get(f"{base}/api/v1/events", timeout=None) as stream:
        async for line in stream.content:
            heard += len(line)
            if _TOLD in line:
                return heard
    raise AssertionError("the stream ended")


async def _ask(session: aiohttp.ClientSession, base: str, times: list[float]) -> None:
    while True:
        began = time.perf_counter()
        async with session.get(f"{base}/health/live") as answer:
            await answer.read()
        times.append(time.perf_counter() - began)
        await asyncio.sleep(_BEAT)
