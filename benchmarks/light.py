"""What a page of many items costs in CPU, and how long a first look at a slow share takes."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import aiohttp

from benchmarks import MEASURED
from benchmarks.goals import Row
from benchmarks.load import running
from benchmarks.rest import Usage
from benchmarks.stage import built, served
from trailarrd.disk.folder import LookRequest
from trailarrd.disk.roots import Roots
from trailarrd.disk.scanner import Scanner
from trailarrd.disk.trust import RootTrust
from trailarrd.domain.paths import LocalPath

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from benchmarks.goals import Size
    from benchmarks.stage import Stage

PAGES = {
    "newest first": ("/api/v1/media?sort=-first_seen", 10),
    "by title": ("/api/v1/media?sort=title", 10),
    "last changed": ("/api/v1/media?sort=-last_changed", 10),
    "page {last} of the page": ("/media?page={last}", 60),
    "overview page": ("/", 40),
    "/checks": ("/checks", 40),
    "/history": ("/history", 40),
    "explain": ("/api/v1/media/5/explain", 40),
    "/health": ("/health", 40),
}
"""Each with its goal in milliseconds of CPU."""
_OF_A_PAGE = 50
_SOURCE = 1000
"""Items that a refresh brings; they are stored again and again until there are enough."""
_SLOW = 0.02
"""Seconds of a listing on the slow share."""


def pages(size: Size) -> Iterator[Row]:
    with built(_SOURCE) as stage, served(stage) as url:
        stage.write_config({MEASURED: f"{url}/same"})
        asyncio.run(_refresh(stage))
        multiply(stage.database["ours"], size.library)
        asked = asyncio.run(_measured(stage, size.library))
        for name, (goal, changed, same) in asked.items():
            what = f"{size.library:,} items: {name}"
            yield Row(f"{what}, after a change", changed, "ms of CPU", goal)
            yield Row(f"{what}, where nothing has changed", same, "ms of CPU")


async def _refresh(stage: Stage) -> None:
    async with running(stage) as daemon:
        await daemon.until("refresh.finished")


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


async def _measured(stage: Stage, items: int) -> dict[str, tuple[float, float, float]]:
    """Each page's goal, and its milliseconds of CPU after a change of an item and where nothing has changed.

    The server is not asked: a refresh would take the items away that it does not know.
    """
    stage.write_config({MEASURED: "http://127.0.0.1:9"})
    last = items // _OF_A_PAGE * 95 // 100
    async with running(stage) as daemon, aiohttp.ClientSession() as session:
        base = f"http://{(await daemon.until('http.listening'))['address']}"
        await daemon.until("check.finished")
        found = dict[str, tuple[float, float, float]]()
        for name, (path, goal) in PAGES.items():
            url = base + path.format(last=last)
            spent = [cpu async for cpu in _asked(stage, daemon.process.pid, session, url)]
            found[name.format(last=f"{last:,}")] = (goal, min(spent[1::2]), min(spent[2::2]))
        return found


async def _asked(stage: Stage, pid: int, session: aiohttp.ClientSession, url: str) -> AsyncIterator[float]:
    """Milliseconds of CPU: first once, and then after a change and without one in turn."""
    for number in range(7):
        if number % 2:
            _change(stage.database["ours"])
        await asyncio.sleep(2.1 if url.endswith("/health") else 0.2)  # what that says may be two seconds old
        before = Usage.of(pid)
        async with session.get(url) as answer:
            await answer.read()
            assert answer.status in {200, 503}, f"{url}: {answer.status}"
        yield (Usage.of(pid).cpu - before.cpu) * 1000


def _change(database: Path) -> None:
    with closing(sqlite3.connect(database, timeout=10)) as db:
        db.execute("UPDATE media SET claimed_by = hex(randomblob(4)) WHERE id = 5")
        db.commit()


def first_look(size: Size) -> Iterator[Row]:
    """The folders of a slow share, after refreshes that only asked for their times."""
    with built(size.folders) as stage:
        seconds = asyncio.run(_looked(stage))
    yield Row(f"first look at {size.folders:,} folders, 20 ms a listing", seconds, "s", 3.5)


async def _looked(stage: Stage) -> float:
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
