"""Connections that are refreshed side by side share the machine: counted in batches, not in seconds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.refresh.conftest import did
from trailarrd.domain.media import Media
from trailarrd.domain.paths import RemotePath
from trailarrd.plugin import SystemStatus
from trailarrd.testing import RADARR

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from tests.refresh.conftest import World
    from trailarrd.testing import Dialect

BATCH = 500
LARGE = 20_000


@pytest.fixture
def dialect() -> Dialect:
    return RADARR


@dataclass
class Numbers:
    """An API manager whose records are their own arr ids, and that never has to wait for one."""

    size: int
    now: Callable[[], int]
    handed_on: list[int] = field(default_factory=list)
    """What `now` was at each batch."""

    async def system_status(self) -> SystemStatus:
        return SystemStatus(app_name="Radarr", version="6.0.4.10291")

    async def root_folders(self) -> Sequence[RemotePath]:
        return []

    async def all_media(self) -> AsyncGenerator[Sequence[int], None]:
        for first in range(1, self.size + 1, BATCH):
            self.handed_on.append(self.now())
            yield range(first, min(first + BATCH, self.size + 1))

    async def media(self, arr_id: int) -> int | None:
        return arr_id


def parse(number: int) -> Media:
    path = RemotePath(f"relative, so that there is nothing to look at/{number}")
    return Media(arr_id=number, title=f"Movie {number}", path=path, monitored_remotely=True)


async def test_each_batch_lets_everybody_else_have_a_turn(world: World) -> None:
    """Whatever the API manager does: one that finds all its batches at hand never waits for anything."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    large = Numbers(LARGE, now=lambda: turns)
    lists_numbers = replace(world, provider=replace(world.provider, parser=parse))
    report = await lists_numbers.refresh(large)
    counting.cancel()
    assert did(report) == {"fetched": LARGE, "added": LARGE}
    assert len(large.handed_on) == LARGE // BATCH
    assert all(later > earlier for earlier, later in pairwise(large.handed_on))
