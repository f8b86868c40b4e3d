"""How long it takes until the daemon can be asked, and until commands have answered."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

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

COMMANDS = {"--help": ["--help"], "media --json": ["media", "--json"]}
BESIDE = ("connections", "history", "status")
"""Those that are measured beside the daemon."""
_ITEMS = 1000


class Cost(NamedTuple):
    seconds: float
    cpu: float


def measure_start(config: Path, runs: int) -> dict[str, Any]:
    """CPU seconds of each command, its interpreter included, over the database of a refresh.

    As installed: Python finds its bytecode, which the first, unmeasured run writes in a checkout.
    """
    for words in COMMANDS.values():
        _cost([*_words(config, words)])
    seconds = {
        name: statistics.median(_cost([*_words(config, words)]).cpu for _ in range(runs))
        for name, words in COMMANDS.items()
    }
    return {"items": 0, "scenario": "start", "runs": runs, "cpu": seconds}


def rows(size: Size) -> Iterator[Row]:
    """Each the best of its tries, as a machine does other things, too."""
    with built(_ITEMS) as stage, served(stage) as url:
        stage.write_config({MEASURED: f"{url}/same"})
        starts = [asyncio.run(_ready(stage)) for _ in range(size.tries)]
        yield Row("from exec to /health/ready", min(one.seconds for one in starts), "s", 0.6)
        yield Row("CPU until then", min(one.cpu for one in starts), "s")
        for name, costs in asyncio.run(_beside(stage, size.tries + 2)).items():
            yield Row(f"trailarrd {name} beside the daemon", min(one.seconds for one in costs), "s", 0.2)
            yield Row("its CPU", min(one.cpu for one in costs), "s")


async def _beside(stage: Stage, tries: int) -> dict[str, list[Cost]]:
    async with running(stage) as daemon:
        await daemon.until("check.finished")
        commands = {name: _words(stage.config, [name]) for name in BESIDE}
        return {
            name: [await asyncio.to_thread(_cost, words) for _ in range(tries)]
            for name, words in commands.items()
        }


async def _ready(stage: Stage) -> Cost:
    began = time.perf_counter()
    async with running(stage) as daemon, aiohttp.ClientSession() as session:
        base = f"http://{(await daemon.until('http.listening'))['address']}"
        while True:
            async with session.get(f"{base}/health/ready") as answer:
                if answer.status == 200:
                    return Cost(time.perf_counter() - began, cpu_seconds(daemon.process.pid))
            await asyncio.sleep(0.002)


def _words(config: Path, words: list[str]) -> list[str]:
    return [sys.executable, "-m", "trailarrd", "--config", str(config), *words]


def _cost(command: list[str]) -> Cost:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet, env=environ) as process:
        _, status, used = os.wait4(process.pid, 0)  # of this child alone, whatever else runs
        process.returncode = os.waitstatus_to_exitcode(status)
    assert not process.returncode, command
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime)
