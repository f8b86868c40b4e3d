"""How long it takes from an event that a server posts to the row that has changed: `./dev hints [--items N]`.

A real daemon knows a library of a simulated Radarr. A title is changed there and a webhook event about it
is posted, each after so much quiet that the daemon asks at once; then its row is looked at until it has it.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from benchmarks import MEASURED
from benchmarks.load import TOKEN, running
from benchmarks.stage import KEY, Stage
from trailarrd.daemon.debouncer import DebounceLimits
from trailarrd.domain.apikey import digest_of
from trailarrd.store.store import Store
from trailarrd.testing import RADARR, SimulatedArr, SimulatedLibrary

BOUND = 300
"""Milliseconds that half of the changes may take."""
_LOOK = 0.002
"""Seconds between two looks at the row."""


@dataclass(frozen=True)
class Measured:
    """What each event cost."""

    seconds: list[float]
    """From its POST to the changed row."""
    requests: list[int]
    """What the server was asked because of it."""


async def measure(stage: Stage, events: int) -> Measured:
    """So many events, one after the other."""
    library = SimulatedLibrary(RADARR, size=stage.items, roots=("/movies",))
    stage.restore("ours", stage.blank)
    path = stage.database["ours"]
    async with Store.open(f"sqlite+aiosqlite:///{path}") as store:
        await store.put_webhook_token(MEASURED, digest_of(TOKEN), datetime.now(UTC))
    async with SimulatedArr(library, api_key=KEY) as server:
        stage.write_config({MEASURED: server.url})
        async with running(stage) as daemon:
            base = f"http://{(await daemon.until('http.listening'))['address']}"
            await daemon.until("refresh.finished")
            return await _events(base, server, path, events)


async def _events(base: str, server: SimulatedArr, path: Path, events: int) -> Measured:
    measured = Measured([], [])
    async with aiohttp.ClientSession(headers={"X-Api-Key": TOKEN}) as session:
        for arr_id in server.library.ids[:events]:
            await asyncio.sleep(DebounceLimits().gather + 0.1)
            title, asked = f"Another title {arr_id}", len(server.requests)
            server.library.edit(arr_id, title=title)
            event = {"eventType": "Rename", "movie": {"id": arr_id, "title": title}}
            began = time.perf_counter()
            async with session.post(f"{base}/hooks/{MEASURED}", json=event) as answer:
                assert answer.status == 200
            await _stored(path, arr_id, title)
            measured.seconds.append(time.perf_counter() - began)
            measured.requests.append(len(server.requests) - asked)
    return measured


async def _stored(path: Path, arr_id: int, title: str) -> None:
    look = "SELECT 1 FROM media WHERE arr_id = ? AND title = ?"
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        async with asyncio.timeout(60):
            while not database.execute(look, (arr_id, title)).fetchone():  # noqa: ASYNC110  # another process's
                await asyncio.sleep(_LOOK)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trailarrd-hints-") as folder:
        stage = Stage(Path(folder), options.items)
        stage.build(set())
        measured = asyncio.run(measure(stage, options.events))
    times = sorted(second * 1000 for second in measured.seconds)
    median = statistics.median(times)
    print(f"{options.items} movies, {options.events} events, Python {sys.version.split()[0]}")
    print(f"from POST to row: median {median:.0f} ms (bound {BOUND}), {times[0]:.0f} to {times[-1]:.0f} ms")
    print(f"requests: {measured.requests}")
    return int(median > BOUND)


if __name__ == "__main__":
    sys.exit(main())
