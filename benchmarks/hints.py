"""How long it takes from what a server tells to the row that has changed: `./dev hints [--items N]`.

A real daemon knows a library of a simulated Radarr. There an item is changed, added or deleted, or a command
looks at its folder again, and that is told by a webhook or by the hub, each after so much quiet that the
daemon asks at once; then its row is looked at until it has it. What comes next is deletions that follow each
other, and storms: 5,000 messages of the hub, and 5,000 events, within 20 seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aiohttp

from benchmarks import MEASURED
from benchmarks.goals import Row
from benchmarks.load import TOKEN, running
from benchmarks.meter import cpu_seconds
from benchmarks.stage import KEY, Stage
from trailarrd.daemon.debouncer import DebounceLimits
from trailarrd.domain.apikey import digest_of
from trailarrd.store.store import Store
from trailarrd.testing import RADARR, Hub, News, SimulatedArr, SimulatedLibrary, command
from trailarrd.testing.asked import Phase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

    from benchmarks.goals import Size

BOUND = 300
"""Milliseconds that half of what is told may take, of each kind."""
SMALL = 10_000
"""Items of the library that is measured beside a large one."""
STORM: Final = 5_000
STORM_SECONDS: Final = 20.0
STORM_BOUNDS: Final = {"hub": 3.0, "webhook": 6.0}
"""Seconds of CPU that a storm may cost the daemon; lists it may cost two."""
_LOOK = 0.002
"""Seconds between two looks at the row."""


@dataclass
class Told:
    """What each piece of news cost."""

    seconds: list[float] = field(default_factory=list)
    """From being told to the changed row."""
    requests: list[int] = field(default_factory=list)
    """What the server was asked because of it."""
    cpu: float = 0.0
    """Seconds of the daemon's, of all of it together."""

    @property
    def median(self) -> float:
        """In milliseconds."""
        return statistics.median(self.seconds) * 1000

    @property
    def cpu_each(self) -> float:
        """In milliseconds."""
        return self.cpu / len(self.seconds) * 1000


@dataclass
class Play:
    """A daemon, the server that it hears, and how that speaks."""

    server: SimulatedArr
    hub: Hub
    session: aiohttp.ClientSession
    address: str
    database: Path
    pid: int
    media: Path

    @property
    def lists(self) -> int:
        return sum(asked.phase is Phase.LIST for asked in self.server.requests)

    async def say(self, news: News) -> None:
        await self.hub.say(news)

    async def post(self, event: dict[str, object]) -> None:
        async with self.session.post(self.address, json=event) as answer:
            assert answer.status == 200

    async def measure(self, tell: Callable[[int], Awaitable[str]], arr_ids: Sequence[int]) -> Told:
        """So many pieces of news, each after some quiet; `tell` says by which SQL its row has it."""
        told, cpu = Told(), cpu_seconds(self.pid)
        for arr_id in arr_ids:
            await asyncio.sleep(DebounceLimits().gather + 0.1)
            asked, began = len(self.server.requests), time.perf_counter()
            await self.until(await tell(arr_id))
            told.seconds.append(time.perf_counter() - began)
            told.requests.append(len(self.server.requests) - asked)
        await asyncio.sleep(DebounceLimits().gather)
        told.cpu = cpu_seconds(self.pid) - cpu
        return told

    async def until(self, which: str) -> None:
        look = f"SELECT 1 FROM media WHERE {which}"
        with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)) as database:
            async with asyncio.timeout(60):
                while not database.execute(look).fetchone():  # noqa: ASYNC110  # another process's
                    await asyncio.sleep(_LOOK)

    async def measure_stream(self, arr_ids: Sequence[int]) -> Told:
        """From an event that the server posts to what a listener hears of it, each after some quiet."""
        told = Told()
        base = self.address.partition("/hooks/")[0]
        async with aiohttp.ClientSession() as session, session.get(f"{base}/api/v1/events") as stream:
            for arr_id in arr_ids:
                await asyncio.sleep(DebounceLimits().gather + 0.1)
                asked, began = len(self.server.requests), time.perf_counter()
                title = f"Heard {arr_id}"
                self.server.library.edit(arr_id, title=title)
                await self.post({"eventType": "Rename", "movie": {"id": arr_id, "title": title}})
                async with asyncio.timeout(60):
                    while title not in (await stream.content.readline()).decode():
                        pass
                told.seconds.append(time.perf_counter() - began)
                told.requests.append(len(self.server.requests) - asked)
        return told

    async def change(self, arr_id: int) -> str:
        title = f"Another title {arr_id}"
        self.server.library.edit(arr_id, title=title)
        await self.post({"eventType": "Rename", "movie": {"id": arr_id, "title": title}})
        return f"arr_id = {arr_id} AND title = '{title}'"

    async def add(self, _: int) -> str:
        added = self.server.library.add()["id"]
        await self.say(News("movie", "updated", self.server.library.record(added)))
        return f"arr_id = {added}"

    async def rescan(self, arr_id: int) -> str:
        """Somebody puts a trailer into the folder and lets the server look."""
        folder = self.media / str(self.server.library.record(arr_id)["path"]).removeprefix("/")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "new-trailer.mkv").write_bytes(b"x")
        await self.say(command("RescanMovie", {"movieId": arr_id}))
        return f"arr_id = {arr_id} AND trailer = 'present'"

    async def delete(self, arr_id: int) -> str:
        self.server.library.delete(arr_id)
        await self.say(News("movie", "deleted", {"id": arr_id, "year": 0, "tmdbId": 0}))
        return f"arr_id = {arr_id} AND removed_at IS NOT NULL"

    async def storm(self, tell: Callable[[int], Awaitable[None]]) -> tuple[int, float]:
        """Lists and seconds of the daemon's CPU, until all is quiet again."""
        lists, cpu, began = self.lists, cpu_seconds(self.pid), time.perf_counter()
        ids = self.server.library.ids
        for number in range(STORM):
            await tell(ids[number % len(ids)])
            ahead = began + number * STORM_SECONDS / STORM - time.perf_counter()
            await asyncio.sleep(max(ahead, 0))
        await asyncio.sleep(DebounceLimits().between_refreshes + 5)
        return self.lists - lists, cpu_seconds(self.pid) - cpu


