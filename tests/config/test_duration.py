"""Durations as people write them, and printed the same way."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.config.units import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("30m", 1800),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("2 days", 172_800),
        ("1 day 2 hours", 93_600),
        ("1 week", 604_800),
        ("1.5h", 5400),
        ("500ms", 0.5),
        ("5 min", 300),
        ("10 seconds", 10),
        (" 1h ", 3600),
        ("0s", 0),
        ("3650d", 315_360_000),
    ],
)
def test_what_people_write_is_understood(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("30", "has no unit"),
        ("1.5", "has no unit"),
        ("", "is not a duration"),
        ("soon", "is not a duration"),
        ("5 parsecs", "is not a duration"),
        ("-5s", "is not a duration"),
        ("30m1h", "is not a duration"),
        ("1h1h", "is not a duration"),
        ("1h30", "is not a duration"),
        ("12:30", "is not a duration"),
        ("1e3s", "is not a duration"),
        ("٣h", "is not a duration"),
        ("3651d", "is longer than 3650d"),
        ("9" * 400 + "h", "is longer than 3650d"),
    ],
)
def test_anything_else_is_refused_in_plain_words(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(), "0s"),
        (timedelta(seconds=90), "1m30s"),
        (timedelta(hours=1), "1h"),
        (timedelta(days=14), "14d"),
        (timedelta(milliseconds=1500), "1s500ms"),
    ],
)
def test_a_duration_is_printed_in_whole_units(duration: timedelta, text: str) -> None:
    assert format_duration(duration) == text


@given(st.integers(min_value=0, max_value=3650 * 86_400_000))
def test_what_is_printed_is_understood(milliseconds: int) -> None:
    duration = timedelta(milliseconds=milliseconds)
    assert parse_duration(format_duration(duration)) == duration


def test_a_negative_duration_is_not_printed() -> None:
    with pytest.raises(ValueError, match="negative"):
        format_duration(timedelta(seconds=-1))


def test_reading_a_duration_does_not_cost_the_import_of_pydantic() -> None:
    """Commands that need no configuration start without it."""
    program = "import sys, trailarrd.config.units; print('pydantic' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
