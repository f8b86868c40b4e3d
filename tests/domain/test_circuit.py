"""When a connection in trouble is asked again."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.domain.circuit import JITTER, Circuit, CircuitState
from trailarrd.domain.report import ErrorKind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
UNAVAILABLE, REJECTED = ErrorKind.UNAVAILABLE, ErrorKind.REJECTED
OPEN, HALF_OPEN, CLOSED = CircuitState.OPEN, CircuitState.HALF_OPEN, CircuitState.CLOSED


UNTRIED = Circuit()


def fail(
    circuit: Circuit = UNTRIED,
    kind: ErrorKind = UNAVAILABLE,
    *,
    retry_after: float | None = None,
    interval: timedelta = HOUR,
    jitter: float = 1.0,
) -> Circuit:
    """One more failure, now."""
    return circuit.failed(kind, at=NOW, interval=interval, retry_after=retry_after, jitter=jitter)


def failed_times(times: int, interval: timedelta = HOUR) -> Circuit:
    circuit = Circuit()
    for _ in range(times):
        circuit = fail(circuit, interval=interval)
    return circuit


@pytest.mark.parametrize(
    ("times", "seconds"),
    [(1, 30), (2, 60), (3, 120), (4, 240), (5, 480), (6, 960), (7, 1920), (8, 3600), (9, 3600), (500, 3600)],
)
def test_an_unavailable_server_is_asked_ever_less_often_down_to_its_interval(
    times: int, seconds: int
) -> None:
    circuit = failed_times(times)
    assert circuit == Circuit(times, UNAVAILABLE, NOW + timedelta(seconds=seconds))


def test_a_short_interval_is_never_made_longer() -> None:
    assert failed_times(5, interval=timedelta(seconds=10)).remaining(NOW) == timedelta(seconds=10)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        pytest.param(None, 30, id="nothing asked"),
        pytest.param(5.0, 30, id="less than we would wait"),
        pytest.param(90.0, 90, id="more than that"),
        pytest.param(7200.0, 7200, id="more than the interval"),
        pytest.param(10.0**9, 86400, id="no server is left alone for more than a day"),
        pytest.param(math.inf, 86400, id="or for ever"),
        pytest.param(math.nan, 30, id="no number"),
        pytest.param(-1.0, 30, id="the past"),
    ],
)
def test_what_the_server_asks_for_is_waited_for(retry_after: float | None, seconds: int) -> None:
    assert fail(retry_after=retry_after).remaining(NOW) == timedelta(seconds=seconds)


def test_chance_varies_our_own_wait_by_a_tenth_and_never_shortens_the_servers() -> None:
    assert JITTER == (0.9, 1.1)
    assert fail(jitter=0.9).remaining(NOW) == timedelta(seconds=27)
    assert fail(jitter=1.1).remaining(NOW) == timedelta(seconds=33)
    assert fail(jitter=0.9, retry_after=90.0).remaining(NOW) == timedelta(seconds=90)


@pytest.mark.parametrize(
    ("circuit", "later", "state", "needs_user"),
    [
        pytest.param(Circuit(), 0, CLOSED, False, id="all is well"),
        pytest.param(fail(), 0, OPEN, False, id="unavailable"),
        pytest.param(fail(), 29.9, OPEN, False, id="unavailable, nearly due"),
        pytest.param(fail(), 30, HALF_OPEN, False, id="unavailable and due"),
        pytest.param(fail(), 10**6, HALF_OPEN, False, id="unavailable, due since long"),
        pytest.param(fail(kind=REJECTED), 0, OPEN, True, id="rejected"),
        pytest.param(fail(kind=REJECTED), 60, HALF_OPEN, True, id="rejected, to be asked who it is"),
        pytest.param(Circuit(1, REJECTED), 0, HALF_OPEN, True, id="rejected, as version 0.1.0 kept it"),
        pytest.param(fail(kind=ErrorKind.RESPONSE), 0, OPEN, False, id="an unusable answer"),
        pytest.param(fail(kind=ErrorKind.RESPONSE), 30, HALF_OPEN, False, id="an unusable answer, due"),
        pytest.param(fail(kind=ErrorKind.INTERNAL), 0, CLOSED, False, id="a mistake of a plugin"),
        pytest.param(Circuit(1, UNAVAILABLE), 0, HALF_OPEN, False, id="no time was kept"),
    ],
)
def test_the_state(circuit: Circuit, later: float, state: CircuitState, needs_user: bool) -> None:
    assert circuit.state(NOW + timedelta(seconds=later)) is state
    assert circuit.needs_user is needs_user


def test_a_mistake_of_a_programmers_does_not_heal_by_waiting() -> None:
    circuit = fail(failed_times(3), ErrorKind.INTERNAL, retry_after=90.0)
    assert circuit == Circuit(4, ErrorKind.INTERNAL, None)
    assert circuit.remaining(NOW) == timedelta()


def test_what_stands_before_a_server_heals_as_an_unavailable_server_does() -> None:
    assert fail(kind=ErrorKind.RESPONSE).remaining(NOW) == timedelta(seconds=30)
    assert fail(failed_times(3), ErrorKind.RESPONSE).remaining(NOW) == timedelta(minutes=4)


def _refused(waits: int, *, refreshed: bool) -> list[timedelta]:
    """What a server that goes on refusing us is left alone for, each time that it is asked when due."""
    circuit, at, found = Circuit().failed(REJECTED, at=NOW, interval=HOUR), NOW, []
    for _ in range(waits):
        found.append(circuit.remaining(at))
        at += circuit.remaining(at)
        if refreshed:
            circuit = circuit.failed(REJECTED, at=at, interval=HOUR)
        else:
            circuit = replace(circuit, retry_at=circuit.refused_until(at))
    return found


@pytest.mark.parametrize("refreshed", [False, True])
def test_a_server_that_refuses_us_is_asked_again_after_1_10_and_60_minutes_and_then_daily(
    refreshed: bool,
) -> None:
    """Whether it is only asked who it is, or takes us at that and refuses what comes after it."""
    minutes = [wait / timedelta(minutes=1) for wait in _refused(6, refreshed=refreshed)]
    assert minutes == [1, 10, 60, 1440, 1440, 1440]


def test_who_asks_before_its_time_has_changed_something_so_the_waits_begin_anew() -> None:
    circuit = Circuit(3, REJECTED, NOW + timedelta(hours=20), NOW - timedelta(hours=4))
    assert fail(circuit, REJECTED).remaining(NOW) == timedelta(minutes=1)


def test_failures_of_every_kind_count() -> None:
    circuit = fail(fail(fail(kind=REJECTED), ErrorKind.RESPONSE))
    assert (circuit.failures, circuit.remaining(NOW)) == (3, timedelta(minutes=2))


kinds = st.sampled_from(ErrorKind)
intervals = st.timedeltas(timedelta(seconds=10), timedelta(days=3650))
asked = st.none() | st.floats()
jitters = st.floats(*JITTER)


@given(st.lists(st.tuples(kinds, asked, jitters), max_size=30), intervals)
def test_whatever_happens_the_wait_is_neither_nothing_nor_endless(
    failures: list[tuple[ErrorKind, float | None, float]], interval: timedelta
) -> None:
    circuit = Circuit()
    for number, (kind, retry_after, jitter) in enumerate(failures, 1):
        circuit = fail(circuit, kind, retry_after=retry_after, interval=interval, jitter=jitter)
        assert (circuit.failures, circuit.kind) == (number, kind)
        assert (circuit.retry_at is None) is (kind is ErrorKind.INTERNAL)
        if kind is REJECTED:
            assert circuit.remaining(NOW) == timedelta(minutes=1)
        elif kind is not ErrorKind.INTERNAL:
            shortest = min(timedelta(seconds=30), interval) * JITTER[0]
            longest = max(interval * JITTER[1], timedelta(days=1))
            assert shortest <= circuit.remaining(NOW) <= longest
            assert circuit.state(NOW) is OPEN
            assert circuit.state(NOW + circuit.remaining(NOW)) is HALF_OPEN


@given(intervals, jitters)
def test_waits_never_get_shorter_while_a_server_is_down(interval: timedelta, jitter: float) -> None:
    circuit, waits = Circuit(), []
    for _ in range(12):
        circuit = fail(circuit, interval=interval, jitter=jitter)
        waits.append(circuit.remaining(NOW))
    assert all(before <= after for before, after in pairwise(waits))


@given(st.timedeltas(timedelta(days=-3650), timedelta(days=3650)))
def test_no_clock_closes_an_open_circuit_it_only_becomes_due(since: timedelta) -> None:
    circuit, now = fail(), NOW + since
    assert circuit.state(now) is (HALF_OPEN if since >= timedelta(seconds=30) else OPEN)
    assert circuit.remaining(now) >= timedelta()
