"""How a video site is treated."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from trailarrd.domain.failure import Failure
from trailarrd.domain.site import Held, Pace, Site

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SITE = Site(name="youtube")
PACE = Pace(per_day=2)


def walled(site: Site, times: int) -> Site:
    for _ in range(times):
        site = site.ended(Failure.BLOCKED, "not a bot", NOW)
    return site


@pytest.mark.parametrize(("times", "hours"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 24), (60, 24)])
def test_a_wall_closes_the_site_ever_longer(times: int, hours: int) -> None:
    assert walled(SITE, times).wall(NOW) == Held("blocked", NOW + hours * HOUR)


def test_what_the_site_itself_asks_for_is_waited_for_as_far_as_it_makes_sense() -> None:
    assert SITE.ended(Failure.BLOCKED, "", NOW, retry_after=7200).blocked_until == NOW + 2 * HOUR
    assert SITE.ended(Failure.BLOCKED, "", NOW, retry_after=60).blocked_until == NOW + HOUR
    assert SITE.ended(Failure.BLOCKED, "", NOW, retry_after=1e12).blocked_until == NOW + timedelta(days=7)


@pytest.mark.parametrize("last", [None, Failure.GONE, Failure.TOO_SHORT])
def test_one_answer_opens_it_again(last: Failure | None) -> None:
    assert walled(SITE, 3).ended(last, "", NOW) == SITE


def test_five_troubles_in_a_row_are_the_sites_and_not_the_items() -> None:
    site = SITE
    for _ in range(4):
        site = site.ended(Failure.UNAVAILABLE, "broken off", NOW)
        assert site.wall(NOW) is None
    site = site.ended(Failure.UNAVAILABLE, "broken off", NOW)
    assert site.wall(NOW) == Held("blocked", NOW + HOUR)
    probed = site.ended(Failure.UNAVAILABLE, "broken off", NOW + HOUR)
    assert probed.wall(NOW + HOUR) == Held("blocked", NOW + 3 * HOUR), "one probe is enough"


@pytest.mark.parametrize("failure", [Failure.NO_SPACE, Failure.REJECTED, Failure.CRASHED, Failure.STOPPED])
def test_what_is_ours_says_nothing_of_the_site(failure: Failure) -> None:
    assert SITE.ended(failure, "", NOW) == SITE


def test_a_day_has_its_quota_and_ends_at_midnight_by_the_users_clock() -> None:
    pace = Pace(per_day=2, pause=(timedelta(), timedelta()), zone=ZoneInfo("Pacific/Auckland"))
    site = SITE.began(pace, NOW, spread=0.5)
    assert (site.left(pace, NOW), site.held(pace, NOW)) == (1, None)
    site = site.began(pace, NOW, spread=0.5)
    midnight = datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert site.held(pace, midnight - HOUR) == Held("quota", midnight)
    assert site.held(pace, midnight) is None
    assert site.left(pace, midnight) == 2


@pytest.mark.parametrize(("spread", "seconds"), [(0, 60), (1, 180), (0.5, 120)])
def test_after_each_try_there_is_a_pause(spread: float, seconds: int) -> None:
    site = SITE.began(PACE, NOW, spread=spread)
    assert site.held(PACE, NOW) == Held("pause", NOW + timedelta(seconds=seconds))


def test_no_quota_is_no_download() -> None:
    assert replace(SITE).held(Pace(per_day=0), NOW) is not None
