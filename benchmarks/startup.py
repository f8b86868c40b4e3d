"""How much a command costs before and beside what it is for."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = {"--help": ["--help"], "media --json": ["media", "--json"]}


def measure_start(config: Path, runs: int) -> dict[str, Any]:
    """CPU seconds of each command, its interpreter included, over the database of a refresh.

    As installed: Python finds its bytecode, which the first, unmeasured run writes in a checkout.
    """
    for words in COMMANDS.values():
        _cpu([*_words(config, words)])
    seconds = {
        name: statistics.median(_cpu([*_words(config, words)]) for _ in range(runs))
        for name, words in COMMANDS.items()
    }
    return {"items": 0, "scenario": "start", "runs": runs, "cpu": seconds}


def _words(config: Path, words: list[str]) -> list[str]:
    return [sys.executable, "-m", "trailarrd", "--config", str(config), *words]


def _cpu(command: list[str]) -> float:
    before = os.times()
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environ)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
