"""What may be much, page by page: each is a transaction of its own, so none is open while others work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.domain.dry_run import Action, PlannedItem
from trailarrd.store import changes, listing, media
from trailarrd.store.filter import MediaFilter, MediaOrder
from trailarrd.store.spool import written
from trailarrd.store.tables import chunks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime

    from trailarrd.domain.media import Media
    from trailarrd.domain.plan import RefreshPlan
    from trailarrd.store.database import Database
    from trailarrd.store.refreshes import RefreshStart


async def told(database: Database, start: RefreshStart) -> AsyncGenerator[list[Media], None]:
    """What the server told last of the items that the refresh is about."""
    for chunk in chunks(sorted(start.only or ())):
        yield await database.read(media.media_of, start, chunk)


async def by_id(
    database: Database, which: MediaFilter, now: datetime
) -> AsyncGenerator[list[listing.MediaRow], None]:
    if which.ids is not None:
        for chunk in chunks(sorted(set(which.ids))):
            yield await database.read(listing.some, which, now, chunk)
        return
    last = 0
    while page := await database.read(listing.page, which, now, after=last):
        yield page
        last = page[-1].id


async def in_order(
    database: Database, which: MediaFilter, order: MediaOrder, now: datetime
) -> AsyncGenerator[list[listing.MediaRow], None]:
    if order is MediaOrder.ID:
        async for page in by_id(database, which, now):
            yield page
        return
    last, most = 0, listing.PAGE
    while page := await database.read(listing.selection, which, order=order, limit=most, after=last, now=now):
        yield page
        last = page[-1].id


async def planned(database: Database, plan: RefreshPlan) -> AsyncGenerator[list[PlannedItem], None]:
    """What a plan would change, item by item."""
    for action, known in (
        (Action.REMOVED, plan.removals),
        (Action.HELD, plan.held),
        (Action.RELEASED, plan.released),
    ):
        for some in chunks(known):
            yield await database.read(changes.of_known, some, action)
    for some_changes in chunks(written(plan.changes, changes.RowChange.of)):
        yield await database.read(changes.of_changes, some_changes)
    for additions in chunks(plan.additions):
        yield changes.of_additions(additions)
