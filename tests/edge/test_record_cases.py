"""Cases 8 to 10: records without a field, with a wrong one, or with ids that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.edge.conftest import rows_by_title, states
from tests.refresh.conftest import did
from trailarrd.domain.report import Outcome
from trailarrd.testing import (
    RADARR,
    SONARR,
)

if TYPE_CHECKING:
    from tests.refresh.conftest import World

OF_BOTH = ("images", "year", "imdbId", "statistics", "tmdbId", "monitored", "rootFolderPath")
ABSENT = [
    *((RADARR, name) for name in (*OF_BOTH, "youTubeTrailerId", "movieFile")),
    *((SONARR, name) for name in (*OF_BOTH, "tvdbId", "seasons")),
]


@pytest.mark.parametrize(("dialect", "name"), ABSENT, ids=lambda one: getattr(one, "app_name", one))
async def test_08_absent_field_keeps_the_item(world: World, name: str) -> None:
    world.shelf.library.clear(2, name)
    report = await world.refresh()
    assert (report.outcome, did(report)) == (Outcome.OK, {"fetched": 3, "added": 3})
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await world.refresh()
    assert await states(world) == {1: "absent", 2: "present", 3: "absent"}


async def test_08_absent_path_is_counted_and_the_rest_goes_on(world: World) -> None:
    """Without its folder there is nothing to look at: the item stays as it was."""
    await world.refresh()
    world.shelf.library.clear(2, "path")
    world.shelf.library.edit(3, title="Gamma Prime")
    report = await world.refresh()
    assert did(report) == {"fetched": 2, "updated": 1, "unchanged": 1, "quarantined": 1}
    assert await world.each("title") == {1: "Alpha", 2: "Beta", 3: "Gamma Prime"}


# 9: wrong types


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("year", "2024"),
        ("title", None),
        ("title", 17),
        ("path", ["/movies"]),
        ("monitored", "yes"),
    ],
    ids=str,
)
async def test_09_wrong_type_in_one_field(world: World, field: str, value: Any) -> None:
    """Quarantined with the reason; the others go on; nothing of it is removed."""
    await world.refresh()
    world.shelf.library.replace(2, {**world.shelf.library.record(2), field: value})
    world.shelf.library.edit(3, title="Gamma Prime")
    report = await world.refresh()
    assert did(report) == {"fetched": 2, "updated": 1, "unchanged": 1, "quarantined": 1}
    assert await world.each("title") == {1: "Alpha", 2: "Beta", 3: "Gamma Prime"}
    (record,) = await world.store.quarantine()
    assert record.position == 1
    assert record.reason


@pytest.mark.parametrize("value", [-1, 0, 2**70, "two", 2.5, None, True], ids=repr)
async def test_09_wrong_id(world: World, value: Any) -> None:
    """It could be any item that is missing from the list now: nothing is removed at all."""
    await world.refresh()
    world.shelf.library.replace(2, {**world.shelf.library.record(2), "id": value})
    world.shelf.library.edit(3, title="Gamma Prime")
    report = await world.refresh()
    assert did(report) == {"fetched": 2, "updated": 1, "unchanged": 1, "held": 1, "quarantined": 1}
    assert await world.each("title") == {1: "Alpha", 2: "Beta", 3: "Gamma Prime"}


# 10: ids elsewhere that are no ids


@pytest.mark.parametrize("value", [0, None], ids=["zero", "absent"])
async def test_10_no_id_elsewhere_on_two_items(world: World, value: int | None) -> None:
    library = world.shelf.library
    for arr_id in (1, 2):
        if value is None:
            library.clear(arr_id, library.dialect.identity)
        else:
            library.edit(arr_id, **{library.dialect.identity: value})
    assert did(await world.refresh()) == {"fetched": 3, "added": 3}
    before = await rows_by_title(world)
    assert len(before) == 3
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3}
    assert await rows_by_title(world) == before
