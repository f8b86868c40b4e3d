"""A trailer comes home: from where, to where, and instead of what; by real files and real ffmpeg."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.download.household import DONE, HOUR, NAME, YOUTUBE, Household, household
from trailarrd.domain.download import Stage
from trailarrd.domain.failure import Failure
from trailarrd.domain.history import HistoryEvent
from trailarrd.testing.site import SimulatedSite


@pytest.mark.shared
async def test_what_is_wanted_comes_home_by_itself(home: Household, clips: Path) -> None:
    home.archived(clips / "good.mp4")
    made = await home.round()
    assert made.next
    assert home.seen == DONE
    assert (home.folder / NAME).read_bytes() == (clips / "good.mp4").read_bytes()
    (placed,) = await home.placed()
    assert (placed.path, placed.url, placed.downloader) == (
        str(home.folder / NAME),
        f"{YOUTUBE}00000000001",
        "archive",
    )
    assert home.looked == [1]
    assert (await home.row()).claimed_by is None
    (event,) = await home.events(HistoryEvent.DOWNLOADED)
    assert event == {
        "file": placed.path,
        "url": placed.url,
        "bytes": placed.size,
        "duration_s": 4.0,
        "height": 90,
    }
    await home.refresh()
    assert (await home.row()).trailer_file == NAME
    assert (await home.round()).next is None
    assert home.left == []


async def test_asked_by_name_it_is_downloaded_in_a_preview_and_unwanted_too(
    tmp_path: Path, site: SimulatedSite
) -> None:
    async with household(tmp_path, preview="true") as home:
        await home.refresh()
        await home.store.set_intent([1], intent=False, at=home.now, by="anna")
        await home.ask(f"{site.url}/good.mp4")
        await home.round()
        assert home.seen == DONE
        assert (await home.events(HistoryEvent.ADDRESS_CHOSEN)) == [{"url": [None, f"{site.url}/good.mp4"]}]


async def test_a_lie_about_the_length_is_told_and_the_file_believed(
    home: Household, site: SimulatedSite
) -> None:
    await home.ask(f"{site.url}/good.mp4?toy=lie")
    await home.round()
    (event,) = await home.events(HistoryEvent.DOWNLOADED)
    assert (event["duration_s"], event["told_duration_s"]) == (4.0, 240.0)


async def test_another_video_replaces_ours_and_never_a_strangers(
    home: Household, site: SimulatedSite
) -> None:
    await home.ask(f"{site.url}/good.mp4")
    await home.round()
    await home.refresh()
    first = (home.folder / NAME).stat().st_mtime_ns
    await home.ask(f"{site.url}/good.mp4?another")
    await home.round()
    assert home.seen == DONE
    assert (home.folder / NAME).stat().st_mtime_ns != first
    (placed,) = await home.placed()
    assert placed.url == f"{site.url}/good.mp4?another"
    (home.folder / NAME).write_bytes(b"somebody's own by now")
    await home.ask(f"{site.url}/good.mp4?third")
    await home.round()
    assert (home.folder / NAME).read_bytes() == b"somebody's own by now"
    memory = (await home.turn()).subject.memory
    assert (memory.failure, memory.stage) == (Failure.APPEARED, Stage.OPEN)
    assert NAME in (memory.told or "")


async def test_the_same_film_of_another_connection_gets_a_copy_of_ours(home: Household, clips: Path) -> None:
    archive = home.state.parent / "archive" / "00000000001.mp4"
    shutil.copyfile(clips / "good.mp4", archive)
    await home.round()
    archive.unlink()
    other = home.root.parent / "movies-4k" / "Film"
    await home.refresh(home.film(folder=other), name="movies-4k")
    await home.round(later=HOUR)
    assert sorted(one.name for one in other.iterdir()) == DONE
    copied = (await home.events(HistoryEvent.DOWNLOADED))[-1]
    assert copied["copied_from"] == str(home.folder / NAME)
