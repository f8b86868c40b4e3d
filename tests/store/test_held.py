"""Removals that wait for the user's word: held, approved, discarded, and gone by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from tests.domain.library import add
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.planner import Planner
from trailarrd.domain.report import Outcome

if TYPE_CHECKING:
    from tests.store.conftest import Library

pytestmark = pytest.mark.shared

PRESENT = TrailerState.PRESENT


async def test_held_items_stay_and_are_marked_once(library: Library) -> None:
    await library.refresh(library.item(1), library.item(2))
    counts = await library.refresh()
    assert (counts.held, counts.removed) == (2, 0)
    assert sorted(await library.rows()) == [1, 2]
    assert await library.events(1) == ["added", "held"]
    library.forbid_writing()
    assert (await library.refresh()).held == 2


async def test_a_held_item_that_is_listed_again_is_held_no_longer(library: Library) -> None:
    await library.refresh(library.item(1), library.item(2))
    await library.refresh()
    counts = await library.refresh(library.item(1), library.item(2))
    assert (counts.held, counts.unchanged, counts.restored) == (0, 2, 0)
    assert [row.held for row in await library.store.connections()] == [0]


async def test_approval_removes_exactly_what_is_held(library: Library) -> None:
    items = [library.item(number) for number in range(1, 21)]
    await library.refresh(*items)
    assert (await library.refresh(*items[:2])).held == 18
    assert (await library.refresh(*items[:4])).held == 16, "3 and 4 came back"
    assert await library.store.approve_removals("movies", library.now) == 16
    assert await library.store.approve_removals("movies", library.now) == 0
    assert sorted(await library.rows()) == [1, 2, 3, 4]
    assert await library.events(5) == ["added", "held", "removed"]
    (last, *_) = await library.store.history(media_id=5)
    assert (last.event, last.detail) == ("removed", {"approved": True})


async def test_an_item_that_came_back_stays_if_its_removal_is_approved_during_that_refresh(
    library: Library,
) -> None:
    items = [library.item(number) for number in range(1, 21)]
    await library.refresh(*items)
    await library.refresh(*items[:2])
    start = await library.begin()
    plan = await library.plan(start, items[:4])
    assert await library.store.approve_removals("movies", library.now) == 18
    counts = await library.store.apply(start, plan, at=library.now, outcome=Outcome.OK)
    assert (counts.restored, counts.unchanged, counts.fetched) == (2, 2, 4)
    assert sorted(await library.rows()) == [1, 2, 3, 4]
    assert await library.events(3) == ["added", "held", "removed", "restored"]
    assert (await library.refresh(*items[:4])).unchanged == 4


async def test_discarding_keeps_what_was_held_until_the_next_refresh(library: Library) -> None:
    await library.refresh(library.item(1), library.item(2))
    await library.refresh()
    assert await library.store.discard_removals("movies") == 2
    assert sorted(await library.rows()) == [1, 2]
    assert await library.store.approve_removals("movies", library.now) == 0
    assert (await library.refresh()).held == 2


async def test_a_held_item_whose_arr_id_went_to_another_stands_in_nobodys_way(library: Library) -> None:
    await library.refresh(library.item(1), library.item(2))
    await library.refresh()
    stranger = library.item(1, title="Another", path="/movies/Another", external_ids={"tmdb": "77"})
    start = await library.begin()
    known = await library.store.known(start)
    library.sql("UPDATE media SET identity_mark = 501 WHERE arr_id = 1")
    planner = Planner(await library.store.known(start), start.rules)
    add(planner, [stranger._replace(item=replace(stranger.item, identity="77"))])
    plan = planner.finish(may_remove=False)
    counts = await library.store.apply(start, plan, at=library.now, outcome=Outcome.PARTIAL)
    assert (counts.added, counts.held, len(known)) == (1, 2, 2)
    assert await library.store.discard_removals("movies") == 1, "item 1 stays held: another has its id"
