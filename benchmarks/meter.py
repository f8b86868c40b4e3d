"""What a process used: its time, its memory, and what it wrote."""

from __future__ import annotations

import os
import re
import resource
import time
from pathlib import Path


class Meter:
    """Measures from its making on."""

    def __init__(self) -> None:
        self._wall = time.perf_counter()
        self._cpu = time.process_time()
        self._written = written()

    def read(self) -> dict[str, float]:
        """Seconds, seconds of CPU in all threads, the process's peak in MiB, MiB written to files."""
        return {
            "seconds": time.perf_counter() - self._wall,
            "cpu": time.process_time() - self._cpu,
            "peak_mib": peak_mib(),
            "written_mib": (written() - self._written) / 2**20,
        }


def written() -> int:
    """Bytes written to files since the process began."""
    match = re.search(r"^wchar: (\d+)$", Path("/proc/self/io").read_text(), re.MULTILINE)
    return int(match[1]) if match else 0


def peak_mib() -> float:
    """The most memory that this process ever held; not what it inherited from the one that started it."""
    match = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(match[1]) / 1024 if match else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cpu_seconds(process: int) -> float:
    """Seconds of CPU that another process has used until now, in all its threads."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])  # utime and stime; the first two fields are gone
    return ticks / os.sysconf("SC_CLK_TCK")
