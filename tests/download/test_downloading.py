"""What is under way: it hangs, is stopped, or ends with the daemon."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.download.household import BEGIN, DONE, HOUR, NAME, Household, household
from trailarrd.domain.download import Stage
from trailarrd.domain.failure import Failure
from trailarrd.domain.waiting import Why
from trailarrd.download.desk import Desk
from trailarrd.download.recovery import recover
from trailarrd.download.transfer import Clocks
from trailarrd.download.workspace import empty
from trailarrd.testing.site import SimulatedSite


@pytest.mark.parametrize("path", ["stall/good.mp4", "good.mp4?toy=hang"])
async def test_a_downloader_that_hangs_is_stopped(tmp_path: Path, site: SimulatedSite, path: str) -> None:
    async with household(tmp_path, clocks=Clocks(stall=0.3, limit=20)) as home:
        await home.refresh()
        await home.ask(f"{site.url}/{path}")
        await home.round()
        assert (await home.turn()).subject.memory.failure is Failure.STALLED
        assert (home.seen, home.left) == (BEGIN, [])


async def test_one_that_never_ends_is_stopped_by_the_other_clock(tmp_path: Path, site: SimulatedSite) -> None:
    async with household(tmp_path, clocks=Clocks(stall=5, limit=0.1)) as home:
        await home.refresh()
        await home.ask(f"{site.url}/slow/good.mp4")
        await home.round()
        assert (await home.turn()).subject.memory.failure in (Failure.TOO_SLOW, Failure.TOO_LARGE)
        assert (home.seen, home.left) == (BEGIN, [])


@pytest.mark.shared
async def test_a_stop_ends_it_at_once_and_until_the_user_asks_again(
    home: Household, site: SimulatedSite
) -> None:
    await home.ask(f"{site.url}/stall/good.mp4")
    round_ = asyncio.create_task(home.round())
    while not (home.downloads.running and home.downloads.running.now.done):
        await asyncio.sleep(0.01)
    assert (await home.row()).status(home.now).value == "downloading"
    await home.store.stop_download([1], home.now)
    began = time.monotonic()
    await home.downloads.stop([1])
    assert time.monotonic() - began < 1
    await round_
    assert (home.seen, home.left) == (BEGIN, [])
    assert (await home.turn()).why is Why.STOPPED
    assert (await home.row()).claimed_by is None
    await home.ask(f"{site.url}/good.mp4")
    await home.round()
    assert home.seen == DONE


async def test_where_no_daemon_runs_nothing_is_downloaded_whatever_a_kill_has_left(home: Household) -> None:
    await home.store.claim(1, "download:killed", until=home.now + HOUR, now=home.now)
    states = []
    for serves in (True, False):
        (item,) = await Desk(home.downloads, home.downloads._kit, serves=serves).some([1])
        states.append(item.state)
    assert states == ["downloading", "next"]


@pytest.mark.parametrize("came", [True, False])
async def test_after_a_kill_a_file_is_known_as_ours_if_it_came_to_its_place(
    tmp_path: Path, clips: Path, came: bool
) -> None:
    async with household(tmp_path) as home:
        await home.refresh()
        home.archived(clips / "good.mp4")
        await home.round(later=HOUR)
        (home.state / "downloads" / "trailarrd-1-dead").mkdir()
        home.refreshes.sql("UPDATE placed SET settled = false")
        home.refreshes.sql("DELETE FROM downloads")
        home.refreshes.sql("UPDATE media SET claimed_by = 'download:here', claimed_until = '2999-01-01'")
        if not came:
            (home.folder / NAME).unlink()
        await asyncio.to_thread(empty, home.state / "downloads")
        await recover(home.downloads._kit, home.downloads._look)
        assert home.left == []
        assert (await home.row()).claimed_by is None
        assert len(await home.placed()) == came
        assert (await home.turn()).subject.memory.stage is (Stage.PLACED if came else Stage.OPEN)
