"""Transactions that nobody tears apart, and that do not stand in each other's way."""

from __future__ import annotations

import asyncio
import inspect
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest

from trailarrd.domain.media import MediaKind
from trailarrd.domain.report import Outcome
from trailarrd.store.filter import MediaFilter
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.store.conftest import Library

pytestmark = pytest.mark.shared

MOVIES = [("movies", "radarr", MediaKind("movie"))]


def test_every_method_says_what_it_promises_where_its_author_looks() -> None:
    """Most are a line that names a function: what that one takes and raises is the method's own."""
    methods = {name: getattr(Store, name) for name in dir(Store) if not name.startswith("_")}
    assert [name for name, method in methods.items() if not inspect.getdoc(method)] == []
    assert "limit" in inspect.signature(Store.history).parameters
    assert "Raises `ConfigError`" in (Store.register.__doc__ or "")


def write_lock_is_held(path: Path) -> bool:
    """Whether a transaction is writing just now, as another program sees it."""
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        return False


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0, 0.001, 0.005, 0.01, 0.02])
async def test_a_cancelled_apply_is_whole_or_never_began_and_the_next_write_works(
    library: Library, delay: float
) -> None:
    await library.refresh(*(library.item(number) for number in range(1, 801)))
    start = await library.begin()
    everything = [library.item(number, year=2000) for number in range(1, 1201)]
    plan = await library.plan(start, everything)
    task = asyncio.create_task(library.store.apply(start, plan, at=library.now, outcome=Outcome.OK))
    await asyncio.sleep(delay)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await library.store.set_intent([1], intent=False, at=library.now)  # no lock was left behind
    years = [row.year for row in (await library.rows()).values()]
    assert years in ([None] * 800, [2000] * 1200)
    finished = library.sql("SELECT finished_at IS NOT NULL FROM refreshes WHERE id = 2")
    assert finished == [(len(years) == 1200,)]


@pytest.mark.shared("sqlite")
async def test_an_apply_cancelled_in_its_midst_is_complete(library: Library) -> None:
    start = await library.begin()
    plan = await library.plan(start, [library.item(number) for number in range(1, 3001)])
    task = asyncio.create_task(library.store.apply(start, plan, at=library.now, outcome=Outcome.OK))
    for _ in range(10_000):
        if write_lock_is_held(library.path):
            break
        await asyncio.sleep(0)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(await library.rows()) == 3000


async def test_readers_see_the_state_before_while_a_write_goes_on(library: Library) -> None:
    await library.refresh(*(library.item(number) for number in range(1, 501)))
    start = await library.begin()
    plan = await library.plan(start, [library.item(number) for number in range(1, 5001)])
    task = asyncio.create_task(library.store.apply(start, plan, at=library.now, outcome=Outcome.OK))
    counts = set()
    while not task.done():
        (row,) = await library.store.connections()
        counts.add(row.items)
    await task
    assert counts <= {500, 5000}
    assert 500 in counts


async def test_many_writers_and_readers_at_once(library: Library) -> None:
    await library.refresh(*(library.item(number) for number in range(1, 41)))
    wishes = (library.store.set_intent([number], intent=True, at=library.now) for number in range(1, 41))
    looks = (library.rows(MediaFilter(monitored=True)) for _ in range(40))
    await asyncio.gather(*wishes, *looks)
    assert [row.intent for row in (await library.rows()).values()] == [True] * 40


async def test_two_stores_on_one_file_take_turns(library: Library, url: str) -> None:
    """The command line works on the daemon's database."""
    await library.refresh(*(library.item(number) for number in range(1, 41)))
    async with Store.open(url, create=False) as other:
        await asyncio.gather(
            *(
                store.set_intent([number], intent=True, at=library.now)
                for store, numbers in ((library.store, range(1, 21)), (other, range(21, 41)))
                for number in numbers
            )
        )
    assert [row.intent for row in (await library.rows()).values()] == [True] * 40


async def test_what_was_stored_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"  # the driver goes without saying
    async with Store.open(url) as store:
        await store.register(MOVIES)
    async with Store.open(url, create=False) as store:
        assert [row.name for row in await store.connections()] == ["movies"]
        assert store.name == f"{tmp_path}/x.db"
