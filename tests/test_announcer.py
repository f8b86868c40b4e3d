"""What is told to whoever listens: what the database says is new, in its order, and nothing twice."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from structlog.testing import capture_logs

from tests.store.conftest import Library, database, library, path, store, url
from trailarrd.announcer import Announcer, Subscription, Told
from trailarrd.domain.announcement import Announcement, Crowd
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.report import ErrorKind, RefreshError
from trailarrd.errors import DatabaseError
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from trailarrd.store.history import News

__all__ = ["database", "library", "path", "store", "url"]


@asynccontextmanager
async def listening(library: Library, every: float = 0.01) -> AsyncIterator[Subscription]:
    """Somebody listens; what was before is past."""
    announcer = Announcer(library.store, every=every)
    running = asyncio.create_task(announcer.run())
    async with announcer.subscribed() as subscription:
        yield subscription
    running.cancel()
    await asyncio.wait({running})


async def heard(subscription: Subscription, count: int) -> list[Told]:
    """The next so many, and no more than these come."""
    told: list[Told] = []
    async with asyncio.timeout(5):
        while len(told) < count:
            await subscription.wait()
            told += subscription.drain()
    await asyncio.sleep(0.05)
    assert not subscription._queue
    return told


def topics(told: Sequence[Told]) -> list[tuple[str, str | None]]:
    return [(one.topic.value, one.title) for one in told if isinstance(one, Announcement)]


async def fail(library: Library) -> None:
    start = await library.begin()
    error = RefreshError(ErrorKind.UNAVAILABLE, "cannot connect to 127.0.0.1:7878")
    await library.store.fail_refresh(start, error, library.now)


async def test_what_a_refresh_changed_is_told_with_the_row_that_says_so(library: Library) -> None:
    await library.refresh(library.item(1), library.item(2))
    async with listening(library) as subscription:
        await library.refresh(library.item(2, TrailerState.PRESENT, "a-trailer.mkv"), library.item(3))
        told = await heard(subscription, 5)
    assert topics(told) == [
        ("removed", "Film 1"),
        ("trailer-appeared", "Film 2"),
        ("unmonitored", "Film 2"),
        ("added", "Film 3"),
        ("refreshed", None),
    ]
    rows = {row.id: row for row in await library.store.history()}
    assert [rows[one.history_id].title for one in told if one.history_id] == [
        "Film 1",
        "Film 2",
        "Film 2",
        "Film 3",
    ]


async def test_what_was_before_is_not_told(library: Library) -> None:
    await library.refresh(library.item(1))
    async with listening(library) as subscription:
        await asyncio.sleep(0.05)
        assert not subscription._queue


async def test_down_and_back_are_told_once_each(library: Library) -> None:
    await library.refresh(library.item(1))
    async with listening(library) as subscription:
        await fail(library)
        down = await heard(subscription, 2)
        await fail(library)
        again = await heard(subscription, 1)
        await library.refresh(library.item(1))
        back = await heard(subscription, 2)
    assert topics(down) == [("connection-down", None), ("refreshed", None)]
    assert isinstance(down[0], Announcement)
    assert down[0].detail == {"error": "cannot connect to 127.0.0.1:7878"}
    assert topics(again) == [("refreshed", None)]
    assert topics(back) == [("connection-back", None), ("refreshed", None)]


async def test_a_connection_that_was_down_at_the_start_is_told_to_be_back(library: Library) -> None:
    await fail(library)
    async with listening(library) as subscription:
        await library.refresh()
        assert topics(await heard(subscription, 2))[0] == ("connection-back", None)


class LockedOnce:
    """The store; the first time that a listener is there, its news cannot be read."""

    def __init__(self, store: Store) -> None:
        self.commits = store.commits
        self.latest_event = store.latest_event
        self._store = store
        self.asked = 0

    async def news(self, history_id: int, reach: int | None = None) -> News:
        self.asked += 1
        if self.asked == 2:
            raise DatabaseError("database is locked")
        return await self._store.news(history_id, reach)


async def test_a_database_that_is_locked_for_a_while_makes_no_news_of_what_was(library: Library) -> None:
    await fail(library)
    store = LockedOnce(library.store)
    announcer = Announcer(cast("Store", store), every=0.01)
    running = asyncio.create_task(announcer.run())
    with capture_logs() as logged:
        async with announcer.subscribed() as subscription:
            while store.asked < 3:
                await asyncio.sleep(0.005)
            await fail(library)
            told = await heard(subscription, 1)
    running.cancel()
    await asyncio.wait({running})
    assert topics(told) == [("refreshed", None)]
    assert [line["event"] for line in logged] == ["announcer.failed"]


async def test_while_nobody_listens_nothing_is_asked(library: Library) -> None:
    store = LockedOnce(library.store)
    announcer = Announcer(cast("Store", store), every=0.001)
    running = asyncio.create_task(announcer.run())
    await library.refresh(library.item(1))
    await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.wait({running})
    assert store.asked == 0


async def test_what_this_process_did_is_told_at_once(library: Library) -> None:
    await library.refresh(library.item(1))
    async with listening(library, every=60.0) as subscription:
        await library.refresh(library.item(1), library.item(2))
        assert topics(await heard(subscription, 2)) == [("added", "Film 2"), ("refreshed", None)]


async def test_what_another_process_did_is_told_too(library: Library, url: str) -> None:
    await library.refresh(library.item(1))
    (row,) = (await library.rows()).values()
    async with listening(library) as subscription:
        async with Store.open(url) as other:
            await other.set_intent([row.id], intent=False, at=library.now)
        assert ("intent-set", "Film 1") in topics(await heard(subscription, 2))


async def test_more_than_a_page_is_told_whole_and_in_order(library: Library) -> None:
    async with listening(library) as subscription:
        await library.refresh(*map(library.item, range(1, 701)))
        library.now += timedelta(hours=1)
        await library.refresh(*map(library.item, range(1, 1301)))
        told = await heard(subscription, 1302)
    ids = [one.history_id for one in told if one.history_id]
    assert len(ids) == 1300
    assert ids == sorted(set(ids))


async def test_a_thousand_changes_of_one_refresh_are_one(library: Library) -> None:
    await library.refresh(library.item(1))
    async with listening(library) as subscription:
        library.now += timedelta(hours=1)
        await library.refresh(*(library.item(n, title=f"Film {n} B") for n in range(1, 1203)))
        row = (await library.rows())[7]
        await library.store.set_intent([row.id], intent=False, at=library.now)
        crowd, refreshed, *own = await heard(subscription, 4)
    assert isinstance(crowd, Crowd)
    assert (crowd.connection, crowd.after, crowd.history_id) == ("movies", 1, 1203)
    assert crowd.counts == {HistoryEvent.UPDATED: 1, HistoryEvent.ADDED: 1201}
    assert topics([refreshed, *own]) == [
        ("refreshed", None),
        ("intent-set", "Film 7 B"),
        ("unmonitored", "Film 7 B"),
    ]


async def test_who_comes_back_is_told_the_same_in_pages(library: Library) -> None:
    await library.refresh(*map(library.item, range(1, 701)))
    library.now += timedelta(hours=1)
    await library.refresh(*map(library.item, range(1, 2001)))
    announcer, last, told = Announcer(library.store), 5, list[Told]()
    while page := await announcer.since(last):
        if page[1] == last:
            break
        told += page[0]
        last = page[1]
    assert [one.history_id for one in told] == [*range(6, 701), 2000]


async def test_a_listener_who_is_too_slow_misses_the_oldest_and_knows_how_many() -> None:
    subscription = Subscription(size=3)
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    subscription.put(
        Announcement(topic=HistoryEvent.ADDED, at=at, connection="movies", media_id=number)
        for number in range(5)
    )
    assert [one.media_id for one in subscription.drain() if isinstance(one, Announcement)] == [2, 3, 4]
    assert subscription.missed == 2
