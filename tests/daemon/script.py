"""A refresher that plays a script, and a poller that goes by it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from trailarrd.daemon.poller import Poller
from trailarrd.domain.circuit import Circuit
from trailarrd.domain.connection import Connection
from trailarrd.domain.report import ErrorKind, Outcome, RefreshError, RefreshReport
from trailarrd.errors import DatabaseError
from trailarrd.runtime.slot import ConnectionSlot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from trailarrd.refresh.refresher import Refresher

OK = RefreshReport(connection="movies", provider="radarr", outcome=Outcome.OK)
PARTIAL = RefreshReport(connection="movies", provider="radarr", outcome=Outcome.PARTIAL)
FAILED = RefreshReport(
    connection="movies",
    provider="radarr",
    outcome=Outcome.FAILED,
    error=RefreshError(ErrorKind.UNAVAILABLE, "cannot connect to 127.0.0.1:7878"),
)
REJECTED = RefreshReport(
    connection="movies",
    provider="radarr",
    outcome=Outcome.FAILED,
    error=RefreshError(ErrorKind.REJECTED, "the server refuses the API key"),
)
LOCKED = DatabaseError("database /var/lib/trailarrd.db is locked by another program")


@dataclass
class Script:
    """Refreshes as told, one after the other, and notes when; the last one's end is `over`."""

    rounds: Sequence[RefreshReport | Exception]
    takes: float = 0.0
    interval: float = 0.01
    kept: Circuit = field(default_factory=Circuit)
    """What the database has; `refresh` writes it as the real one does."""
    readable: bool = True
    refuses: int = 0
    unwritable: int = 0
    """So many writes fail."""
    probes: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    """When it was asked who it is."""
    began: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    most_at_once: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def connection(self) -> Connection:
        return Connection(name="movies", provider="radarr", interval=timedelta(seconds=self.interval))

    def clock(self) -> datetime:
        return datetime.now(UTC)

    @property
    def store(self) -> Script:
        """Its own."""
        return self

    async def probe(self, _name: str) -> None:
        """Writes, if it can."""
        self.probes.append(asyncio.get_running_loop().time())
        if len(self.probes) <= self.unwritable:
            raise LOCKED

    async def circuit(self) -> Circuit:
        if not self.readable:
            raise LOCKED
        return self.kept

    async def still_refused(self) -> bool:
        """Who it is, is all that it is asked: refused as often as it says."""
        self.asked.append(asyncio.get_running_loop().time())
        self.kept = replace(self.kept, retry_at=self.kept.refused_until(self.clock()))
        return len(self.asked) <= self.refuses

    async def refresh(self, progress: Callable[[int], None]) -> RefreshReport:
        progress(3)
        clock = asyncio.get_running_loop().time
        self.began.append(clock())
        self.begun.set()
        self.most_at_once = max(self.most_at_once, len(self.began) - len(self.ended))
        await asyncio.sleep(self.takes)
        self.ended.append(clock())
        result = self.rounds[min(len(self.ended), len(self.rounds)) - 1]
        if len(self.ended) > len(self.rounds):
            self.over.set()
        if isinstance(result, Exception):
            raise result
        self.kept = self.kept_after(result)
        return result

    def kept_after(self, report: RefreshReport) -> Circuit:
        if report.error is None:
            return Circuit()
        return self.kept.failed(report.error.kind, at=self.clock(), interval=self.connection.interval)

    @property
    def waits(self) -> list[float]:
        """From the end of each refresh to the beginning of the next."""
        return [began - ended for ended, began in zip(self.ended, self.began[1:], strict=False)]


@dataclass
class Spread:
    """In place of chance: always this part of the way from the low end to the high end."""

    part: float
    asked: list[tuple[float, float]] = field(default_factory=list)

    def __call__(self, low: float, high: float) -> float:
        self.asked.append((low, high))
        return low + self.part * (high - low)


async def poll(script: Script, part: float = 0.5) -> Spread:
    """Poll until the whole script was played."""
    spread = Spread(part)
    poller = Poller(ConnectionSlot(cast("Refresher", script)), spread=spread)
    running = asyncio.create_task(poller.run())
    waiting = asyncio.create_task(script.over.wait())
    done, _ = await asyncio.wait({running, waiting}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    running.cancel()
    waiting.cancel()
    await asyncio.wait({running, waiting})
    assert waiting in done, "the poller gave up"
    return spread


@asynccontextmanager
async def polling(script: Script) -> AsyncIterator[Poller]:
    """A poller that runs until the block is left; its first refresh has begun."""
    poller = Poller(ConnectionSlot(cast("Refresher", script)))
    running = asyncio.create_task(poller.run())
    await script.begun.wait()
    yield poller
    running.cancel()
    await asyncio.wait({running})
