from __future__ import annotations

import asyncio
import time

import pytest

from trailarrd.errors import DatabaseError
from trailarrd.web.limits import Cached, Limiter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_four_seconds_worth_may_come_at_once_and_then_as_many_as_time_allows() -> None:
    clock = Clock()
    limiter = Limiter(2, clock)
    assert [limiter.wait("a") for _ in range(8)] == [0.0] * 8
    assert limiter.wait("a") == 0.5
    clock.now = 0.5
    assert limiter.wait("a") == 0.0
    assert limiter.wait("a") == 0.5


def test_a_refused_request_does_not_count() -> None:
    clock = Clock()
    limiter = Limiter(1, clock)
    for _ in range(4):
        limiter.wait("a")
    assert [limiter.wait("a") for _ in range(100)] == [1.0] * 100
    clock.now = 1.0
    assert limiter.wait("a") == 0.0


def test_one_client_does_not_use_up_what_another_may() -> None:
    limiter = Limiter(1, Clock())
    for _ in range(10):
        limiter.wait("a")
    assert limiter.wait("b") == 0.0


def test_a_rate_of_zero_limits_nobody() -> None:
    limiter = Limiter(0, Clock())
    assert {limiter.wait("a") for _ in range(1000)} == {0.0}


def test_a_flood_of_clients_forgets_the_one_that_was_quiet_for_longest() -> None:
    limiter = Limiter(1, Clock())
    for _ in range(5):
        limiter.wait("first")
    assert limiter.wait("first") > 0.0
    for number in range(4096):
        limiter.wait(str(number))
    assert limiter.wait("first") == 0.0


def test_who_may_not_be_refused_gets_turns_and_waits_a_second_at_most() -> None:
    clock = Clock()
    limiter = Limiter(4, clock, burst=1.0)
    assert [limiter.turn("a") for _ in range(10)] == [0.0] * 4 + [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    clock.now = 1.0
    assert limiter.turn("a") == 0.25


async def test_a_database_that_is_silent_is_waited_for_once_and_not_for_long() -> None:
    answers = iter(range(9))
    may_answer = asyncio.Event()
    may_answer.set()

    async def read() -> int:
        await may_answer.wait()
        return next(answers)

    cached = Cached(read, patience=0.05)
    assert await asyncio.gather(*(cached.get(60) for _ in range(3))) == [0, 0, 0], "asked once for all"
    may_answer.clear()
    with pytest.raises(DatabaseError, match="has not answered"):
        await cached.get(0)
    began = time.monotonic()
    assert await cached.known(0) == 0, "what it said last"
    assert time.monotonic() - began < 0.04, "that it is silent is known by now"
    may_answer.set()
    assert await cached.get(0) == 2, "the answer to the question of before is too old for who asks now"
    cached.drop()
    assert await cached.get(60) == 3


async def test_a_database_that_never_said_anything_is_not_taken_for_an_empty_one() -> None:
    async def read() -> int:
        raise DatabaseError("it is away")

    with pytest.raises(DatabaseError, match="away"):
        await Cached(read).known(60)
