"""A trailer comes home, or it does not: what happens then, with real files, a real site and real ffmpeg."""

from __future__ import annotations

import asyncio
import resource
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.depth import IS_DEEP
from tests.download.household import NAME, YOUTUBE, Household, household
from tests.postgres import DatabaseServer
from trailarrd.domain.download import WAITS, Stage
from trailarrd.domain.failure import Failure
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.target import NoTarget
from trailarrd.domain.trailers import TrailerRules
from trailarrd.domain.waiting import Why
from trailarrd.download.desk import Desk
from trailarrd.download.recovery import recover
from trailarrd.download.transfer import Clocks
from trailarrd.download.workspace import empty
from trailarrd.testing.site import SimulatedSite

HOUR = timedelta(hours=1)
BEGIN = ["Film (2020).mkv"]
DONE = [NAME, "Film (2020).mkv"]


@pytest.fixture
def site(clips: Path) -> Iterator[SimulatedSite]:
    with SimulatedSite(clips) as site:
        yield site


@pytest.fixture
async def home(tmp_path: Path, server: DatabaseServer | None) -> AsyncIterator[Household]:
    async with household(tmp_path, server=server) as home:
        await home.refresh()
        home.now += timedelta(minutes=11)
        yield home


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


async def test_in_a_preview_nobody_is_asked_and_what_would_be_done_is_told(tmp_path: Path) -> None:
    async with household(tmp_path, preview="true") as home:
        await home.refresh(*(home.film(number) for number in range(1, 103)))
        made = await home.round(later=HOUR)
        assert (made.next, made.days) == (None, 3)
        assert {turn.why for turn in made.turns} == {Why.PREVIEW}
        assert home.left == []
        assert not (await home.store.sites())


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


async def test_where_there_is_no_name_for_a_trailer_it_is_refused_at_once(tmp_path: Path) -> None:
    nothing_counts = TrailerRules(suffixes=(), folders=(), stems=frozenset())
    async with household(tmp_path, rules=nothing_counts) as home:
        await home.refresh()
        desk = Desk(home.downloads, home.downloads._kit)
        asked = await desk.ask([1], "http://127.0.0.1:1/x", now=True, by="anna", afar=False)
        assert [one.reason for one in asked.refused] == [NoTarget.NO_NAME.sentence]
        assert (await home.turn()).subject.ask is None


async def test_what_failed_in_a_preview_is_told_with_the_reason_and_tried_again(
    tmp_path: Path, site: SimulatedSite
) -> None:
    async with household(tmp_path, preview="true") as home:
        await home.refresh()
        await home.ask(f"{site.url}/truncated.mp4")
        await home.round()
        (item,) = await Desk(home.downloads, home.downloads._kit).some([1])
        assert (item.state, item.why, item.failure) == ("waiting", "back-off", "not-whole")
        assert (item.told or "").startswith("the last try failed: it says 4 s")
        assert item.until == home.now + HOUR


FAULTS = [
    ("truncated.mp4", Failure.NOT_WHOLE, "not whole"),
    ("portrait.mp4", Failure.PORTRAIT, "90 x 160"),
    ("silent.mp4", Failure.SILENT, "silent"),
    ("no-sound.mkv", Failure.NO_SOUND, "no sound"),
    ("page.mp4", Failure.NO_VIDEO, "does not take it for a video"),
    ("good.mp4?toy=crash", Failure.CRASHED, "RuntimeError: the toy is broken"),
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


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("truncated.mp4", Why.BACK_OFF),
        ("portrait.mp4", Why.REFUSED),
        ("404/good.mp4", Why.REFUSED),
        ("429/good.mp4", Why.BLOCKED),
        ("good.mp4?toy=full", Why.BACK_OFF),
    ],
)
async def test_the_next_try_is_for_whoever_is_to_blame(
    home: Household, site: SimulatedSite, path: str, why: Why
) -> None:
    await home.ask(f"{site.url}/{path}", now=False)
    await home.round()
    turn = await home.turn()
    assert turn.why is why
    waits = {Why.BACK_OFF: HOUR, Why.BLOCKED: HOUR, Why.REFUSED: None}
    assert (turn.until and turn.until - home.now) == waits[why]
    assert turn.subject.memory.attempts == (why is Why.BACK_OFF)


