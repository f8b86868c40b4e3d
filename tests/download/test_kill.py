"""A daemon that is killed while it downloads: one whole trailer in the end, and nothing else to be seen."""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.depth import IS_DEEP
from tests.e2e.conftest import household, run, start
from trailarrd.testing.contract.download.stopping import descendants
from trailarrd.testing.site import SimulatedSite

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.conftest import Daemon, Start
    from tests.household import Household

__all__ = ["household", "run", "start"]

pytestmark = [pytest.mark.deep, pytest.mark.slow, pytest.mark.timeout(600)]

KILLS = int(os.environ.get("TRAILARRD_KILLS", "1"))
LONGEST = 0.5
"""Seconds in which a download of the clip is over."""
MISSING = "SELECT count(*) FROM media WHERE title LIKE 'Film %' AND trailer <> 'present'"
SETTINGS = (
    "download: {min_free: 0 B, pause: {from: 0s, to: 0s}, length: {from: 3s, to: 5min}}\n"
    "refresh: {interval: 1h}\n"
)


@pytest.fixture
def toyed(household: Household, tmp_path: Path) -> Household:
    """With the toy as an installed downloader."""
    dist = tmp_path / "site" / "trailarrd_toy-1.0.dist-info"
    dist.mkdir(parents=True)
    (dist / "METADATA").write_text("Metadata-Version: 2.1\nName: trailarrd-toy\nVersion: 1.0\n")
    (dist / "entry_points.txt").write_text("[trailarrd]\ntoy = trailarrd.testing.toy\n")
    household.variables["PYTHONPATH"] = str(dist.parent)
    household.settings = SETTINGS
    household.write_config()
    return household


def seen(folder: Path) -> list[Path]:
    """The videos that a media server would look at."""
    return [one for one in folder.rglob("*.mp4") if not one.name.startswith(".")]


def number_of(household: Household, arr_id: int) -> str:
    """How a command names the film."""
    ((number,),) = household.database.sql(f"SELECT id FROM media WHERE kind = 'movie' AND arr_id = {arr_id}")
    return str(number)


@pytest.mark.skipif(not IS_DEEP, reason="only in ./dev deep: the kit shows the same of a download alone")
async def test_a_daemon_that_is_killed_takes_its_downloader_along(
    household: Household, start: Start, run: Callable[..., Any], clips: Path
) -> None:
    pytest.importorskip("yt_dlp", reason="yt-dlp is not installed: .ci/run installs it")
    household.settings = SETTINGS.replace("5min}", "5min}, options: {ytdlp: {engine: off}}")
    household.write_config()
    film = household.movies.add("Film 1", 2010)
    with SimulatedSite(clips) as site:

        async def begun(again: bool) -> tuple[Daemon, set[int]]:
            """A daemon in the middle of the download, and the processes of that."""
            daemon = await start()
            await daemon.until("refresh.finished", times=2)
            if not again:
                url = f"{site.url}/stall/good.mp4"
                asked = await run("download", number_of(household, film), "--url", url, "--now")
                assert asked.code == 0, asked.err
            asked_before = len(site.asked)
            async with asyncio.timeout(30):
                while len(site.asked) < asked_before + 1 or not descendants(daemon.process.pid):
                    await asyncio.sleep(0.02)
            return daemon, descendants(daemon.process.pid)

        daemon, processes = await begun(again=False)
        daemon.process.kill()
        await daemon.process.wait()
        async with asyncio.timeout(2):
            while alive(processes):
                await asyncio.sleep(0.02)
        place = household.movies.place(film)
        assert [one.name for one in place.rglob("*") if one.is_file()] == ["the item itself.mkv"]
        daemon, processes = await begun(again=True)
        stopped = await run("downloads", "stop", "film 1")
        assert (stopped.code, alive(processes)) == (0, []), stopped.err
        assert [one.name for one in household.home.rglob("downloads/trailarrd-*")] == []


def alive(processes: set[int]) -> list[int]:
    """Those that do anything yet: what nobody has waited for is dead, too."""
    found = []
    for one in processes:
        with suppress(OSError):
            if Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                found.append(one)
    return found


async def test_killed_at_any_moment_each_download_ends_as_one_whole_trailer(
    toyed: Household, start: Start, run: Callable[..., Any], clips: Path
) -> None:
    whole = (clips / "good.mp4").read_bytes()
    films = [toyed.movies.add(f"Film {number}", 2010) for number in range(KILLS)]
    with SimulatedSite(clips) as site:
        for arr_id in films:
            daemon = await start()
            await daemon.until("refresh.finished", times=2)
            asked = await run("download", number_of(toyed, arr_id), "--url", f"{site.url}/good.mp4", "--now")
            assert asked.code == 0, asked.err
            await asyncio.sleep(random.uniform(0, LONGEST))
            daemon.process.kill()
            await daemon.process.wait()
            brought = [one for film in films for one in seen(toyed.movies.place(film))]
            assert {one.read_bytes() for one in brought} <= {whole}
        daemon = await start()
        async with asyncio.timeout(60 + 2 * KILLS):
            while toyed.database.sql(MISSING) != [(0,)]:
                await asyncio.sleep(0.05)
    for folder in map(toyed.movies.place, films):
        assert [one.name for one in seen(folder)] == [f"{folder.name}.mp4"]
        # What a kill has left of a copy goes when something is next put there.
        assert all(one.name.startswith(".trailarrd-") for one in folder.rglob(".*"))
    assert toyed.database.sql("SELECT count(*) FROM media WHERE claimed_by IS NOT NULL") == [(0,)]
    assert [one.name for one in toyed.home.rglob("downloads/trailarrd-*")] == []
