"""A connection that another daemon works at: what is known of that, and what can be asked for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from trailarrd.daemon.poller import PollerState
from trailarrd.errors import DatabaseError
from trailarrd.runtime.elsewhere import refresh_elsewhere, revisit_elsewhere

if TYPE_CHECKING:
    from collections.abc import Collection
    from contextlib import AbstractAsyncContextManager

    from trailarrd.daemon.shares import Shares
    from trailarrd.domain.report import RefreshReport
    from trailarrd.plugin.provider import WebhookHint
    from trailarrd.refresh.refresher import Refresher
    from trailarrd.runtime.slot import ConnectionSlot
    from trailarrd.store.peers import Peers
    from trailarrd.store.store import Store

log = structlog.get_logger()

_EVERY: Final = 1.0
"""Seconds to the next try while the database is away."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_MOST: Final = 1000
"""Hints that wait for a database that is away; of more, the whole library is asked for."""


class DistantPoller:
    """What `Poller` is for a connection that this daemon works at itself."""

    def __init__(
        self, name: str, slot: ConnectionSlot, shares: Shares, store: Store, asking: set[asyncio.Task[Any]]
    ) -> None:
        """`asking` keeps what nobody waits for."""
        self.name = name
        self._slot = slot
        self._peers = shares.peers
        self._store = store
        self._asking = asking
        self._note = shares.note_of(name)

    @property
    def state(self) -> PollerState:
        note = self._note
        return PollerState(
            running_since=self._moment("running_since"),
            fetched=note.get("fetched", 0),
            due=self._moment("due"),
            unstored=note.get("unstored"),
        )

    @property
    def late_at(self) -> datetime:
        return self._moment("late") or _NEVER

    def _moment(self, name: str) -> datetime | None:
        told = self._note.get(name)
        return datetime.fromisoformat(told) if told else None

    def refresher(self) -> AbstractAsyncContextManager[Refresher]:
        """For questions to its server; what it is told of items is for the other one to store."""
        return self._slot.lease()

    def request(self) -> asyncio.Task[RefreshReport]:
        """Have the other one refresh; raises `DaemonError` if that could not even end."""
        work = refresh_elsewhere(self._store, self._peers, self.name)
        task = asyncio.create_task(work, name=f"request {self.name}")
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
        # How it ends may be nobody's concern.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task

    async def revisit(self, arr_ids: Collection[int]) -> None:
        """Have the other one ask for these items alone."""
        await revisit_elsewhere(self._store, self._peers, self.name, sorted(arr_ids))

    async def look_again(self, arr_ids: Collection[int]) -> None:
        """Have the other one look at their folders; it asks for them as well."""
        await self.revisit(arr_ids)


class HintRelay:
    """Takes what servers post to this daemon to those who work at their connections."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers
        self._waiting: list[tuple[str, dict[str, Any]]] = []
        self._news = asyncio.Event()

    def add(self, connection: str, hint: WebhookHint) -> None:
        """Note it, at once and in bounded memory."""
        if not (hint.whole or hint.arr_ids):
            return
        if len(self._waiting) < _MOST:
            self._waiting.append((connection, msgspec.to_builtins(hint)))
        else:
            whole = {"event": "too many", "whole": True}
            self._waiting = [(name, whole) for name in {connection, *(name for name, _ in self._waiting)}]
        self._news.set()

    async def run(self) -> None:
        """Hand them over until cancelled; while the database is away, they wait."""
        while True:
            await self._news.wait()
            self._news.clear()
            taken, self._waiting = self._waiting, []
            try:
                await self._peers.hint(taken)
            except DatabaseError as error:
                log.error("database.unusable", error=str(error))
                self._waiting = [*taken, *self._waiting]
                self._news.set()
                await asyncio.sleep(_EVERY)
