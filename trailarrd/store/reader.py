"""The open database, as far as it may be asked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from trailarrd.domain.preview import Action
from trailarrd.domain.roots import RootHistory
from trailarrd.store import (
    connections,
    history,
    keys,
    listing,
    media,
    news,
    previews,
    quarantine,
    refreshes,
    roots,
    trends,
    webhooks,
)
from trailarrd.store.chunks import chunks
from trailarrd.store.entries import from_row
from trailarrd.store.listing import MediaFilter
from trailarrd.store.piles import Piles
from trailarrd.store.traffic import Traffic
from trailarrd.store.transactions import transact

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
    from datetime import datetime, timedelta
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

    from trailarrd.domain.circuit import Circuit
    from trailarrd.domain.connection import Connection as ArrConnection
    from trailarrd.domain.history import HistoryEvent
    from trailarrd.domain.identity import Marks
    from trailarrd.domain.known import KnownItems
    from trailarrd.domain.plan import Entry, RefreshPlan
    from trailarrd.domain.preview import PlannedItem
    from trailarrd.domain.report import Outcome
    from trailarrd.domain.roots import RootObservation
    from trailarrd.store.connections import ConnectionRow
    from trailarrd.store.history import HistoryRow
    from trailarrd.store.keys import ApiKey
    from trailarrd.store.listing import MediaOrder, MediaRow, Tally
    from trailarrd.store.news import News
    from trailarrd.store.quarantine import QuarantineRow
    from trailarrd.store.refreshes import RefreshRow, RefreshStart
    from trailarrd.store.trends import TrendPoint

P = ParamSpec("P")
T = TypeVar("T")

_EVERYTHING = MediaFilter()


class Reader:
    """Every method is one reading transaction; raises `DatabaseError` where that is not possible."""

    def __init__(self, engine: AsyncEngine, place: str, folder: Path | None = None) -> None:
        self._folder = folder
        self._engine = engine
        self._reading = engine.execution_options(read_only=True)
        self._place = place
        self._traffic = Traffic()

    @property
    def name(self) -> str:
        """What to call the database: its file, or its URL without the password."""
        return self._place

    async def connections(self) -> list[ConnectionRow]:
        """Every connection by name, with its state and counts."""
        return await self._read(connections.overview)

    async def foresee_refresh(self, connection: ArrConnection, at: datetime) -> RefreshStart:
        """What `begin_refresh` would say now; writes nothing.

        Raises `ConfigError` if its name belongs to another provider.
        """
        return await self._read(refreshes.foresee, connection, at)

    async def preview(self, plan: RefreshPlan) -> AsyncIterator[list[PlannedItem]]:
        """What the plan would change, item by item, in pages."""
        for action, known in (
            (Action.REMOVED, plan.removals),
            (Action.HELD, plan.held),
            (Action.RELEASED, plan.released),
        ):
            for some in chunks(known):
                yield await self._read(previews.of_known, some, action)
        for changes in chunks(plan.changes):
            yield await self._read(previews.of_changes, changes)
        for additions in chunks(plan.additions):
            yield previews.of_additions(additions)

    async def lull(self, longest: float) -> None:
        """Let everybody have a turn, and whoever reads or writes just now end it within so many seconds."""
        await self._traffic.lull(longest)

    def piles(self) -> Piles:
        """Where a plan keeps what it would change; beside the database, if we may write there."""
        return Piles(self._folder)

    async def known(self, start: RefreshStart) -> KnownItems:
        """What is known of the connection's items, removed ones too."""
        return await self._read(media.known, start.connection_id)

    async def known_like(self, start: RefreshStart, marks: Sequence[Marks]) -> KnownItems:
        """The same of those that share an arr id, an identity or a folder with one of these."""
        return await self._read(media.known_like, start.connection_id, marks)

    async def stored(self, ids: Sequence[int]) -> dict[int, Entry]:
        """The whole entries of these items, as far as there are such."""
        found = await self._read(media.stored, ids)
        return {number: from_row(item.entry) for number, item in found.items()}

    async def circuit(self, connection: str) -> Circuit:
        """What the connection's last refreshes mean for its next one."""
        return await self._read(connections.circuit, connection)

    async def root_history(self, start: RefreshStart) -> RootHistory:
        """What earlier refreshes made of the connection's roots."""
        hashes, doubted = await self._read(roots.remembered, start.connection_id)
        return RootHistory(hashes, partial(self._read, roots.folders, start.connection_id), doubted)

    async def roots(self) -> dict[str, list[RootObservation]]:
        """Every root folder as it was last found, by its connection's name."""
        return await self._read(roots.listing)

    async def quarantine(self, connection: str | None = None) -> list[QuarantineRow]:
        """The records that the last applied refreshes could not use."""
        return await self._read(quarantine.listing, connection)

    async def media(
        self, which: MediaFilter = _EVERYTHING, *, now: datetime
    ) -> AsyncGenerator[list[MediaRow], None]:
        """The items that fit, by id, in pages; removed ones are left out."""
        if which.ids is not None:
            for chunk in chunks(sorted(set(which.ids))):
                yield await self._read(listing.some, which, now, chunk)
            return
        last = 0
        while page := await self._read(listing.page, which, now, after=last):
            yield page
            last = page[-1].id

    async def matching(self, words: str) -> list[MediaRow]:
        """Items by their id, else by a path in or of their folder, else by title; removed ones last."""
        return await self._read(listing.matching, words.rstrip("/"))

    async def select(
        self,
        which: MediaFilter,
        *,
        order: MediaOrder,
        limit: int,
        after: int = 0,
        skip: int = 0,
        now: datetime,
    ) -> list[MediaRow]:
        """So many of the items that fit in that order, after that id, but for the first `skip`."""
        return await self._read(
            listing.selection, which, now, order=order, limit=limit, after=after, skip=skip
        )

    async def count(self, which: MediaFilter = _EVERYTHING, *, now: datetime) -> int:
        """How many items fit."""
        return await self._read(listing.count, which, now)

    async def tally(self, now: datetime) -> Tally:
        """How many items each connection has of each status and each trailer state."""
        return await self._read(listing.tally, now)

    async def trend(self, now: datetime, span: timedelta) -> list[TrendPoint]:
        """How many trailers were there, wanted and unknown in that span, the oldest point first."""
        return await self._read(trends.trend, now, span)

    async def history(
        self,
        *,
        limit: int = 100,
        connection: str | None = None,
        media_id: int | None = None,
        event: HistoryEvent | None = None,
        before: int | None = None,
    ) -> list[HistoryRow]:
        """What happened, the newest first; `before` is the id of the event where to go on."""
        return await self._read(
            history.latest,
            limit=limit,
            connection=connection,
            media_id=media_id,
            event=event,
            before=before,
        )

    async def refreshes(
        self,
        *,
        limit: int,
        connection: str | None = None,
        outcome: Outcome | None = None,
        before: int | None = None,
    ) -> list[RefreshRow]:
        """Refreshes, the newest first; `before` is the number of the one where to go on."""
        return await self._read(
            refreshes.latest, limit=limit, connection=connection, outcome=outcome, before=before
        )

    async def api_keys(self) -> Sequence[ApiKey]:
        """The keys to the HTTP API, as far as they are kept: by their hashes."""
        return await self._read(keys.listing)

    async def webhook_digests(self) -> dict[str, str]:
        """With which token each connection's server posts its events, by its hash."""
        return await self._read(webhooks.digests)

    async def latest_event(self) -> int:
        """The newest event's id, 0 if nothing has ever happened."""
        return await self._read(news.latest_event)

    async def news(self, history_id: int) -> News:
        """What happened after that event, a page of it, and how each connection stands."""
        return await self._read(news.since, history_id)

    async def _read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with self._traffic.transaction():
            return await transact(self._reading, self._place, work, *args, **kwargs)
