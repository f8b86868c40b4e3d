"""Whose turn it is to be listed, whatever its signature says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.domain.rotation import ScanRotation

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


@given(st.lists(st.integers(1, 30 * 3600), min_size=1), st.integers(1, 2**63 - 1))
def test_everybodys_turn_comes_within_the_period_however_often_one_asks(gaps: list[int], number: int) -> None:
    turns, last = 0, NOON
    for gap in gaps:
        now = last + timedelta(seconds=gap)
        turns += ScanRotation(WEEK, last, now).is_due(number)
        last = now
    weeks = (last - NOON) / WEEK
    assert int(weeks) <= turns <= int(weeks) + 1


def test_each_hour_has_about_its_share_of_ten_thousand() -> None:
    hour = timedelta(hours=1)
    for step in range(0, 168, 13):
        rotation = ScanRotation(WEEK, NOON + step * hour, NOON + (step + 1) * hour)
        assert sum(map(rotation.is_due, range(1, 10_001))) == pytest.approx(10_000 / 168, abs=20)


@pytest.mark.parametrize(
    ("period", "last", "now"),
    [
        pytest.param(WEEK, None, NOON, id="there was no turn yet"),
        pytest.param(WEEK, NOON - WEEK, NOON, id="a whole period was missed"),
        pytest.param(WEEK, NOON + timedelta(hours=1), NOON, id="the clock was set back"),
        pytest.param(timedelta(0), NOON, NOON, id="always"),
    ],
)
def test_all_are_due(period: timedelta, last: datetime | None, now: datetime) -> None:
    assert all(map(ScanRotation(period, last, now).is_due, range(1, 100)))