@pytest.mark.shared
async def test_a_site_that_lets_nobody_in_is_told_once_until_something_comes_from_there(
    home: Household, site: SimulatedSite
) -> None:
    for path in ("429/good.mp4", "429/good.mp4", "404/good.mp4", "429/good.mp4"):
        await home.ask(f"{site.url}/{path}")
        await home.round(later=timedelta(days=2))
    told = await home.events(HistoryEvent.SITE_BLOCKED)
    assert [one["site"] for one in told] == [site.url.removeprefix("http://")] * 2
    assert "left alone" in told[0]["told"]


async def test_the_last_of_many_tries_is_told_as_that(home: Household, site: SimulatedSite) -> None:
    await home.ask(f"{site.url}/503/good.mp4")
    await home.round()
    home.refreshes.sql(f"UPDATE downloads SET attempts = {len(WAITS)}, next_try = NULL")
    await home.round(later=HOUR)
    (failed,) = await home.events(HistoryEvent.DOWNLOAD_FAILED)
    (given_up,) = await home.events(HistoryEvent.DOWNLOAD_GIVEN_UP)
    assert given_up == failed
    assert (await home.turn()).why is Why.GIVEN_UP


@pytest.mark.shared
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


async def test_a_lie_about_the_length_is_told_and_the_file_believed(
    home: Household, site: SimulatedSite
) -> None:
    await home.ask(f"{site.url}/good.mp4?toy=lie")
    await home.round()
    (event,) = await home.events(HistoryEvent.DOWNLOADED)
    assert (event["duration_s"], event["told_duration_s"]) == (4.0, 240.0)


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


async def test_what_another_program_claims_meanwhile_is_left_to_it(
    home: Household, site: SimulatedSite
) -> None:
    await home.ask(f"{site.url}/good.mp4")
    await home.store.claim(1, "other", until=home.now + HOUR, now=home.now)
    await home.round()
    assert (home.seen, site.asked) == (BEGIN, [])
    assert (await home.turn()).why is Why.CLAIMED


async def test_what_only_the_user_can_give_stops_one_site_and_no_other(
    tmp_path: Path, site: SimulatedSite, clips: Path
) -> None:
    async with household(tmp_path) as home:
        await home.refresh(*(home.film(number) for number in (1, 2, 3)))
        home.archived(clips / "good.mp4", 3)
        await home.ask(f"{site.url}/good.mp4?toy=reject")
        await home.round()
        await home.ask(f"{site.url}/good.mp4", number=2)
        for number in (1, 2):
            turn = await home.turn(number)
            assert (turn.why, turn.told, turn.subject.memory.attempts) == (
                *(Why.DOWNLOADER, "the toy wants a key", 0),
            )
        await home.round(later=HOUR)


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


@pytest.mark.shared
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


@pytest.mark.shared
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


@pytest.mark.shared
@pytest.mark.parametrize("came", [True, False])
async def test_after_a_kill_a_file_is_known_as_ours_if_it_came_to_its_place(
    tmp_path: Path, clips: Path, server: DatabaseServer | None, came: bool
) -> None:
    async with household(tmp_path, server=server) as home:
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


@pytest.mark.deep
@pytest.mark.skipif(not IS_DEEP, reason="only in ./dev deep: a hundred videos are looked at")
@pytest.mark.timeout(300)
async def test_a_hundred_downloads_leave_nothing_in_memory(tmp_path: Path, clips: Path) -> None:
    async with household(tmp_path, per_day="1000") as home:
        films = range(1, 151)
        for number in films:
            home.archived(clips / "good.mp4", number)
        await home.refresh(*(home.film(number) for number in films))

        async def some(count: int) -> int:
            for _ in range(count):
                assert (await home.round(later=HOUR)).next
            return rss()

        before = await some(50)
        assert await some(100) - before < 2**20


def rss() -> int:
    """Bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
