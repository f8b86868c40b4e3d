"""News of one server, gathered, and answered with as few questions to it as will do.

A hint is never believed, only a reason to ask: whatever somebody posts, the worst that it causes is a
question more. An item that is said to be deleted is removed only if its server confirms that, and where a
list could not decide otherwise. The first hint after some quiet is asked about at once, and what follows it
is gathered. So many items are asked for one by one; beyond that, and where an item alone cannot tell, the
whole library is once everything is gathered, and not more often than `DebounceLimits` let it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from trailarrd.errors import DatabaseError, StoppedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from trailarrd.daemon.poller import Poller
    from trailarrd.plugin.provider import WebhookHint

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class DebounceLimits:
    """How much news may cost."""

    gather: float = 2.0
    """Seconds from a hint to the question, as an import makes several; who comes after as many quiet ones
    is asked about at once."""
    most_items: int = 50
    """Items that are asked for one by one; for more, the whole library is."""
    between_refreshes: float = 60.0
    """Seconds between two refreshes of the whole library because of hints."""


class Debouncer:
    """Gathers the hints of one connection."""

    def __init__(
        self,
        poller: Poller,
        revisit: Callable[[frozenset[int], frozenset[int]], Awaitable[bool]],
        limits: DebounceLimits | None = None,
    ) -> None:
        self.poller = poller
        self._revisit = revisit
        self._limits = limits or DebounceLimits()
        self._changed: set[int] = set()
        self._deleted: set[int] = set()
        self._whole = False
        self._news = asyncio.Event()
        self._heard: float | None = None
        """When the last hint came."""
        self._is_urgent = False
        """Whether what is gathered began with a hint after some quiet."""
        self._refreshed: float | None = None

    def add(self, hint: WebhookHint) -> None:
        """Note what it is about, at once and in bounded memory; what follows from it comes later."""
        if not (hint.whole or hint.arr_ids):
            return
        now = asyncio.get_running_loop().time()
        if not self._news.is_set():
            self._is_urgent = self._heard is None or now - self._heard >= self._limits.gather
        self._heard = now
        (self._deleted if hint.deleted else self._changed).update(hint.arr_ids)
        most = self._limits.most_items
        self._whole = self._whole or hint.whole or len(self._changed | self._deleted) > most
        if self._whole:
            self._changed, self._deleted = set(), set()
        self._news.set()

    async def run(self) -> None:
        """Answer the news, one gathering after the other, until cancelled."""
        while True:
            await self._news.wait()
            if self._is_urgent and await self._are_settled():
                continue
            await asyncio.sleep(self._limits.gather)
            if not await self._are_settled():
                await self._refresh()

    async def _are_settled(self) -> bool:
        """Ask for what is gathered, item by item; False where that must be left to a whole refresh."""
        if not self._whole and await self._settles(*self._gathered()):
            return True
        self._whole = True
        return False

    def _gathered(self) -> tuple[frozenset[int], frozenset[int]]:
        gathered = frozenset(self._changed), frozenset(self._deleted)
        self._changed, self._deleted = set(), set()
        self._news.clear()
        return gathered

    async def _settles(self, changed: frozenset[int], deleted: frozenset[int]) -> bool:
        """Whether asking for these items alone has told all that there is to tell."""
        try:
            return await self._revisit(changed, deleted)
        except DatabaseError as error:
            log.error("database.unusable", connection=self.poller.name, error=str(error))
            return False

    async def _refresh(self) -> None:
        """Refresh the whole library, when its turn has come; what is told until then is in it."""
        await asyncio.sleep(self._until_turn())
        self._gathered()
        self._whole = False
        self._refreshed = asyncio.get_running_loop().time()
        try:
            await self.poller.request()
        except (DatabaseError, StoppedError) as error:
            log.warning("hints.refresh_failed", connection=self.poller.name, error=str(error))

    def _until_turn(self) -> float:
        if self._refreshed is None:
            return 0.0
        passed = asyncio.get_running_loop().time() - self._refreshed
        return max(0.0, self._limits.between_refreshes - passed)
