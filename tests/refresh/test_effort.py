"""How much an item costs, in calls of our own functions: a count that no busy machine disturbs.

With tens of thousands of items a further call for each is what a user waits for. Whoever needs one raises
the bound and says what for.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import trailarrd
import trailarrd_radarr
from tests.refresh.conftest import did
from trailarrd.testing import RADARR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from tests.refresh.conftest import World
    from trailarrd.testing import Dialect

OURS = tuple(f"{Path(package.__file__ or '').parent}/" for package in (trailarrd, trailarrd_radarr))
NOT_OURS = f"{OURS[0]}testing/"
SETTLED = 3.2
"""Seconds after which a folder's times are believed."""
FEW, MANY = 100, 600


@pytest.fixture
def dialect() -> Dialect:
    return RADARR


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """The calls of our functions, in all threads that begin meanwhile, too."""
    calls: Counter[str] = Counter()

    def count(frame: FrameType, event: str, _argument: Any) -> None:
        file = frame.f_code.co_filename
        if event == "call" and file.startswith(OURS) and not file.startswith(NOT_OURS):
            calls[frame.f_code.co_qualname] += 1

    threading.setprofile(count)
    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # which is how it is switched off


async def effort(world: World, expected: dict[str, int]) -> Counter[str]:
    with counted() as calls:
        report = await world.refresh()
    assert did(report) == expected
    return calls


def per_item(few: Counter[str], many: Counter[str]) -> float:
    """What each further item costs; what a refresh costs anyway is in both."""
    return (many.total() - few.total()) / (MANY - FEW)


async def test_an_item_that_is_as_it_was_costs_29_calls(world: World) -> None:
    """Nine make an Item of it, five its facts, two say if it is wanted; two look at its folder."""
    calls = []
    for size in (FEW, MANY):
        world.grow(size)
        await asyncio.sleep(SETTLED)
        await world.refresh()
        world.now -= timedelta(minutes=1)  # so that it is nobody's turn to be listed anyway
        calls.append(await effort(world, {"fetched": size, "unchanged": size}))
    assert per_item(*calls) < 29


async def test_a_new_item_costs_71_calls(world: World) -> None:
    """A dozen list its folder, as many make its row; a dozen fit its facts, and fold what it is found by."""
    calls = []
    for size in (FEW, MANY):
        world.name = f"library of {size}"
        await world.store.register([(world.name, world.provider.name, world.provider.media_kind)])
        world.grow(size)
        calls.append(await effort(world, {"fetched": size, "added": size}))
    assert per_item(*calls) < 71
