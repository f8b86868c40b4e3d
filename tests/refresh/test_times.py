"""A disk whose folder times lie: caught once by a listing, and never trusted again."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trailarrd.disk.roots import Roots
from trailarrd.doctor import Explainer
from trailarrd.domain.times import AUTO, TimesPolicy, TrustTimes
from trailarrd.domain.trailers import STANDARD
from trailarrd.testing import RADARR

if TYPE_CHECKING:
    from tests.refresh.conftest import World
    from trailarrd.testing import Dialect

SETTLED = 3.2
"""Seconds after which a folder's times are believed."""


@pytest.fixture
def dialect() -> Dialect:
    return RADARR


class StandingStill:
    """The real disk, but for folder times, which are what they were when they were first asked for."""

    def __init__(self) -> None:
        self._facts: dict[str, os.stat_result] = {}

    def stat(self, path: str) -> os.stat_result:
        return self._facts.setdefault(path, Path(path).stat())


async def test_a_root_that_was_caught_lying_is_listed_at_each_refresh_from_then_on(world: World) -> None:
    world.roots = Roots(stat=StandingStill().stat)
    await asyncio.sleep(SETTLED)
    await world.refresh()
    assert set((await world.each("trailer")).values()) == {"absent"}
    world.shelf.put(1, "Trailers/x.mkv")
    world.now -= timedelta(minutes=1)  # no time has passed, so it is nobody's turn to be listed anyway
    await world.refresh()
    assert (await world.each("trailer"))[1] == "absent", "the times of its folder hide it"
    world.now += timedelta(days=8)
    await world.refresh()
    assert (await world.each("trailer"))[1] == "present"
    assert [root.caught_lying for root in (await world.store.roots())["library"]] == [True]
    world.shelf.put(2, "Trailers/x.mkv")
    world.now -= timedelta(minutes=1)
    await world.refresh()
    assert (await world.each("trailer"))[2] == "present"


async def test_a_lie_that_a_look_at_some_items_finds_is_remembered_too(world: World) -> None:
    world.roots = Roots(stat=StandingStill().stat)
    await asyncio.sleep(SETTLED)
    await world.refresh()
    world.shelf.put(1, "Trailers/x.mkv")
    assert await world.refresher().revisit([1])
    assert [root.caught_lying for root in (await world.store.roots())["library"]] == [True]


async def test_explain_promises_nothing_that_the_times_hide(world: World) -> None:
    world.shelf.put(1, "Trailers/x.mkv")
    await asyncio.sleep(SETTLED)
    await world.refresh()
    # As if the refresh had not found it yet in a folder that looks the same.
    world.database.sql("UPDATE media SET trailer = 'absent', trailer_file = NULL WHERE arr_id = 1")
    hidden = "its folder's turn to be listed (disk.full_scan), which will find its trailer present"
    for policy, change in (
        (AUTO, f"{hidden}; its times hide that, so write never for it in disk.trust_times"),
        (TimesPolicy(TrustTimes.NEVER), "the next refresh, which will find its trailer present"),
    ):
        explainer = Explainer(store=world.store, mappings=[world.mapping], rules=STANDARD, times=policy)
        (connection,) = await world.store.connections()
        told = await explainer.explain((await world.rows())[1], connection, world.now)
        assert told.would_change[0] == change
