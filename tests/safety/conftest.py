"""What the proofs of safety share: worlds to break, and how to tell that nothing was lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import asdict

from tests.blank import lay_blank
from tests.refresh.conftest import dialect, world
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.refresh.conftest import World

__all__ = ["as_if_fresh", "contents", "dialect", "row_ids", "spoken", "words", "world"]

_OWN_TO_A_DATABASE: Final = {"id", "first_seen", "first_refresh", "last_changed", "intent_at", "signature"}
"""Numbers and times, which are others in another database of the same library, and signatures.

Those tell nothing of an item, and whether a folder is old enough for one goes by how busy the machine is.
"""

Contents = dict[int, dict[str, Any]]


async def contents(world: World) -> Contents:
    """Everything that is known of each item but numbers and times, by arr id."""
    return {
        arr_id: {name: value for name, value in asdict(row).items() if name not in _OWN_TO_A_DATABASE}
        for arr_id, row in (await world.rows()).items()
    }


async def as_if_fresh(world: World) -> Contents:
    """What a database that begins today holds of this server and this disk, given the user's words."""
    spoken = await words(world)
    with TemporaryDirectory(dir=world.database.path.parent) as folder:
        lay_blank(Path(folder) / "fresh.db")
        async with Store.open(f"sqlite+aiosqlite:///{folder}/fresh.db") as store:
            await store.register([(world.name, world.provider.name, world.provider.media_kind)])
            fresh = replace(world, store=store)
            assert (await fresh.refresh()).error is None
            for arr_id, word in spoken.items():
                if word is not None:
                    await fresh.intend(arr_id, intent=word)
            return await contents(fresh)


async def words(world: World) -> Mapping[int, bool | None]:
    """The user's own word for each item, by arr id."""
    return await world.each("intent")


async def row_ids(world: World) -> dict[str, int]:
    """Which row each item has, by title: the one thing of an item that these tests never change."""
    return {row.title: row.id for row in (await world.rows()).values()}


@pytest.fixture
async def spoken(world: World) -> World:
    """Three items, refreshed once; Alpha is wanted, Beta is not, Gamma has a trailer."""
    world.shelf.put(3, "Trailers/Teaser.mkv")
    await world.refresh()
    await world.intend(1, intent=True)
    await world.intend(2, intent=False)
    return world
