"""What the daemon costs while nothing happens."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks import MEASURED, WARM_UP
from benchmarks.goals import Row
from benchmarks.load import running
from benchmarks.stage import KEY, built, served
from trailarrd.testing import RADARR, Hub, SimulatedArr, SimulatedLibrary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.goals import Size
    from benchmarks.stage import Stage

ITEMS = 10_000
_WAITS = re.compile(r"^voluntary_ctxt_switches:\s+(\d+)$", re.MULTILINE)
_VERY_FIRST = "the very first start"
_LOOKED_ROUND = 20.0
"""Seconds after the refresh in which the daemon has looked at its world, and memory is what it stays."""


class Usage(NamedTuple):
    """What a process has used until now."""

    at: float
    cpu: float
    """Seconds, of all threads that live."""
    wakeups: int

    @classmethod
    def of(cls, pid: int) -> Usage:
        cpu = wakeups = 0
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):  # of a thread that has ended meanwhile
                status = (task / "status").read_text()
                cpu += int((task / "schedstat").read_text().split()[0])
                wakeups += sum(map(int, _WAITS.findall(status)))
        return cls(time.monotonic(), cpu / 1e9, wakeups)


def private_mib(pid: int) -> float:
    """Memory that this process alone holds."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(map(int, re.findall(r"^Private_\w+:\s+(\d+) kB$", rollup, re.MULTILINE))) / 1024


def rows(size: Size) -> Iterator[Row]:
    """Memory of 10,000 items, then CPU and wakeups without a client, and with two hubs."""
    with built(ITEMS) as stage, served(stage) as url:
        stage.write_config({MEASURED: f"{url}/same"})
        for how, goal in (("a first refresh", 60.0), ("an unchanged one", None), (_VERY_FIRST, 60.0)):
            if how == _VERY_FIRST:
                stage.forget("ours")
            mib = asyncio.run(_memory(stage))
            yield Row(f"memory at rest, {ITEMS:,} items, after {how}", mib, "MiB", goal)
        cpu, wakeups = asyncio.run(measure(stage, size))
    yield Row("CPU at rest, no client", cpu, "s an hour", 0.5)
    yield Row("wakeups then", wakeups, "a minute", 20)
    with built(1) as stage:
        cpu, wakeups = asyncio.run(_with_hubs(stage, size))
    yield Row("CPU at rest, two hubs open", cpu, "s an hour", 1)
    yield Row("wakeups then", wakeups, "a minute", 40)


async def _memory(stage: Stage) -> float:
    async with running(stage) as daemon:
        await daemon.until("refresh.finished", connection=MEASURED)
        await asyncio.sleep(_LOOKED_ROUND)
        return private_mib(daemon.process.pid)


async def measure(stage: Stage, size: Size) -> tuple[float, float]:
    """CPU seconds an hour and wakeups a minute at rest."""
    async with running(stage) as daemon:
        await daemon.until("refresh.finished", connection=MEASURED)
        await asyncio.sleep(size.settle)
        before = Usage.of(daemon.process.pid)
        await asyncio.sleep(size.rest)
        after = Usage.of(daemon.process.pid)
    passed = after.at - before.at
    return (after.cpu - before.cpu) / passed * 3600, (after.wakeups - before.wakeups) / passed * 60


async def _with_hubs(stage: Stage, size: Size) -> tuple[float, float]:
    """The same of two connections that listen to their servers, which answer each ping with one."""
    libraries = [SimulatedLibrary(RADARR, size=100, roots=("/movies",)) for _ in range(2)]
    first, second = [SimulatedArr(library, api_key=KEY, hub=Hub()) for library in libraries]
    async with first, second:
        stage.write_config({WARM_UP: first.url, MEASURED: second.url})
        return await measure(stage, size)
