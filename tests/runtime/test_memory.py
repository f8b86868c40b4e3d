"""A process gives back what it has freed."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_PROGRAM = """
import asyncio
from pathlib import Path
from trailarrd.runtime.memory import give_back_freed

def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

freed = [bytes(2000) for _ in range(20_000)]
kept = freed[::100]
del freed
before = held()
asyncio.run(give_back_freed())
print(before - held())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are left to themselves")
def test_what_was_freed_between_what_is_kept_goes_back_to_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 20_000_000
