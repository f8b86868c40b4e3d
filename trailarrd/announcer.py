"""Tells whoever listens what has happened, as the database has it: also what another process did."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import structlog

from trailarrd.domain.announcement import Announcement, Standing, standings_told
from trailarrd.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trailarrd.store.history import HistoryRow
    from trailarrd.store.store import Store

log = structlog.get_logger()

EVERY: Final = 1.0
"""Seconds between two looks into the database."""
QUEUE: Final = 2000
"""Announcements that wait for a listener who is slow; beyond that the oldest are missed."""


class Subscription:
    """One listener's queue."""

    def __init__(self, size: int = QUEUE) -> None:
        self._queue: deque[Announcement] = deque(maxlen=size)
        self._news = asyncio.Event()
        self.missed = 0
        """How many he was too slow for."""

    def put(self, announcements: Iterable[Announcement]) -> None:
        """Queue them; never waits."""
        for one in announcements:
            self.missed += len(self._queue) == self._queue.maxlen
            self._queue.append(one)
        if self._queue:
            self._news.set()

    async def wait(self) -> None:
        await self._news.wait()

    def drain(self) -> list[Announcement]:
        """All that has come since the last time."""
        self._news.clear()
        told = list(self._queue)
        self._queue.clear()
        return told


class Announcer:
    """Looks for what is new and hands it to every subscription."""

    def __init__(self, store: Store, *, every: float = EVERY) -> None:
        self._store = store
        self._every = every
        self._subscriptions: set[Subscription] = set()
        self._told: int | None = None
        self._standings: dict[str, Standing] = {}

    @contextmanager
    def subscribed(self) -> Iterator[Subscription]:
        """A queue of what happens from now on."""
        subscription = Subscription()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    async def since(self, history_id: int) -> list[Announcement]:
        """What happened to items after that event, as far as it fits a page; the oldest first."""
        return [_of_event(row) for row in (await self._store.news(history_id)).events]

    async def run(self) -> None:
        """Look and tell, until cancelled; what happened before the start is history."""
        while True:
            try:
                await self._look()
            except DatabaseError as error:
                log.warning("announcer.failed", error=str(error))
            await asyncio.sleep(self._every)

    async def _look(self) -> None:
        if self._told is None:
            latest = await self._store.latest_event()
            self._standings = (await self._store.news(latest)).standings
            self._told = latest
        while True:
            news = await self._store.news(self._told)
            told = [*map(_of_event, news.events), *standings_told(self._standings, news.standings)]
            self._standings = news.standings
            for subscription in self._subscriptions:
                subscription.put(told)
            if not news.events:
                return
            self._told = news.events[-1].id


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
