"""Cron expressions mean the clock on the wall, on the two days a year too when that one is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.schedule import Cron, check_expression, zone_of

BERLIN = ZoneInfo("Europe/Berlin")
"""2026: forward on 29 March (02:00 becomes 03:00), back on 25 October (03:00 becomes 02:00)."""


def times(expression: str, begin: str, count: int, zone: str = "Europe/Berlin") -> list[str]:
    """So many times after a moment, as UTC has them."""
    cron, moment, found = Cron(expression, ZoneInfo(zone)), datetime.fromisoformat(begin), []
    for _ in range(count):
        moment = cron.after(moment)
        found.append(moment)
    assert all(one.tzinfo is UTC for one in found)
    return [f"{one:%d %H:%M}" for one in found]


TABLE = {
    "winter": ("30 2 * * *", "2026-01-10T12:00+01:00", ["11 01:30", "12 01:30"]),
    "summer": ("30 2 * * *", "2026-07-10T12:00+02:00", ["11 00:30", "12 00:30"]),
    "forward: a time that is not there comes right after the gap, once": (
        "30 2 * * *",
        "2026-03-28T12:00+01:00",
        ["29 01:00", "30 00:30"],
    ),
    "back: a time that is there twice comes once": (
        "30 2 * * *",
        "2026-10-24T12:00+02:00",
        ["25 00:30", "26 01:30"],
    ),
    "back: not again, for one who begins in the second of the two hours": (
        "30 2 * * *",
        "2026-10-25T02:10+01:00",
        ["26 01:30", "27 01:30"],
    ),
    "forward: by the clock, so the even hour that is not there is left out": (
        "15 */2 * * *",
        "2026-03-28T23:00+01:00",
        ["28 23:15", "29 02:15", "29 04:15"],
    ),
    "back: by the clock, so the even hour that is there twice counts twice": (
        "15 */2 * * *",
        "2026-10-25T00:00+02:00",
        ["24 22:15", "25 00:15", "25 01:15", "25 03:15"],
    ),
    "back: every half hour goes on": (
        "*/30 * * * *",
        "2026-10-25T02:00+02:00",
        ["25 00:30", "25 01:00", "25 01:30", "25 02:00"],
    ),
    "forward: every half hour goes on": (
        "*/30 * * * *",
        "2026-03-29T01:30+01:00",
        ["29 01:00", "29 01:30"],
    ),
    "a name": ("@daily", "2026-01-10T12:00+01:00", ["10 23:00", "11 23:00"]),
    "after, not at": ("0 12 * * *", "2026-01-10T12:00+01:00", ["11 11:00"]),
    "a second before": ("0 12 * * *", "2026-01-10T11:59:59.9+01:00", ["10 11:00"]),
    "either day, as in cron": ("0 0 13 * 5", "2026-02-12T12:00+01:00", ["12 23:00", "19 23:00"]),
}


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE.keys())
def test_the_times_of_a_schedule(row: tuple[str, str, list[str]]) -> None:
    expression, begin, expected = row
    assert times(expression, begin, len(expected)) == expected


def test_a_zone_that_changes_by_half_an_hour_or_lies_in_the_south() -> None:
    """Lord Howe, 4 October 2026: 02:00 becomes 02:30, from +10:30 to +11."""
    howe = "Australia/Lord_Howe"
    assert times("15 2 * * *", "2026-10-03T12:00+10:30", 2, howe) == ["03 15:30", "04 15:15"]


@given(
    moment=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # hypothesis gives the zone
    expression=st.sampled_from(["30 2 * * *", "0 3 * * *", "15 */2 * * *", "*/7 * * * *", "0 0 * * 0"]),
)
def test_it_always_goes_forward_and_never_further_than_it_must(moment: datetime, expression: str) -> None:
    cron = Cron(expression, BERLIN)
    found = [moment]
    for _ in range(4):
        found.append(cron.after(found[-1]))
    assert all(sooner < later for sooner, later in pairwise(found))
    longest = timedelta(days=7 if expression.endswith("0") else 1, hours=1)
    assert all(later - sooner <= longest for sooner, later in pairwise(found))
    between = found[1] + (found[2] - found[1]) / 2
    assert cron.after(between) == found[2], "whoever asks later is told the same"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("61 * * * *", "has a bad minute"),
        ("* 24 * * *", "has a bad hour"),
        ("0 0 31 2 *", "has a bad day-of-month"),
        ("* * *", "is not minute, hour, day of month, month and day of week"),
        ("0 * * * * *", "is not minute, hour, day of month, month and day of week"),
        ("@reboot", "is not minute, hour, day of month, month and day of week"),
    ],
)
def test_what_is_no_schedule_is_refused_with_the_reason(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=f"^{wrong}$"):
        check_expression(text)


def test_a_schedule_is_tidied() -> None:
    assert check_expression("  15   */2 * * * ") == "15 */2 * * *"


def test_zones_go_by_their_names_and_the_hosts_is_the_default() -> None:
    assert zone_of("Europe/Berlin") == BERLIN
    assert datetime(2026, 1, 1, tzinfo=zone_of(None)).utcoffset() is not None
    for name in ("Europe/Berlinn", "../etc/passwd", "", "Europe"):
        with pytest.raises(ValueError, match="is no time zone"):
            zone_of(name)
