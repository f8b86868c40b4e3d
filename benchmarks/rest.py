"""What the daemon costs while nothing happens, and until it is ready."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks import MEASURED
from benchmarks.load import running

if TYPE_CHECKING:
    from benchmarks.stage import Stage

_WAITS = re.compile(r"^voluntary_ctxt_switches:\s+(\d+)$", re.MULTILINE)
SETTLE = 125.0
"""Seconds after the refresh in which what it has begun comes to its end."""


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


async def measure(stage: Stage, seconds: float) -> dict[str, float]:
    """CPU seconds an hour and wakeups a minute at rest, MiB then, CPU seconds until it could be asked."""
    async with running(stage) as daemon:
        pid = daemon.process.pid
        await daemon.until("daemon.ready")
        ready = Usage.of(pid).cpu
        while (await daemon.until("refresh.finished"))["connection"] != MEASURED:
            pass
        await asyncio.sleep(SETTLE)
        before = Usage.of(pid)
        await asyncio.sleep(seconds)
        after = Usage.of(pid)
        passed = after.at - before.at
        return {
            "cpu_s_an_hour": (after.cpu - before.cpu) / passed * 3600,
            "wakeups_a_minute": (after.wakeups - before.wakeups) / passed * 60,
            "private_mib": private_mib(pid),
            "ready_cpu_s": ready,
        }
