"""When the next refresh is due: interval by one clock, schedule by the other, trouble by its circuit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from trailarrd.daemon.timer import Pause, RefreshTimer
from trailarrd.domain.circuit import Circuit
from trailarrd.domain.connection import Connection
from trailarrd.domain.report import ErrorKind
from trailarrd.schedule import Cron

NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)
HOURLY = Connection(name="movies", provider="radarr", interval=timedelta(hours=1))
AT_ONE = replace(HOURLY, schedule=Cron("0 13 * * *", ZoneInfo("UTC")))
FINE = Circuit()
MINUTE = timedelta(minutes=1)


def waiting(jitter: float = 1.0) -> RefreshTimer:
    return RefreshTimer(asked=NOON, ended=NOON, tick=1000.0, jitter=jitter)


def test_an_interval_is_counted_from_the_end_of_the_refresh_with_its_jitter() -> None:
    assert waiting(1.1).next(HOURLY, FINE, NOON, 1000.0) == Pause(NOON + 66 * MINUTE, 66 * MINUTE)


def test_a_new_interval_counts_from_the_same_end() -> None:
    soon = replace(HOURLY, interval=timedelta(minutes=15))
    later = NOON + 10 * MINUTE
    assert waiting().next(soon, FINE, later, 1600.0) == Pause(later + 5 * MINUTE, 5 * MINUTE)
    assert waiting().next(soon, FINE, NOON + 30 * MINUTE, 2800.0).sleep == timedelta(), "it is over"


def test_a_clock_that_is_set_changes_nothing_about_an_interval() -> None:
    years = timedelta(days=9000)
    assert waiting().next(HOURLY, FINE, NOON + years, 1000.0).sleep == timedelta(hours=1)
    assert waiting().next(HOURLY, FINE, NOON - years, 1000.0).sleep == timedelta(hours=1)


def test_a_schedule_is_slept_for_in_small_steps_until_it_is_due() -> None:
    wait = waiting()
    assert wait.next(AT_ONE, FINE, NOON, 0) == Pause(NOON + 60 * MINUTE, MINUTE, over=False)
    late = NOON + timedelta(minutes=59, seconds=50)
    assert wait.next(AT_ONE, FINE, late, 0) == Pause(NOON + 60 * MINUTE, timedelta(seconds=10), over=False)
    assert wait.next(AT_ONE, FINE, NOON + 60 * MINUTE, 0) == Pause(NOON + 60 * MINUTE, timedelta())


def test_a_time_that_was_slept_over_is_made_good_at_once_and_once() -> None:
    """The host was suspended for two days."""
    wake = NOON + timedelta(days=2)
    assert waiting().next(AT_ONE, FINE, wake, 0) == Pause(wake, timedelta())
    after = RefreshTimer(asked=wake, ended=wake, tick=0, jitter=1).next(AT_ONE, FINE, wake, 0)
    assert after.due == NOON + timedelta(days=2, hours=1)


def test_a_clock_that_is_set_back_by_years_does_not_silence_a_schedule_for_years() -> None:
    wait, then = waiting(), datetime(2001, 1, 1, 12, 59, tzinfo=UTC)
    assert wait.next(AT_ONE, FINE, then, 0) == Pause(then + MINUTE, MINUTE, over=False)
    assert wait.next(AT_ONE, FINE, then + MINUTE, 0).over


def test_a_clock_that_is_set_back_a_little_comes_by_the_time_once_more() -> None:
    """As the user's own clock does: he asked for a refresh whenever it shows one."""
    wait = RefreshTimer(asked=NOON, ended=NOON + 61 * MINUTE, tick=0, jitter=1)
    assert wait.next(AT_ONE, FINE, NOON + 50 * MINUTE, 0).due == NOON + 60 * MINUTE


def test_a_server_that_is_down_is_waited_for_by_its_circuit_whatever_the_schedule_says() -> None:
    down = Circuit(1, ErrorKind.UNAVAILABLE, NOON + timedelta(seconds=30))
    for connection in (HOURLY, AT_ONE):
        pause = waiting().next(connection, down, NOON, 1000.0)
        assert pause == Pause(NOON + timedelta(seconds=30), timedelta(seconds=30))


def test_a_server_that_refuses_us_is_waited_for_so_that_a_command_that_succeeds_is_noticed() -> None:
    for connection in (HOURLY, AT_ONE):
        tomorrow = Circuit(9, ErrorKind.REJECTED, NOON + timedelta(days=1))
        pause = waiting().next(connection, tomorrow, NOON, 1000.0)
        assert pause == Pause(NOON + timedelta(days=1), timedelta(hours=1), over=False)
        soon = Circuit(1, ErrorKind.REJECTED, NOON + MINUTE)
        assert waiting().next(connection, soon, NOON, 1000.0) == Pause(NOON + MINUTE, MINUTE, over=False)


@pytest.mark.parametrize("kind", [ErrorKind.REJECTED, ErrorKind.UNAVAILABLE])
def test_a_time_that_is_over_counts_only_if_it_was_kept_since_the_server_was_asked(kind: ErrorKind) -> None:
    """Where the database cannot be written it stays as it was: the interval counts."""
    kept = Circuit(1, kind, NOON + MINUTE)
    assert waiting().next(HOURLY, kept, NOON + 2 * MINUTE, 1120.0) == Pause(NOON + 2 * MINUTE, timedelta())
    for unkept in (Circuit(1, kind), Circuit(1, kind, NOON - MINUTE)):
        assert waiting().next(HOURLY, unkept, NOON, 1000.0) == Pause(NOON + 60 * MINUTE, 60 * MINUTE)
