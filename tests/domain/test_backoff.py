"""Waits after failures: ever longer, never beyond the limit, however many failures there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.daemon import listener, notifier, supervisor
from trailarrd.domain.circuit import Circuit
from trailarrd.domain.report import ErrorKind
from trailarrd.domain.retry import Backoff, Retry

seconds = st.floats(min_value=1e-9, max_value=1e9)
failures = st.integers(min_value=1, max_value=10**6)
AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_each_wait_is_twice_the_one_before_until_the_longest() -> None:
    assert [Backoff(30.0, 300.0).after(number) for number in range(1, 7)] == [30, 60, 120, 240, 300, 300]


def test_whoever_has_not_failed_waits_as_after_the_first_failure() -> None:
    assert [Backoff(2.0, 60.0).after(number) for number in (-1, 0, 1)] == [2.0, 2.0, 2.0]


@given(seconds, seconds, failures)
def test_no_wait_is_shorter_than_the_one_before(first: float, longest: float, failures: int) -> None:
    backoff = Backoff(first, longest)
    assert backoff.after(failures) <= backoff.after(failures + 1)


@given(seconds, seconds, failures, st.floats(0.1, 3.0), st.floats(0.0, 1.0))
def test_every_wait_is_within_its_bounds(
    first: float, longest: float, failures: int, low: float, part: float
) -> None:
    backoff, high = Backoff(first, longest), low * 2
    wait = backoff.after(failures, low + part * (high - low))
    assert min(first, longest) * low <= wait <= longest * high


@pytest.mark.parametrize("number", [16, 17, 1023, 1024, 1025, 10**6, 10**12])
def test_however_often_it_failed_the_longest_wait_is_known(number: int) -> None:
    assert Backoff(1.0, 60.0).after(number) == 60.0


@given(failures, st.floats(0.5, 1.0))
def test_whoever_tries_again_goes_by_it_however_often_it_failed(number: int, jitter: float) -> None:
    circuit = Circuit(failures=number).failed(ErrorKind.UNAVAILABLE, at=AT, interval=timedelta(hours=1))
    assert timedelta(seconds=60) <= circuit.remaining(AT) <= timedelta(hours=1)
    wait = Retry(attempts=number + 1, max_wait=30.0).wait(number, None, jitter)
    assert wait is not None
    assert jitter <= wait <= 30.0
    for backoff in (supervisor.BACKOFF, listener.BACKOFF, notifier.BACKOFF):
        assert backoff.first <= backoff.after(number) <= backoff.longest


def test_a_message_is_tried_for_ten_minutes() -> None:
    waits = [notifier.BACKOFF.after(number) for number in range(1, notifier.TRIES)]
    assert waits == [5, 10, 20, 40, 80, 160, 320]
    assert all(later == 2 * sooner for sooner, later in pairwise(waits))
    assert timedelta(minutes=10) <= timedelta(seconds=sum(waits)) < timedelta(minutes=11)
