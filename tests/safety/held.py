"""Libraries large enough for the guard, and what of them is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.domain.guard import Guard
from trailarrd.domain.report import Outcome
from trailarrd.store.filter import MediaFilter
from trailarrd.testing import BrokenRecord, Phase

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tests.refresh.conftest import World


OK, PARTIAL, FAILED = Outcome.OK, Outcome.PARTIAL, Outcome.FAILED
NO_REMOVAL = Guard(max_items=0, max_fraction=0.0)
"""Holds every removal, so that a few items are enough for a test."""
ANYTHING = Guard(max_items=1_000_000, max_fraction=1.0)
ONE = BrokenRecord(phase=Phase.LIST, position=0)
NOBODY = BrokenRecord(phase=Phase.LIST, position=0, field=None)


DEFAULT = Guard()


async def grow(world: World, size: int) -> None:
    """A library of that size, refreshed once."""
    for number in range(len(world.shelf.library) + 1, size + 1):
        world.shelf.add(f"Item {number}", 1950 + number)
    await world.refresh()


async def held(world: World) -> Mapping[str, datetime | None]:
    """The titles of the items whose removal is held, and since when."""
    only = MediaFilter(connection=world.name, held=True)
    return {row.title: row.held_at async for page in world.store.media(only, now=world.now) for row in page}


async def told(world: World, event: str) -> list[str]:
    """The titles of which the history tells that event, in its order."""
    rows = await world.store.history(limit=10_000)
    return [row.title for row in reversed(rows) if row.event == event]
