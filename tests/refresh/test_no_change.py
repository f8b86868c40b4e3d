"""A refresh that finds nothing new writes nothing; `updated` means that something stored really changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.refresh.conftest import did
from trailarrd.domain.report import Outcome
from trailarrd.testing import CompactJson

if TYPE_CHECKING:
    from tests.refresh.conftest import World


@pytest.fixture(autouse=True)
def _folders_are_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """As those of a real library; else how busy the machine is decides when their signatures are stored."""
    monkeypatch.setattr("trailarrd.disk.signature.YOUNG_NS", 0)


async def test_no_change_writes_nothing_to_the_media_table(world: World) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await world.refresh()
    before = world.database.content()
    world.database.watch()
    report = await world.refresh()
    assert (report.outcome, did(report)) == (Outcome.OK, {"fetched": 3, "unchanged": 3})
    assert (report.trailers.present, report.monitored) == (1, 2)
    assert world.database.written() == []
    assert world.database.content() == before


async def test_what_a_servers_own_metadata_refresh_moves_is_no_change(world: World) -> None:
    await world.refresh()
    world.database.watch()
    for arr_id in (1, 2, 3):
        world.shelf.library.edit(
            arr_id,
            popularity=99.9,
            ratings={"votes": 1, "value": 1.0},
            lastSearchTime="2026-01-01T00:00:00Z",
            nextAiring="2026-01-08T20:00:00Z",
            images=[{"coverType": "poster", "url": f"/MediaCover/{arr_id}/poster.jpg?lastWrite=1"}],
        )
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3}
    assert world.database.written() == []


async def test_another_layout_or_order_of_the_same_answer_is_no_change(world: World) -> None:
    await world.refresh()
    world.database.watch()
    record = world.shelf.library.record(1)
    world.shelf.library.replace(1, dict(sorted(record.items())))
    world.shelf.server.fault = CompactJson()
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3}
    assert world.database.written() == []


async def test_only_the_row_of_the_changed_item_is_written(world: World) -> None:
    await world.refresh()
    world.database.watch()
    world.shelf.library.edit(2, title="Beta Prime")
    assert did(await world.refresh()) == {"fetched": 3, "updated": 1, "unchanged": 2}
    assert world.database.written() == [("UPDATE", 2)]


async def test_only_a_changed_item_says_that_it_changed(world: World) -> None:
    await world.refresh()
    first = world.now
    world.shelf.library.edit(2, title="Beta Prime")
    await world.refresh()
    assert await world.each("last_changed") == {1: first, 2: world.now, 3: first}
    assert await world.each("first_seen") == {1: first, 2: first, 3: first}
