"""Disks whose folder times lie: pools, clouds, and any that a listing caught once."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.depth import IS_DEEP
from tests.mounts import cloud, pool
from trailarrd.disk.roots import Roots
from trailarrd.doctor import Explainer
from trailarrd.domain.paths import LocalPath, PathMapping, RemotePath
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


async def settle() -> None:
    """As long as folders are young nothing is taken for unchanged, whatever they lie on."""
    await asyncio.sleep(SETTLED if IS_DEEP else 0)


def show_at(world: World, place: Path) -> None:
    """The library's folders are seen there."""
    world.mappings = (PathMapping(RemotePath(world.shelf.library.dialect.root), LocalPath(str(place))),)


@pytest.mark.deep
async def test_a_trailer_that_comes_to_or_goes_from_a_pool_is_seen_at_the_next_refresh(
    world: World, tmp_path: Path
) -> None:
    """Whose folders have the times of the first branch, wherever the trailer lies."""
    second, merged = tmp_path / "second", tmp_path / "merged"
    merged.mkdir()
    here, beside = world.shelf.place(1), second / world.shelf.place(1).name / "Heat-trailer.mkv"
    beside.parent.mkdir(parents=True)
    with pool(merged, here.parent, second):
        show_at(world, merged)
        folder = merged / here.name
        await settle()
        await world.refresh()
        before = folder.stat()
        for expected, change in (("present", lambda: beside.write_bytes(b"x")), ("absent", beside.unlink)):
            change()
            await settle()
            await world.refresh()
            assert (await world.each("trailer"))[1] == expected
            assert folder.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.deep
async def test_a_trailer_that_comes_to_a_cloud_is_seen_as_soon_as_its_mount_lists_it(
    world: World, tmp_path: Path
) -> None:
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    with cloud(world.shelf.folder, mounted, cached=0.5):
        show_at(world, mounted)
        await settle()
        await world.refresh()
        assert (await world.each("trailer"))[1] == "absent"
        world.shelf.put(1, "Heat-trailer.mkv")
        await asyncio.sleep(0.6)
        await settle()
        await world.refresh()
        assert (await world.each("trailer"))[1] == "present"
