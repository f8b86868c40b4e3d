"""Two stores of one database, as of two processes: none writes behind the other's back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from trailarrd.domain.monitoring import MonitorMode, TrailerState
from trailarrd.store.store import Store
from trailarrd.store.tables import ConnectionTable

if TYPE_CHECKING:
    from tests.store.conftest import Library

pytestmark = pytest.mark.shared

ITEMS = range(1, 201)


async def test_a_users_word_and_a_refresh_never_contradict_or_block_each_other(library: Library) -> None:
    await library.refresh(*map(library.item, ITEMS))
    async with Store.open(library.database.url) as other:

        async def refresh() -> None:
            for year in range(2000, 2006):
                await library.refresh(*(library.item(number, year=year) for number in ITEMS))

        async def speak() -> None:
            for turn in range(20):
                ids = [1 + (turn * 7 + step * 5) % 200 for step in range(20)]
                await other.set_intent(ids, intent=turn % 2 == 0, at=library.now)

        await asyncio.gather(refresh(), speak())
    rows = (await library.rows()).values()
    assert [row.id for row in rows if row.intent is not None and row.monitored != row.intent] == []


async def test_who_reads_history_by_its_numbers_misses_nothing(library: Library) -> None:
    await library.refresh(*map(library.item, ITEMS))
    seen, last, writing = list[int](), await library.store.latest_event(), True

    async def speak(store: Store, first: int) -> None:
        for turn in range(25):
            await store.set_intent([first + turn], intent=True, at=library.now)

    async def read() -> None:
        nonlocal last
        while writing:
            news = await library.store.news(last)
            seen.extend(event.id for event in news.events)
            last = news.last
            await asyncio.sleep(0)

    async with Store.open(library.database.url) as one, Store.open(library.database.url) as other:
        reading = asyncio.create_task(read())
        await asyncio.gather(speak(one, 1), speak(other, 101), speak(library.store, 51))
        writing = False
        await reading
    seen.extend(event.id for event in (await library.store.news(last)).events)
    happened = [row.id for row in reversed(await library.store.history(limit=1000)) if row.refresh_id is None]
    assert seen == happened


async def test_a_reader_sees_one_state_from_beginning_to_end(library: Library) -> None:
    await library.refresh(*map(library.item, ITEMS))
    writing = True

    async def flip() -> None:
        state = TrailerState.PRESENT
        while writing:
            file = "a-trailer.mkv" if state is TrailerState.PRESENT else None
            await library.refresh(*(library.item(n, state, file) for n in ITEMS), mode=MonitorMode.NONE)
            state = TrailerState.ABSENT if file else TrailerState.PRESENT

    flipping = asyncio.create_task(flip())
    async with Store.open(library.database.url) as other:
        for _ in range(20):
            (row,) = await other.connections()
            assert row.with_trailer in (0, 200)
    writing = False
    await flipping


@pytest.mark.shared("postgresql")
async def test_who_writes_waits_for_who_is_writing(library: Library) -> None:
    """On SQLite the file itself sees to that."""
    await library.refresh(library.item(1))
    begun = asyncio.Event()

    def dawdle(db: sa.Connection) -> None:
        db.execute(sa.update(ConnectionTable).values(failures=0))
        begun.set()
        db.exec_driver_sql("SELECT pg_sleep(0.3)")

    async with Store.open(library.database.url) as other:
        slow = asyncio.create_task(other._database.write(dawdle))
        await begun.wait()
        await library.store.set_intent([1], intent=True, at=library.now)
        assert slow.done()
