"""A daemon that is killed while it downloads: one whole trailer in the end, and nothing else to be seen."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.conftest import household, run, start
from trailarrd.testing.site import SimulatedSite

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.conftest import Start
    from tests.household import Household

__all__ = ["household", "run", "start"]

pytestmark = [pytest.mark.deep, pytest.mark.slow, pytest.mark.timeout(600)]

KILLS = int(os.environ.get("TRAILARRD_KILLS", "4"))
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
        async with asyncio.timeout(10 + 2 * KILLS):
            while toyed.database.sql(MISSING) != [(0,)]:
                await asyncio.sleep(0.05)
    for folder in map(toyed.movies.place, films):
        assert [one.name for one in seen(folder)] == [f"{folder.name}.mp4"]
        # What a kill has left of a copy goes when something is next put there.
        assert all(one.name.startswith(".trailarrd-") for one in folder.rglob(".*"))
    assert toyed.database.sql("SELECT count(*) FROM media WHERE claimed_by IS NOT NULL") == [(0,)]
    assert [one.name for one in toyed.home.rglob("downloads/trailarrd-*")] == []
