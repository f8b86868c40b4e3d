"""A download does not end when it should, or leaves something behind."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.testing.contract.download.mistakes.mistake import Tell, caught_by
from trailarrd.plugin import Brought, Candidate, Quality
from trailarrd.testing.toy import Toy


@caught_by("test_cancelling_ends_it")
class CannotBeCancelled(Toy):
    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        try:
            return await super().download(candidate, folder, quality, tell)
        except asyncio.CancelledError:
            return Brought(file="video.mp4", url=candidate.url)


@caught_by("test_cancelling_leaves_nothing")
class LeavesAFileOpen(Toy):
    kept: list[Any] = []  # noqa: RUF012  # the mistake

    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        self.kept.append((folder / "log").open("w"))  # the mistake
        return await super().download(candidate, folder, quality, tell)


@caught_by("test_cancelling_leaves_nothing", "test_nothing_outlives_trailarrd")
class LeavesAProcess(Toy):
    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        command = (sys.executable, "-c", "import time; time.sleep(4)")
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:  # noqa: ASYNC220  # the mistake
            process.wait = lambda timeout=None: 0  # type: ignore[method-assign]  # nobody waits for it
            return await super().download(candidate, folder, quality, tell)
