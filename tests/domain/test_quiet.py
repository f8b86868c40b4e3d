"""Quiet hours go by the clock on the wall, over midnight too."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from trailarrd.domain.quiet import QuietHours, Window

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Window(time(23), time(7))
LUNCH = Window(time(12), time(13, 30))


@pytest.mark.parametrize(
    ("window", "clock", "quiet"),
    [
        (LUNCH, time(11, 59, 59), False),
        (LUNCH, time(12), True),
        (LUNCH, time(13, 29, 59), True),
        (LUNCH, time(13, 30), False),
        (NIGHT, time(22, 59, 59), False),
        (NIGHT, time(23), True),
        (NIGHT, time(0), True),
        (NIGHT, time(6, 59, 59), True),
        (NIGHT, time(7), False),
        (NIGHT, time(12), False),
    ],
)
def test_a_window_holds_from_its_begin_until_before_its_end(window: Window, clock: time, quiet: bool) -> None:
    assert window.holds(clock) is quiet


def test_without_windows_it_is_never_quiet() -> None:
    assert not QuietHours().hold(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2026-01-10T21:59+00:00", False),
        ("2026-01-10T22:00+00:00", True),
        ("2026-07-10T21:00+00:00", True),
        ("2026-07-10T05:00+00:00", False),
        ("2026-01-10T05:59+00:00", True),
        ("2026-01-10T11:30+00:00", True),
    ],
)
def test_the_clock_is_that_of_the_zone_in_summer_and_in_winter(moment: str, quiet: bool) -> None:
    hours = QuietHours((NIGHT, LUNCH), BERLIN)
    assert hours.hold(datetime.fromisoformat(moment)) is quiet


@pytest.mark.parametrize(
    ("windows", "begin", "end"),
    [
        ((NIGHT, LUNCH), "2026-01-10T11:30+00:00", "2026-01-10T12:30+00:00"),
        ((NIGHT, LUNCH), "2026-01-10T22:00+00:00", "2026-01-11T06:00+00:00"),
        ((LUNCH, Window(time(13), time(15)), NIGHT), "2026-01-10T11:30+00:00", "2026-01-10T14:00+00:00"),
        ((NIGHT, LUNCH), "2026-01-10T13:00+00:00", None),
        ((Window(time(0), time(12)), Window(time(12), time(0))), "2026-01-10T13:00+00:00", None),
    ],
)
def test_they_end_where_the_last_window_in_a_row_does(
    windows: tuple[Window, ...], begin: str, end: str | None
) -> None:
    ends = QuietHours(windows, BERLIN).ends_after(datetime.fromisoformat(begin))
    assert ends == (end and datetime.fromisoformat(end))


def test_a_day_has_so_much_of_them() -> None:
    assert QuietHours((NIGHT, LUNCH, LUNCH)).a_day == timedelta(hours=9, minutes=30)
