"""What trailarrd costs beside a refresh: `./dev light [--items N] [--seconds N]`.

At rest, until it is ready, for a command beside it, for a page of many items, and for a first look at a slow
share. CPU and counts, as wall times say more of what else the machine does.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from benchmarks import MEASURED, WARM_UP, rest
from benchmarks.load import running
from benchmarks.stage import KEY, Stage, served
from trailarrd.disk.folder import LookRequest
from trailarrd.disk.roots import Roots
from trailarrd.disk.scanner import Scanner
from trailarrd.disk.trust import RootTrust
from trailarrd.domain.paths import LocalPath
from trailarrd.testing import RADARR, Hub, SimulatedArr, SimulatedLibrary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from benchmarks.load import Daemon

COMMANDS = ("status", "history", "connections")
PAGES = {
    "by title": "/api/v1/media?sort=title",
    "newest first": "/api/v1/media?sort=-first_seen",
    "last changed": "/api/v1/media?sort=-last_changed",
    "page 1,900": "/media?page=1900",
    "overview": "/",
    "/checks": "/checks",
    "/history": "/history",
    "/connections": "/api/v1/connections",
    "/health": "/health",
}
_SOURCE = 1000
"""Items that a refresh brings; they are stored again and again until there are enough for the pages."""
_SLOW = 0.02
"""Seconds of a listing on the slow share."""


def multiply(database: Path, items: int) -> None:
    """Store what there is under other numbers, until there are so many."""
    with closing(sqlite3.connect(database)) as db:
        names = [row[1] for row in db.execute("PRAGMA table_info(media)") if row[1] != "id"]
        other = {
            "arr_id": "arr_id + :n * 1000000",
            "title": "title || ' ' || :n",
            "first_seen": "strftime('%Y-%m-%d %H:%M:%f000', first_seen, :n || ' seconds')",
        }
        chosen = ", ".join(other.get(name, name) for name in names)
        last = db.execute("SELECT max(id) FROM media").fetchone()[0]
        copy = f"INSERT INTO media ({', '.join(names)}) SELECT {chosen} FROM media WHERE id <= :last"
        for number in range(1, items // _SOURCE):
            db.execute(copy, {"n": number, "last": last})
        db.execute("ANALYZE")
        db.commit()


async def pages(stage: Stage, url: str) -> AsyncIterator[tuple[str, float, float]]:
    """Each page with milliseconds of CPU: after a change of an item, and where nothing has changed."""
    async with _daemon(stage, url) as daemon, aiohttp.ClientSession() as session:
        base = f"http://{(await daemon.until('http.listening'))['address']}"
        await daemon.until("check.finished")
        for name, path in PAGES.items():
            spent: dict[bool, list[float]] = {True: [], False: []}
            for is_changed in (False, True, False, True, False, True, False):
                if is_changed:
                    _change(stage.database["ours"])
                await asyncio.sleep(2.1)  # what /health says may be two seconds old
                before = rest.Usage.of(daemon.process.pid)
                async with session.get(f"{base}{path}") as answer:
                    await answer.read()
                after = rest.Usage.of(daemon.process.pid)
                spent[is_changed].append((after.cpu - before.cpu) * 1000)
            yield name, min(spent[True]), min(spent[False])


def _daemon(stage: Stage, url: str) -> AbstractAsyncContextManager[Daemon]:
    stage.write_config({MEASURED: f"{url}/same"})
    return running(stage)


def _change(database: Path) -> None:
    with closing(sqlite3.connect(database, timeout=10)) as db:
        db.execute("UPDATE media SET claimed_by = hex(randomblob(4)) WHERE id = 5")
        db.commit()


async def rest_with_hubs(stage: Stage, seconds: float) -> dict[str, float]:
    """The same of two connections that listen to their servers, which answer each ping with one."""
    libraries = [SimulatedLibrary(RADARR, size=100, roots=("/movies",)) for _ in range(2)]
    first, second = [SimulatedArr(library, api_key=KEY, hub=Hub()) for library in libraries]
    async with first, second:
        stage.restore("ours", stage.blank)
        stage.write_config({WARM_UP: first.url, MEASURED: second.url})
        return await rest.measure(stage, seconds)


async def commands(stage: Stage, url: str) -> AsyncIterator[tuple[str, float]]:
    """CPU seconds of each beside the daemon."""
    async with _daemon(stage, url) as daemon:
        await daemon.until("check.finished")
        for name in COMMANDS:
            yield name, min([await _cpu(stage, name) for _ in range(5)])


async def _cpu(stage: Stage, name: str) -> float:
    before = os.times()
    words = (sys.executable, "-m", "trailarrd", "--config", str(stage.config), name)
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*words, stdout=quiet, stderr=quiet)
    await process.wait()
    after = os.times()
    return sum(after[2:4]) - sum(before[2:4])


async def first_look(stage: Stage) -> float:
    """Seconds for the folders on a slow share, after refreshes that only asked for their times."""
    root = LocalPath(f"{stage.media}/movies")

    def scandir(path: str) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        time.sleep(_SLOW)
        return os.scandir(path)

    roots = Roots(scandir=scandir)
    roots.paces[root] = 0.00001
    names = await asyncio.to_thread(os.listdir, root)
    requests = [LookRequest(LocalPath(f"{root}/{name}"), None, root) for name in names]
    began = time.perf_counter()
    await Scanner(RootTrust(roots)).look(requests)
    return time.perf_counter() - began


def _tell_rest(what: str, measured: dict[str, float]) -> None:
    print(
        f"at rest, {what}: {measured['cpu_s_an_hour']:.2f} CPU seconds an hour,"
        f" {measured['wakeups_a_minute']:.0f} wakeups a minute, {measured['private_mib']:.0f} MiB of its own",
        flush=True,
    )


async def report(stage: Stage, url: str, items: int, seconds: float) -> None:
    _tell_rest("two hubs open", await rest_with_hubs(stage, seconds))
    stage.restore("ours", stage.blank)
    stage.write_config({MEASURED: f"{url}/same"})
    measured = await rest.measure(stage, seconds)
    _tell_rest(f"{_SOURCE:,} movies", measured)
    print(f"until it is ready: {measured['ready_cpu_s']:.2f} CPU seconds")
    async for name, cpu in commands(stage, url):
        print(f"trailarrd {name} beside it: {cpu:.2f} CPU seconds")
    print(f"first look at {_SOURCE:,} folders, 20 ms a listing: {await first_look(stage):.1f} s")
    await asyncio.to_thread(multiply, stage.database["ours"], items)
    print(f"pages of {items:,} items, ms of CPU after a change · where nothing has changed:")
    async for name, changed, same in pages(stage, url):
        print(f"  {name:14}{changed:7.1f} ·{same:7.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000, help="for the pages")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long rest is watched")
    options = parser.parse_args()
    run(options.items, options.seconds)


def run(items: int, seconds: float) -> None:
    """Build a library and print all of it."""
    with tempfile.TemporaryDirectory(prefix="trailarrd-light-") as folder:
        stage = Stage(Path(folder), _SOURCE)
        stage.build({"same"})
        stage.restore("ours", stage.blank)
        with served(stage) as url:
            asyncio.run(report(stage, url, items, seconds))


if __name__ == "__main__":
    main()
