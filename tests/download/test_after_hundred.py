"""What a hundred downloads leave in the daemon that has done them: nothing, and nothing that goes on."""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from benchmarks.rest import Usage, private_mib
from tests.depth import IS_DEEP
from tests.download.test_kill import MISSING, SETTINGS, toyed
from tests.e2e.conftest import AS_JSON, Daemon, household, listening, run
from tests.process import PIPE, running
from trailarrd.domain.download import Ask, OwnAddress
from trailarrd.store.store import Store
from trailarrd.testing.contract.download.stopping import descendants
from trailarrd.testing.site import SimulatedSite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from tests.household import Household

__all__ = ["household", "run", "toyed"]

pytestmark = [pytest.mark.deep, pytest.mark.timeout(3600)]

WARM_UP = 200
"""Downloads until everything is loaded, and the log's last 500 lines are kept, as they always are."""
SETTLES, SECONDS = 10, 60
MOST_MIB = 1.5
"""More than that is no noise of a heap any more."""


class AtRest(NamedTuple):
    private_mib: float
    pss_mib: float
    wakeups_a_minute: float
    files: int
    threads: int
    processes: int


@pytest.mark.skipif(
    not IS_DEEP, reason="only in ./dev deep: two hundred videos are brought, and rest is waited for"
)
@pytest.mark.parametrize("downloader", ["toy", "ytdlp"])
async def test_a_daemon_is_after_a_hundred_downloads_what_it_was_before(
    request: pytest.FixtureRequest, run: Callable[..., Any], clips: Path, downloader: str
) -> None:
    if downloader == "ytdlp":
        pytest.importorskip("yt_dlp", reason="yt-dlp is not installed: .ci/run installs it")
    home: Household = request.getfixturevalue("toyed" if downloader == "toy" else "household")
    home.settings = SETTINGS.replace("download: {", "download: {per_day: 1000, ")
    if downloader == "ytdlp":
        home.settings = home.settings.replace("5min}", "5min}, options: {ytdlp: {engine: off}}")
    home.write_config()
    for number in range(WARM_UP + 100):
        home.movies.add(f"Film {number}", 2010)
    with SimulatedSite(clips) as site:
        async with started(home) as daemon:
            await daemon.until("refresh.finished", times=2)
            ids = [
                row[0]
                for row in home.database.sql("SELECT id FROM media WHERE title LIKE 'Film %' ORDER BY id")
            ]

            async def bring(films: Sequence[int]) -> AtRest:
                async with Store.open(f"sqlite:///{home.database.path}") as store:
                    for film in films:
                        own = OwnAddress(url=f"{site.url}/good.mp4?{film}")
                        await store.ask_download([film], Ask(at=datetime.now(UTC), by="anna", now=True), own)
                assert (await run("downloads", "retry")).code == 0
                some = f"{MISSING} AND id <= {films[-1]}"
                async with asyncio.timeout(1500):
                    while home.database.sql(some) != [(0,)]:
                        await asyncio.sleep(0.5)
                return await at_rest(daemon)

            before, after = await bring(ids[:WARM_UP]), await bring(ids[WARM_UP:])
    assert len({path for path in site.asked if path.startswith("/good")}) == len(ids)
    print(before, after, sep="\n")  # noqa: T201  # the figures, for who asks for them
    assert after.private_mib - before.private_mib < MOST_MIB, (before, after)
    assert after.pss_mib - before.pss_mib < MOST_MIB, (before, after)
    assert after.wakeups_a_minute < before.wakeups_a_minute + 30, (before, after)
    assert after[3:] == before[3:]
    assert after.processes == 0


@asynccontextmanager
async def started(home: Household) -> AsyncIterator[Daemon]:
    """A process that shares nothing with those of other tests."""
    program = str(Path(sys.executable).with_name("trailarrd"))
    options: Any = {"env": home.environ | AS_JSON, "stdout": PIPE, "stderr": PIPE}
    async with (
        running(program, "--config", str(home.config), "run", **options) as process,
        listening(Daemon(process)) as daemon,
    ):
        yield daemon


async def at_rest(daemon: Daemon) -> AtRest:
    pid = daemon.process.pid
    await asyncio.sleep(SETTLES)
    begun = Usage.of(pid)
    await asyncio.sleep(SECONDS)
    ended = Usage.of(pid)
    return held(pid, (ended.wakeups - begun.wakeups) / (ended.at - begun.at) * 60)


def held(pid: int, wakeups_a_minute: float) -> AtRest:
    process = Path("/proc", str(pid))
    (pss,) = re.findall(r"^Pss:\s+(\d+) kB$", (process / "smaps_rollup").read_text(), re.MULTILINE)
    return AtRest(
        private_mib=private_mib(pid),
        pss_mib=int(pss) / 1024,
        wakeups_a_minute=wakeups_a_minute,
        files=len(list((process / "fd").iterdir())),
        threads=len(list((process / "task").iterdir())),
        processes=len(descendants(pid)),
    )
