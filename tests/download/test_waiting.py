"""What waits, why, and until when: it was told so, its turn has not come, or the last try came to nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.download.household import BEGIN, HOUR, Household, household
from trailarrd.domain.download import WAITS
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.waiting import Why
from trailarrd.download.desk import Desk
from trailarrd.testing.site import SimulatedSite


async def test_in_a_preview_nobody_is_asked_and_what_would_be_done_is_told(tmp_path: Path) -> None:
    async with household(tmp_path, preview="true") as home:
        await home.refresh(*(home.film(number) for number in range(1, 103)))
        made = await home.round(later=HOUR)
        assert (made.next, made.days) == (None, 3)
        assert {turn.why for turn in made.turns} == {Why.PREVIEW}
        assert home.left == []
        assert not (await home.store.sites())


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


@pytest.mark.parametrize(
    ("path", "why"),
    [
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
