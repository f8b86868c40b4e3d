"""One real refresh in a process of its own: `measure.py CONFIG` prints one JSON object."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from pathlib import Path

from trailarrd import log
from trailarrd.config import load
from trailarrd.house import open_house, redactor_of
from trailarrd.plugin.discovery import discover, providers_by_name

BEAT = 0.002


class Heartbeat:
    """Beats as often as the event loop lets it; remembers the longest pause."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def beat(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(BEAT)
            self.longest = max(self.longest, time.perf_counter() - before - BEAT)


async def measure(config: Path) -> dict[str, float]:
    providers = providers_by_name(discover())
    settings = load(config, providers=providers, environ=os.environ)
    log.set_up(level="error", style="json", redactor=redactor_of(settings))
    heartbeat = Heartbeat()
    async with open_house(settings, providers) as house:
        (refresher,) = house.refreshers.values()
        beating = asyncio.create_task(heartbeat.beat())
        await asyncio.sleep(0)
        began = time.perf_counter()
        report = await refresher.refresh()
        seconds = time.perf_counter() - began
        beating.cancel()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    changed = report.added + report.updated
    return {"seconds": seconds, "peak_mib": peak, "block_ms": heartbeat.longest * 1000, "changed": changed}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(Path(sys.argv[1])))))
