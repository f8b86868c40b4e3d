"""Looks again at items that their server has moved, until their folders show their files."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from trailarrd.daemon.poller import Poller
from trailarrd.domain.moves import PATIENCE, is_due, next_look
from trailarrd.errors import DatabaseError
from trailarrd.store.store import Store

log = structlog.get_logger()

_RHYTHM: Final = timedelta(minutes=1)
"""How often the database is asked for such items: not later than the first of them is due."""


class Movers:
    """All of them, of every connection: one look together, and no question to their servers."""

    def __init__(
        self, store: Store, pollers: Callable[[], Mapping[str, Poller]], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._pollers = pollers
        self._clock = clock
        self._looked = clock()

    async def run(self) -> None:
        """Look at each when it is due, until cancelled."""
        commits = self._store.commits
        while True:
            mark = await commits.mark()
            try:
                pause = await self.round()
            except DatabaseError as error:
                log.error("database.unusable", error=str(error))
                pause = _RHYTHM
            await asyncio.sleep((pause or _RHYTHM).total_seconds())
            if pause is None:
                await commits.after(mark, _RHYTHM.total_seconds())

    async def round(self) -> timedelta | None:
        """Look at those that are due now; how long to wait for the next ones, None if there will be none."""
        now, since = self._clock(), self._looked
        moved = await self._store.moved(now - PATIENCE)
        due = defaultdict[str, list[int]](list)
        for one in moved:
            if is_due(one.at, since, now):
                due[one.connection].append(one.arr_id)
        for name, arr_ids in due.items():
            await self._look(name, arr_ids)
        self._looked = now
        coming = [moment for one in moved if (moment := next_look(one.at, now))]
        return min([_RHYTHM, *(moment - now for moment in coming)]) if coming else None

    async def _look(self, name: str, arr_ids: list[int]) -> None:
        poller = self._pollers().get(name)
        if poller is not None:
            async with poller.refresher() as refresher:
                await refresher.look_again(arr_ids)
