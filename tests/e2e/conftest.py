"""The real program as a process of its own; the servers that it asks run here."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

import pytest

from tests.household import Ended, Household, open_household
from tests.process import PIPE, completed, running

if TYPE_CHECKING:
    import signal
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.process import Running


@dataclass
class Daemon:
    """`trailarrd run`: what it logs while it runs, and how it ends."""

    process: Running
    lines: list[dict[str, Any]] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    _grown: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Take in its log, which must be JSON on every line, to the end."""
        assert self.process.stderr
        async for raw in self.process.stderr:
            self.raw.append(raw.decode())
            self.lines.append(json.loads(raw))
            self._grown.set()

    def told(self, event: str, **facts: object) -> list[dict[str, Any]]:
        """The lines of that event with these facts."""
        wanted = {"event": event, **facts}
        return [line for line in self.lines if wanted.items() <= line.items()]

    async def until(self, event: str, times: int = 1, within: float = 60.0, **facts: object) -> None:
        """Wait for a line."""
        try:
            async with asyncio.timeout(within):
                while len(self.told(event, **facts)) < times:
                    self._grown.clear()
                    await self._grown.wait()
        except TimeoutError:
            pytest.fail(f"no {event} with {facts} in {within:g} s, only:\n{''.join(self.raw)}")

    async def stop(self, number: signal.Signals) -> tuple[int, float]:
        """Send a signal; the exit code and how many seconds the end took."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = await asyncio.wait_for(self.process.wait(), 60)
        return code, time.monotonic() - began

    @property
    def output(self) -> str:
        """Everything that it ever wrote to stderr."""
        return "".join(self.raw)


AS_JSON: Final = {"TRAILARRD_LOG__FORMAT": "json"}
"""What a daemon's environment says whose log is listened to."""


class Start(Protocol):
    """Starts the daemon of a household."""

    async def __call__(self, **variables: str) -> Daemon:
        """With these in its environment as well."""


@pytest.fixture
async def household(tmp_path: Path) -> AsyncIterator[Household]:
    async with open_household(tmp_path / "home") as household:
        yield household


@pytest.fixture
async def start(household: Household) -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def start(**variables: str) -> Daemon:
            options = {"env": household.environ | AS_JSON | variables, "stdout": PIPE, "stderr": PIPE}
            process = await stack.enter_async_context(running(*command(household, "run"), **options))
            return await stack.enter_async_context(listening(Daemon(process)))

        yield start


@asynccontextmanager
async def listening(daemon: Daemon) -> AsyncIterator[Daemon]:
    """Takes in its log; on leaving it has ended, its log was read to the end, and stdout stayed empty."""
    ear = asyncio.create_task(daemon.listen())
    try:
        yield daemon
    finally:
        if daemon.process.returncode is None:
            daemon.process.kill()
        await ear
    assert daemon.process.stdout
    assert await daemon.process.stdout.read() == b""


def command(household: Household, *words: str) -> list[str]:
    """A command line for that household."""
    return [sys.executable, "-m", "trailarrd", "--config", str(household.config), *words]


@pytest.fixture
def run(household: Household) -> Callable[..., Any]:
    """Runs a command to its end."""

    async def run(*words: str) -> Ended:
        return await completed(*command(household, *words), env=household.environ)

    return run
