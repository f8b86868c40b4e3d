"""Asking again within one refresh: how often, after which wait, and when not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.domain.retry import JITTER, Retry

jitters = st.floats(*JITTER)


@pytest.mark.parametrize(
    ("attempts", "retry_after", "expected"),
    [
        pytest.param(1, None, 1.0, id="a second after the first"),
        pytest.param(2, None, 2.0, id="twice as long after the second"),
        pytest.param(3, None, 4.0, id="and so on"),
        pytest.param(6, None, 30.0, id="but never longer than the longest wait"),
        pytest.param(1, 0.0, 1.0, id="a server that says at once is not believed"),
        pytest.param(1, 7.0, 7.0, id="as long as the server asked for"),
        pytest.param(4, 7.0, 8.0, id="or our own wait, if that is longer"),
        pytest.param(1, 30.0, 30.0, id="the longest wait is still short"),
        pytest.param(1, 30.1, None, id="longer is for the circuit"),
        pytest.param(1, math.inf, None, id="for ever, too"),
        pytest.param(1, math.nan, None, id="no number is no wait"),
        pytest.param(1, -5.0, 1.0, id="nor is the past"),
        pytest.param(7, None, None, id="seven attempts are seven"),
        pytest.param(8, 1.0, None, id="and no more"),
    ],
)
def test_the_wait_before_the_next_attempt(
    attempts: int, retry_after: float | None, expected: float | None
) -> None:
    assert Retry(attempts=7, max_wait=30.0).wait(attempts, retry_after, jitter=1.0) == expected


def test_by_default_there_is_no_retry() -> None:
    assert Retry().wait(1, None, 1.0) is None


def test_half_the_wait_is_the_least_that_chance_leaves() -> None:
    assert JITTER == (0.5, 1.0)
    assert Retry(attempts=9).wait(3, None, JITTER[0]) == 2.0


def test_chance_never_shortens_what_the_server_asked_for() -> None:
    assert Retry(attempts=2).wait(1, 12.0, JITTER[0]) == 12.0


@given(
    st.integers(1, 10**6), st.integers(1, 10**6), st.none() | st.floats(), jitters, st.floats(0.001, 10**6)
)
def test_every_wait_is_bounded_and_long_enough(
    most: int, attempts: int, retry_after: float | None, jitter: float, max_wait: float
) -> None:
    wait = Retry(attempts=most, max_wait=max_wait).wait(attempts, retry_after, jitter)
    if attempts >= most:
        assert wait is None
    if wait is not None:
        assert 0 < wait <= max_wait
        assert retry_after is None or wait >= retry_after


@given(st.integers(1, 50), jitters)
def test_waits_never_get_shorter(attempts: int, jitter: float) -> None:
    retry = Retry(attempts=100)
    assert (retry.wait(attempts, None, jitter) or 0) <= (retry.wait(attempts + 1, None, jitter) or 0)
