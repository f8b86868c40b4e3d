"""Months of small changes leave nothing behind: no memory, descriptor, thread, task, lock or file more."""

from __future__ import annotations

import asyncio
import ctypes
import ctypes.util
import gc
import os
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from structlog.testing import capture_logs

from tests.daemon.conftest import serving
from tests.depth import IS_DEEP
from trailarrd.testing import Hub, Latency, Refusal

if TYPE_CHECKING:
    from tests.daemon.conftest import Site
    from tests.household import Household

ROUNDS = int(os.environ.get("TRAILARRD_SOAK", "20000" if IS_DEEP else "24"))
WARM_UP = ROUNDS // 4
"""Rounds after which all is loaded, pooled and cached that ever will be."""
BLOCKS = 3_000 if IS_DEEP else 60_000
"""Objects that Python may hold more: one in five rounds is noticed; a short run still loads some code."""
IN_USE = 2.5
"""Megabytes that may be in use more: Python's table of all names doubles once, which takes 1.8."""
RESIDENT = 8.0
"""Megabytes that the process may have more, of which the allocator has what is free between what is not."""
_M_ARENA_MAX = -8
"""What `MALLOC_ARENA_MAX` sets, in malloc.h."""


class _Allocated(ctypes.Structure):
    """`struct mallinfo2` of malloc.h."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


def _in_use() -> int:
    """Bytes that malloc has given to somebody; Python's small objects lie elsewhere."""
    library = ctypes.CDLL(None)
    library.mallinfo2.restype = _Allocated
    told = library.mallinfo2()
    return int(told.uordblks + told.hblkhd)


def _of_sqlite() -> int:
    """Bytes of what SQLite has read: at most `cache_size` a connection, once the file is as large."""
    library = ctypes.CDLL(ctypes.util.find_library("sqlite3"))
    library.sqlite3_memory_used.restype = ctypes.c_int64
    return int(library.sqlite3_memory_used())


class Held(NamedTuple):
    """What the process holds, but for SQLite's pages."""

    descriptors: int
    threads: int
    tasks: int
    files: list[str]
    blocks: int
    in_use: float
    resident: float

    @classmethod
    def now(cls, home: Path) -> Held:
        gc.collect()
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        pages = _of_sqlite()
        return cls(
            len(list(Path("/proc/self/fd").iterdir())),
            threading.active_count(),
            len(asyncio.all_tasks()),
            sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()),
            sys.getallocatedblocks(),
            (_in_use() - pages) / 2**20,
            (resident - pages) / 2**20,
        )


async def live_through(site: Site, number: int, hub: Hub) -> None:
    """A round: something changes, and now and then something goes wrong."""
    movies, series = site.household.movies, site.household.series
    movies.library.edit(1, title=f"Alpha {number}")
    if number % 5 == 0:
        series.library.readd(series.library.ids[-1])
    if number % 7 == 0:
        series.server.fault = Refusal(times=1)
    if number % 11 == 0:
        movies.server.fault = Latency(seconds=0.01, times=1)
    if number % 13 == 0:
        site.household.modes["series"] = "missing" if number % 2 else "sync"
        site.household.write_config()
        await site.daemon.reloader.reload()
    if number % 17 == 0:
        await hub.lose()
    for _ in range(20):
        site.daemon.push.receivers["movies"].post({"eventType": "Rename", "movie": {"id": 1}})
    await asyncio.gather(*(poller.request() for poller in site.daemon.pollers.values()))
    for server in (movies.server, series.server):
        server.requests.clear()  # the test's own memory


async def live_from(site: Site, begin: int, end: int, hub: Hub) -> Counter[str]:
    """These rounds; how often each warning was logged."""
    noise: Counter[str] = Counter()
    for number in range(begin, end):
        with capture_logs() as logs:
            await live_through(site, number, hub)
        noise += Counter(line["event"] for line in logs if line["log_level"] in ("warning", "error"))
    return noise


async def at_rest(site: Site, *, like: Held) -> Held:
    """What is held when all that the last round began is over: what grows stays, however long one waits."""
    for _ in range(100):
        await site.idle()
        held = Held.now(site.household.home)
        if held.tasks <= like.tasks and held.descriptors <= like.descriptors:
            break
        await asyncio.sleep(0.1)
    return held


@pytest.mark.deep
@pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"], indirect=True)
async def test_nothing_grows_and_the_log_repeats_no_noise(
    household: Household, engine_name: str, request: pytest.FixtureRequest
) -> None:
    # As units and image have it: else gaps would be measured that each thread leaves in a part of its own.
    ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)
    if engine_name == "postgresql":
        server = household.server = request.getfixturevalue("postgres")
        server.empty()
        household.lease = "30s"  # a machine may have much else to do
    household.settings = "refresh: {interval: 1h}\n"
    hub = household.movies.server.hub = Hub()
    household.write_config()
    async with serving(household) as site:
        await live_from(site, 1, WARM_UP + 1, hub)
        before = Held.now(household.home)
        noise = await live_from(site, WARM_UP + 1, ROUNDS + 1, hub)
        after = await at_rest(site, like=before)
    for rounds, held in ((WARM_UP, before), (ROUNDS, after)):
        sys.stderr.write(f"after {rounds} rounds {held._replace(files=[])}\n")
    assert after.files == before.files
    assert after.threads <= before.threads + 4, "the pools have a bound, and fill when they are needed"
    assert after.descriptors <= before.descriptors + 2, "a web socket that is just coming back"
    assert after.tasks <= before.tasks + 2
    assert after.blocks <= before.blocks + BLOCKS
    assert after.in_use <= before.in_use + IN_USE
    assert after.resident <= before.resident + RESIDENT
    assert set(noise) <= {"connection.down", "check.problem", "live.lost"}, noise
    assert noise["connection.down"] <= ROUNDS // 7 + 1, "once for each time that a server was down"
    assert noise["live.lost"] <= 2, "however often the hub goes"
    assert noise["check.problem"] <= ROUNDS // 13 + 1, "at most with each new configuration"
