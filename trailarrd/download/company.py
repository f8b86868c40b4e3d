"""The other daemons of the database, as far as they matter to downloads here; there may be none."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from trailarrd.domain.download import Stage, Subject
from trailarrd.download.running import HowFar, Running
from trailarrd.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from trailarrd.store.store import Store


class Company:
    """Whoever works at a connection downloads for it; what the user says to one counts for all."""

    def __init__(self, store: Store, works_at: Callable[[], frozenset[str] | None]) -> None:
        self._store = store
        self._works_at = works_at
        self._retries: frozenset[tuple[str, str]] = frozenset()
        self._told: dict[str, object] | None = None

    @property
    def here(self) -> frozenset[str] | None:
        """Connections that this daemon works at; None: all, as there is no other one."""
        return self._works_at()

    @property
    def is_alone(self) -> bool:
        """Whether there is never another one."""
        return self._store.peers is None

    async def lives(self) -> bool:
        """Whether there is a daemon now."""
        return bool(self._store.peers and await self._store.peers.living())

    def is_elsewhere(self, connection: str) -> bool:
        """Whether another one works at it."""
        return self.here is not None and connection not in self.here

    async def sees(self, connection: str) -> bool:
        """Whether it is for us to do something at its items' folders: nobody else works at it."""
        if self.here is not None or self._store.peers is None:
            return not self.is_elsewhere(connection)
        return not any(connection in one.seats for one in await self._store.peers.living())

    async def news(self) -> object:
        """Another value as soon as something has happened that may make another plan."""
        event = await self._store.latest_event()
        if self.is_alone:
            return event
        asked, sites = await self._store.latest_ask(), await self._store.sites()
        return event, asked, sites, await self._told_to_retry(), self.here

    async def says_retry(self) -> bool:
        """Whether one of them was told, since this was asked last, that all is worth another try."""
        before, self._retries = self._retries, await self._told_to_retry()
        return bool(self._retries - before)

    async def has_stopped(self, subject: Subject) -> bool:
        """Whether one of them was told to stop its download; a database that is away says nothing."""
        try:
            return await self._store.download_stage(subject.id) is Stage.STOPPED
        except DatabaseError:
            return False

    async def tell(self, running: Running | None) -> None:
        """How far what runs here is, or that nothing does; while the database is away, nothing is told."""
        peers, told = self._store.peers, {"id": running.id, **running.now._asdict()} if running else None
        if peers and told != self._told:
            with suppress(DatabaseError):
                await peers.tell(aloud=False, downloading=told)
                self._told = told

    async def under_way(self) -> dict[int, HowFar]:
        """What runs at others, by the items' ids."""
        peers = self._store.peers
        told = [dict(one.downloading) for one in await peers.living() if one.downloading] if peers else []
        return {one.pop("id"): HowFar(**one) for one in told}

    async def retry(self, at: str) -> None:
        """Tell them that all is worth another try."""
        if peers := self._store.peers:
            await peers.tell(retried=at)

    async def _told_to_retry(self) -> frozenset[tuple[str, str]]:
        """Who was told so last, and when by that one's clock."""
        peers = self._store.peers
        living = await peers.living() if peers else []
        return frozenset((one.id, one.retried) for one in living if one.retried)
