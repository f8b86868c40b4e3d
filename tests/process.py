"""Processes that tests start: however a test ends, none of them outlives it, and none leaves a pipe open."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tests.forkserver import NUMBER, brings_its_own, server_for
from tests.household import Ended

if TYPE_CHECKING:
    from asyncio import StreamReader
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Mapping

PIPE = asyncio.subprocess.PIPE
STDOUT = asyncio.subprocess.STDOUT
_TRAILARRD: Final = (sys.executable, "-m", "trailarrd")


class Forked:
    """`python -m trailarrd`, forked; as much of `asyncio.subprocess.Process` as tests need."""

    def __init__(self, pid: int, out: StreamReader | None, err: StreamReader | None) -> None:
        self.pid = pid
        self.stdout = out
        self.stderr = err
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def ended(self, ending: int) -> None:
        """Its pipe tells the exit code, or nothing when the fork server is gone."""
        asyncio.get_running_loop().remove_reader(ending)
        told = os.read(ending, NUMBER.size)
        os.close(ending)
        self._ended.set_result(NUMBER.unpack(told)[0] if told else -signal.SIGKILL)

    @property
    def returncode(self) -> int | None:
        """None while it runs."""
        return self._ended.result() if self._ended.done() else None

    async def wait(self) -> int:
        """Its exit code, when it has ended."""
        return await asyncio.shield(self._ended)

    def send_signal(self, number: int) -> None:
        """If it still runs."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """At once."""
        self.send_signal(signal.SIGKILL)

    async def communicate(self) -> tuple[bytes, bytes]:
        """All that it still writes, until it has ended."""
        streams = [stream for stream in (self.stdout, self.stderr) if stream]
        texts = iter(await asyncio.gather(*(stream.read() for stream in streams)))
        await self.wait()
        out = next(texts) if self.stdout else b""
        return out, next(texts) if self.stderr else b""


Running: TypeAlias = "Process | Forked"


async def _pipe() -> tuple[StreamReader, int]:
    """What is written to the descriptor, to be read; the descriptor has to be closed here."""
    ours, theirs = os.pipe()
    reader, loop = asyncio.StreamReader(), asyncio.get_running_loop()
    file = os.fdopen(ours, "rb", buffering=0)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
    return reader, theirs


async def _fork(
    *words: str,
    env: Mapping[str, str],
    cwd: os.PathLike[str] | None = None,
    stdout: int,
    stderr: int,
) -> Forked:
    readers: list[StreamReader | None] = []
    theirs: list[int] = []
    for where in (stdout, stderr):
        reader = None
        if where == PIPE:
            reader, descriptor = await _pipe()
        elif where == STDOUT:
            descriptor = os.dup(theirs[0])
        else:
            descriptor = os.open(os.devnull, os.O_WRONLY)
        readers.append(reader)
        theirs.append(descriptor)
    try:
        born = server_for(env).fork(words, env, str(cwd or os.getcwd()), *theirs)  # noqa: PTH109  # as a text
    finally:
        for descriptor in theirs:
            os.close(descriptor)
    process = Forked(born.pid, *readers)
    asyncio.get_running_loop().add_reader(born.ending, process.ended, born.ending)
    return process


@asynccontextmanager
async def running(*command: str, **options: Any) -> AsyncIterator[Running]:
    """A process; when the block is left, it has ended, by force if need be, and its pipes are closed.

    A pipe that nobody read to its end is closed by the garbage collector, in the middle of another test.
    """
    if command[:3] == _TRAILARRD and not brings_its_own(options["env"]):
        process: Running = await _fork(*command[3:], **options)
    else:
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