@asynccontextmanager
async def played(stage: Stage) -> AsyncIterator[Play]:
    library, hub = SimulatedLibrary(RADARR, size=stage.items, roots=("/movies",)), Hub()
    stage.restore("ours", stage.blank)
    path = stage.database["ours"]
    async with Store.open(f"sqlite+aiosqlite:///{path}") as store:
        await store.put_webhook_token(MEASURED, digest_of(TOKEN), datetime.now(UTC))
    async with SimulatedArr(library, api_key=KEY, hub=hub) as server:
        stage.write_config({MEASURED: server.url})
        async with (
            running(stage) as daemon,
            aiohttp.ClientSession(headers={"X-Api-Key": TOKEN}) as session,
        ):
            base = f"http://{(await daemon.until('http.listening'))['address']}"
            await daemon.until("refresh.finished")
            with closing(sqlite3.connect(path)) as database, database:  # the guard counts by the hour
                database.execute("UPDATE media SET first_seen = '2020-01-01 00:00:00.000000'")
            reading = asyncio.create_task(daemon.until("daemon.stopped"))  # or its log would fill the pipe
            address = f"{base}/hooks/{MEASURED}"
            yield Play(server, hub, session, address, path, daemon.process.pid, stage.media)
            reading.cancel()


async def measure(stage: Stage, events: int, *, storms: bool = False) -> dict[str, Told]:
    """So many of each kind, one after the other; and on request the storms, whose figures are printed."""
    async with played(stage) as play:
        ids = play.server.library.ids
        kinds = {
            "changed": await play.measure(play.change, ids[:events]),
            "added": await play.measure(play.add, range(events)),
            "command": await play.measure(play.rescan, ids[1 : 3 * events + 1 : 3]),
            "deleted": await play.measure(play.delete, ids[-events:]),
            "changed, to a stream": await play.measure_stream(ids[:events]),
        }
        if storms:
            await _storms(play)
        return kinds


def rows(size: Size) -> Iterator[Row]:
    """By an event that the server posts: until all see it, and what it costs."""
    for items in dict.fromkeys((SMALL, size.library)):
        with tempfile.TemporaryDirectory(prefix="trailarrd-hints-") as folder:
            stage = Stage(Path(folder), items)
            stage.build(set())
            row, stream = asyncio.run(_of_events(stage, size.events))
        what = f"{items:,} items: one event"
        yield Row(f"{what}, until its row is another one", row.median / 1000, "s", 0.3)
        yield Row(f"{what}, until a stream tells of it", stream.median / 1000, "s", 0.3)
        yield Row(f"{what}, all that it takes", row.cpu_each, "ms of CPU", 10)


async def _of_events(stage: Stage, events: int) -> tuple[Told, Told]:
    async with played(stage) as play:
        ids = play.server.library.ids[:events]
        await asyncio.sleep(5)  # what the start has begun comes to its end
        await play.measure(play.change, ids[:1])  # the first one loads what it takes
        return await play.measure(play.change, ids), await play.measure_stream(ids)


async def _storms(play: Play) -> None:
    lists, asked = play.lists, len(play.server.requests)
    for arr_id in play.server.library.ids[:10]:
        await play.delete(arr_id)
        await asyncio.sleep(1)
    await asyncio.sleep(5)
    print(
        f"ten deletions a second apart: {play.lists - lists} lists,"
        f" {len(play.server.requests) - asked} requests"
    )
    for name, tell in {
        "hub": lambda arr_id: play.say(News("movie", "updated", play.server.library.record(arr_id))),
        "webhook": lambda arr_id: play.post({"eventType": "Rename", "movie": {"id": arr_id}}),
    }.items():
        lists, cpu = await play.storm(tell)
        print(
            f"{STORM} by {name} in {STORM_SECONDS:g} s: {lists} lists,"
            f" {cpu:.1f} s of CPU (bound {STORM_BOUNDS[name]})"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=20)
    parser.add_argument("--storms", action="store_true", help="also ten deletions and the storms: 3 minutes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trailarrd-hints-") as folder:
        stage = Stage(Path(folder), options.items)
        stage.build(set())
        print(f"{options.items} movies, {options.events} of each kind, Python {sys.version.split()[0]}")
        measured = asyncio.run(measure(stage, options.events, storms=options.storms))
    for kind, told in measured.items():
        times = sorted(second * 1000 for second in told.seconds)
        print(
            f"{kind}: median {told.median:.0f} ms (bound {BOUND}), {times[0]:.0f} to {times[-1]:.0f} ms;"
            f" requests {told.requests}"
        )
    return int(any(told.median > BOUND for told in measured.values()))


if __name__ == "__main__":
    sys.exit(main())
