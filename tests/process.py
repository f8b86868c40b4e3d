"""Processes that tests start: however a test ends, none of them outlives it, and none leaves a pipe open."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tests.household import Ended

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

PIPE = asyncio.subprocess.PIPE
STDOUT = asyncio.subprocess.STDOUT


@asynccontextmanager
async def running(*command: str, **options: Any) -> AsyncIterator[Process]:
    """A process; when the block is left, it has ended, by force if need be, and its pipes are closed.

    A pipe that nobody read to its end is closed by the garbage collector, in the middle of another test.
    """
    process = await asyncio.create_subprocess_exec(*command, **options)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def completed(*command: str, within: float = 120.0, **options: Any) -> Ended:
    """How it ended by itself, and what it wrote."""
    async with running(*command, stdout=PIPE, stderr=PIPE, **options) as process:
        out, err = await asyncio.wait_for(process.communicate(), within)
        return Ended(process.returncode or 0, out.decode(), err.decode())
