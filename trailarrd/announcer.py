"""Tells whoever listens what has happened, as the database has it: also what another process did."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, TypeAlias

import structlog

from trailarrd.domain.announcement import Announcement, Crowd, Standing, standings_told
from trailarrd.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from trailarrd.store.history import HistoryRow, News
    from trailarrd.store.store import Store

log = structlog.get_logger()

Told: TypeAlias = Announcement | Crowd
"""One thing that a listener is told."""

EVERY: Final = 2.0
"""Seconds after which what another process has committed is seen."""
_REACH: Final = 10_000
"""Events among which it is looked at once for what who comes back has missed."""
QUEUE: Final = 2000
"""Announcements that wait for a listener who is slow; beyond that the oldest are missed."""


class Subscription:
    """One listener's queue."""

    def __init__(self, size: int = QUEUE) -> None:
        self._queue: deque[Told] = deque(maxlen=size)
        self._news = asyncio.Event()
        self.missed = 0
        """How many he was too slow for."""

    def put(self, announcements: Iterable[Told]) -> None:
        """Queue them; never waits."""
        for one in announcements:
            self.missed += len(self._queue) == self._queue.maxlen
            self._queue.append(one)
        if self._queue:
            self._news.set()

    async def wait(self) -> None:
        await self._news.wait()

    def drain(self) -> list[Told]:
        """All that has come since the last time."""
        self._news.clear()
        told = list(self._queue)
        self._queue.clear()
        return told


class Announcer:
    """Looks for what is new when something was committed, and hands it to every subscription."""

    def __init__(self, store: Store, *, every: float = EVERY) -> None:
        self._store = store
        self._every = every
        self._subscriptions: set[Subscription] = set()
        self._is_heard = asyncio.Event()
        self._turn = asyncio.Lock()
        self._told = 0
        self._standings: dict[str, Standing] = {}

    @asynccontextmanager
    async def subscribed(self) -> AsyncIterator[Subscription]:
        """A queue of what happens from now on; raises `DatabaseError` if nobody can say where that is."""
        subscription = Subscription()
        async with self._turn:
            if not self._subscriptions:
                self._told = await self._store.latest_event()
                self._standings = (await self._store.news(self._told)).standings
            self._subscriptions.add(subscription)
            self._is_heard.set()
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
            if not self._subscriptions:
                self._is_heard.clear()

    async def since(self, history_id: int) -> tuple[list[Told], int]:
        """What happened to items after that event, a page of it, and the number of the last one."""
        news = await self._store.news(history_id, _REACH)
        return _in_order(news), news.last

    async def latest(self) -> int:
        """The number of the last event that has happened to an item."""
        return await self._store.latest_event()

    async def run(self) -> None:
        """Look and tell, until cancelled; while nobody listens there is nothing to look for."""
        while True:
            await self._is_heard.wait()
            mark = await self._store.commits.mark()
            try:
                async with self._turn:
                    await self._look()
            except DatabaseError as error:
                log.warning("announcer.failed", error=str(error))
                await asyncio.sleep(self._every)
            else:
                await self._store.commits.after(mark, self._every)

    async def _look(self) -> None:
        while True:
            news = await self._store.news(self._told)
            told = [*_in_order(news), *standings_told(self._standings, news.standings)]
            self._standings = news.standings
            for subscription in self._subscriptions:
                subscription.put(told)
            self._told = news.last
            if not news:
                return


def _in_order(news: News) -> list[Told]:
    told: list[Told] = [*map(_of_event, news.events), *news.crowds]
    return sorted(told, key=lambda one: one.history_id or 0)


def _of_event(row: HistoryRow) -> Announcement:
    return Announcement(
        topic=row.event,
        at=row.at,
        connection=row.connection,
        history_id=row.id,
        media_id=row.media_id,
        title=row.title,
        detail=row.detail,
    )
