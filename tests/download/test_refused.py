"""What will not do: nothing is harmed by it, it is told why, and what ends that."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.download.household import BEGIN, DONE, HOUR, NAME, YOUTUBE, Household, household
from trailarrd.domain.failure import Failure
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.target import NoTarget
from trailarrd.domain.trailers import TrailerRules
from trailarrd.domain.waiting import Why
from trailarrd.download.desk import Desk
from trailarrd.testing.site import SimulatedSite

FAULTS = [
    ("truncated.mp4", Failure.NOT_WHOLE, "not whole"),
    ("portrait.mp4", Failure.PORTRAIT, "90 x 160"),
    ("silent.mp4", Failure.SILENT, "silent"),
    ("no-sound.mkv", Failure.NO_SOUND, "no sound"),
    ("page.mp4", Failure.NO_VIDEO, "does not take it for a video"),
    ("good.mp4?toy=crash", Failure.CRASHED, "RuntimeError: the toy is broken"),
    ("good.mp4?toy=exit", Failure.CRASHED, "SystemExit"),
    ("good.mp4?toy=odd", Failure.CRASHED, "TypeError"),
    ("good.mp4?toy=nowhere", Failure.ODD_FILES, "cannot be read"),
    ("good.mp4?toy=two", Failure.ODD_FILES, "2 files"),
    ("good.mp4?toy=link", Failure.ODD_FILES, "1 link"),
    ("good.mp4?toy=folder", Failure.ODD_FILES, "1 folder"),
    ("good.mp4?toy=empty", Failure.ODD_FILES, "one plain file"),
    ("good.mp4?toy=none", Failure.ODD_FILES, "0 files"),
    ("good.mp4?toy=elsewhere", Failure.ODD_FILES, "another name"),
    ("cut/good.mp4", Failure.UNAVAILABLE, "broke off"),
    ("404/good.mp4", Failure.GONE, "no such video"),
    ("503/good.mp4", Failure.UNAVAILABLE, "503"),
    ("429/good.mp4", Failure.BLOCKED, "left alone"),
]


async def test_what_is_no_trailer_harms_nothing_and_is_told(tmp_path: Path, site: SimulatedSite) -> None:
    async with household(tmp_path) as home:
        await home.refresh(*(home.film(number) for number in range(1, len(FAULTS) + 1)))
        for number, (path, failure, told) in enumerate(FAULTS, 1):
            await home.ask(f"{site.url}/{path}", number=number)
            made = await home.round()
            assert made.next, path
            memory = (await home.turn(number)).subject.memory
            assert memory.failure is failure, path
            assert told in (memory.told or ""), path
            assert (await home.row(number)).claimed_by is None
        assert home.left == []
        assert {one.name for one in home.root.rglob("*.*")} == {"Film (2020).mkv"}
        assert (await home.round()).next is None, "nothing is tried again at once"


async def test_where_there_is_no_name_for_a_trailer_it_is_refused_at_once(tmp_path: Path) -> None:
    nothing_counts = TrailerRules(suffixes=(), folders=(), stems=frozenset())
    async with household(tmp_path, rules=nothing_counts) as home:
        await home.refresh()
        desk = Desk(home.downloads, home.downloads._kit)
        asked = await desk.ask([1], "http://127.0.0.1:1/x", now=True, by="anna", afar=False)
        assert [one.reason for one in asked.refused] == [NoTarget.NO_NAME.sentence]
        assert (await home.turn()).subject.ask is None


async def test_a_refused_video_is_told_and_the_server_naming_another_ends_that(
    home: Household, clips: Path
) -> None:
    await home.round()
    (event,) = await home.events(HistoryEvent.ADDRESS_REFUSED)
    assert (event["failure"], event["url"]) == ("gone", f"{YOUTUBE}00000000001")
    assert (await home.turn()).why is Why.REFUSED
    shutil.copyfile(clips / "good.mp4", home.state.parent / "archive" / "another_one.mp4")
    await home.refresh(home.film(youtube_trailer_id="another_one"))
    await home.round()
    assert home.seen == DONE


async def test_what_the_settings_refuse_is_tried_again_with_others(
    tmp_path: Path, site: SimulatedSite
) -> None:
    async with household(tmp_path, length="{from: 5s, to: 1min}") as home:
        await home.refresh()
        await home.ask(f"{site.url}/good.mp4")
        await home.round()
        assert (await home.turn()).why is Why.REFUSED
    async with household(tmp_path) as home:
        await home.round(later=HOUR)
        assert home.seen == DONE


@pytest.mark.parametrize(
    ("settings", "path", "failure"),
    [
        ({"max_size": "10 kB"}, "nolen/good.mp4", Failure.TOO_LARGE),
        ({"max_size": "10 kB"}, "good.mp4", Failure.TOO_LARGE),
        ({"length": "{from: 5s, to: 1min}"}, "good.mp4", Failure.TOO_SHORT),
        ({"length": "{from: 0s, to: 3s}"}, "good.mp4", Failure.TOO_LONG),
        ({"min_free": "900 TB"}, "good.mp4", Failure.NO_SPACE),
    ],
)
async def test_the_settings_bound_it(
    tmp_path: Path, site: SimulatedSite, settings: dict[str, Any], path: str, failure: Failure
) -> None:
    async with household(tmp_path, **settings) as home:
        await home.refresh()
        await home.ask(f"{site.url}/{path}")
        await home.round()
        assert (await home.turn()).subject.memory.failure is failure
        assert home.seen == BEGIN


async def test_a_trailer_of_ours_that_somebody_deleted_is_not_brought_again_until_he_asks(
    tmp_path: Path, clips: Path
) -> None:
    async with household(tmp_path, preview="true") as home:
        await home.refresh()
        home.archived(clips / "good.mp4")
        await home.ask()
        await home.round()
        await home.refresh()
        (home.folder / NAME).unlink()
        await home.refresh()
        for _ in range(2):
            await home.round(later=HOUR)
        (event,) = await home.events(HistoryEvent.ADDRESS_REFUSED)
        assert event["failure"] == "deleted"
        (item,) = await Desk(home.downloads, home.downloads._kit).some([1])
        assert (item.state, item.file, item.tried_at) == ("refused", None, None)
        assert item.told == f"{Why.REFUSED.sentence}: {Failure.DELETED.sentence}"
        await home.ask()
        await home.round()
        assert home.seen == DONE


async def test_an_address_from_afar_leads_to_no_private_host(tmp_path: Path, site: SimulatedSite) -> None:
    async with household(tmp_path) as home:
        await home.refresh()
        await home.ask(f"{site.url}/good.mp4", afar=True)
        await home.round()
        assert (await home.turn()).subject.memory.failure is Failure.PRIVATE_ADDRESS
        assert site.asked == []
    async with household(tmp_path, private_addresses="true") as home:
        await home.ask(f"{site.url}/good.mp4", afar=True)
        await home.round()
        assert home.seen == DONE
