"""What was committed is a reason to look again, whoever did it; what was not is none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from trailarrd.store.store import Store

if TYPE_CHECKING:
    from tests.store.conftest import Library

pytestmark = pytest.mark.shared

_NEVER = 60.0


async def test_what_this_process_commits_is_told_at_once(library: Library) -> None:
    commits = library.store.commits
    mark = await commits.mark()
    waiting = [asyncio.create_task(commits.after(mark, _NEVER)) for _ in range(2)]
    await library.begin()
    async with asyncio.timeout(5):
        await asyncio.gather(*waiting)
        await commits.after(mark, _NEVER)  # also to who comes only now


@pytest.mark.shared("sqlite")  # a server counts for all of its databases
async def test_another_process_is_seen_and_a_reader_is_not(library: Library) -> None:
    commits = library.store.commits
    mark = await commits.mark()
    waiting = asyncio.create_task(commits.after(mark, 0.01))
    await library.store.connections()
    library.sql("SELECT count(*) FROM media")
    await asyncio.sleep(0.05)
    assert (await commits.mark()).version == mark.version
    assert not waiting.done()
    library.sql("UPDATE connections SET kind = 'movies'")
    async with asyncio.timeout(5):
        await waiting


async def test_another_process_is_seen(library: Library) -> None:
    commits = library.store.commits
    mark = await commits.mark()
    library.sql("UPDATE connections SET kind = 'movies'")
    async with asyncio.timeout(5):
        await commits.after(mark, 0.01)


async def test_who_asks_after_the_end_opens_nothing_that_nobody_would_close(url: str) -> None:
    async with Store.open(url) as store:
        pass
    marks = [await store.commits.mark() for _ in range(2)]
    assert marks[0].version != marks[1].version
    pool: Any = store._database.engine.pool
    assert (pool.checkedin(), pool.checkedout()) == (0, 0)
