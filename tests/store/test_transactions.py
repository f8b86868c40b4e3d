"""A transaction waits for another program as long as it may, and once begun it goes to its end."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from trailarrd.concurrency import to_completion
from trailarrd.errors import DatabaseError
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.store.conftest import Library


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    """Another program is in the middle of something."""
    shell = sqlite3.connect(path, isolation_level=None)
    try:
        shell.execute("BEGIN IMMEDIATE")
        yield shell
    finally:
        shell.close()


async def test_a_write_waits_for_another_programs_write(library: Library) -> None:
    await library.refresh(library.item(1))
    with locked(library.path) as shell:
        writing = asyncio.create_task(library.store.set_intent([1], intent=True, at=library.now))
        await asyncio.sleep(0.6)
        assert not writing.done(), "longer than SQLite itself waits at a time"
        shell.execute("COMMIT")
        assert (await asyncio.wait_for(writing, 5)).changed == [1]


async def test_who_has_waited_long_enough_is_told_so(library: Library) -> None:
    async with Store.open(f"sqlite:///{library.path}", busy_timeout=0.4) as store:
        with locked(library.path):
            began = time.monotonic()
            with pytest.raises(DatabaseError, match="is locked by another program"):
                await store.set_intent([1], intent=True, at=library.now)
            assert 0.4 <= time.monotonic() - began < 3


async def test_a_wait_can_be_given_up(library: Library) -> None:
    async with Store.open(f"sqlite:///{library.path}", busy_timeout=30) as store:
        with locked(library.path):
            writing = asyncio.create_task(store.set_intent([1], intent=True, at=library.now))
            await asyncio.sleep(0.1)
            began = time.monotonic()
            writing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await writing
            assert time.monotonic() - began < 3
        assert (await store.set_intent([1], intent=True, at=library.now)).unknown == [1]


async def test_work_ends_before_its_cancellation_goes_on() -> None:
    steps: list[str] = []
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.sleep(0.02)
        steps.append("work done")

    async def caller() -> None:
        try:
            await to_completion(work())
        finally:
            steps.append("caller left")

    task = asyncio.create_task(caller())
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()  # impatience does not help
    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps == ["work done", "caller left"]


async def test_results_and_errors_come_through() -> None:
    async def answer() -> int:
        return 42

    async def fail() -> None:
        raise KeyError("x")

    assert await to_completion(answer()) == 42
    with pytest.raises(KeyError):
        await to_completion(fail())


async def test_a_cancelled_caller_still_shows_what_went_wrong() -> None:
    begun = asyncio.Event()

    async def fail() -> None:
        begun.set()
        await asyncio.sleep(0.01)
        raise KeyError("x")

    task = asyncio.create_task(to_completion(fail()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert isinstance(caught.value.__cause__, KeyError)
