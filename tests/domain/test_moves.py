"""After a move it is looked again after 1, 5 and 15 minutes, then every 30 for 6 hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trailarrd.domain.moves import is_due, next_look

MOVED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return MOVED + timedelta(minutes=minutes)


def test_the_moments_are_those_that_the_documents_name() -> None:
    moments, now = [], MOVED
    while coming := next_look(MOVED, now):
        moments.append((coming - MOVED) // timedelta(minutes=1))
        now = coming
    assert moments == [1, 5, 15, 45, 75, 105, 135, 165, 195, 225, 255, 285, 315, 345]


@pytest.mark.parametrize(
    ("since", "now", "due"),
    [
        (0, 0.9, False),
        (0, 1, True),
        (1, 4.9, False),
        (1, 5, True),
        (20, 44, False),
        (20, 45, True),
        (346, 900, False),
    ],
)
def test_it_is_due_when_a_moment_has_come_since_the_last_round(since: float, now: float, due: bool) -> None:
    assert is_due(MOVED, after(since), after(now)) is due


def test_several_moments_that_were_slept_through_are_one_look() -> None:
    assert is_due(MOVED, after(0), after(200))
    assert next_look(MOVED, after(200)) == after(225)


def test_a_clock_that_was_set_back_brings_no_look_before_its_time() -> None:
    assert not is_due(MOVED, after(-90), after(-60))
