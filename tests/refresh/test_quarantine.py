"""A record that cannot be read is counted and named; it stops nobody else and is no reason to remove."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from tests.refresh.conftest import did
from trailarrd.domain.report import Outcome
from trailarrd.testing import RADARR, BrokenRecord, Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from structlog.typing import EventDict

    from tests.refresh.conftest import World


def quarantined(logs: list[EventDict]) -> list[tuple[Any, ...]]:
    """What the log says of records that could not be read."""
    return [
        (line["log_level"], line["connection"], line["position"], line["arr_id"])
        for line in logs
        if line["event"] == "record.quarantined"
    ]


WRONG = [
    {"title": 17},
    {"title": None},
    {"title": ""},
    {"path": 17},
    {"path": ""},
    {"year": "2024"},
    {"year": -1},
    {"monitored": "yes"},
    {"title": "\ud800"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
async def test_a_wrong_value_quarantines_its_record_alone(world: World, wrong: dict[str, object]) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await world.refresh()
    row = (await world.rows())[2]
    world.shelf.library.edit(1, title="Alpha Prime")
    good = world.shelf.library.record(2)
    world.shelf.library.edit(2, **wrong)
    world.shelf.library.delete(3)
    with capture_logs() as logs:
        report = await world.refresh()
    assert quarantined(logs) == [("warning", "library", 1, 2)]
    assert (report.outcome, report.error) == (Outcome.PARTIAL, None)
    assert did(report) == {"fetched": 1, "updated": 1, "removed": 1, "quarantined": 1}
    assert (await world.rows())[2] == row, "what is known of it stays"

    world.shelf.library.replace(2, good)
    report = await world.refresh()
    assert (report.outcome, did(report)) == (Outcome.OK, {"fetched": 2, "unchanged": 2})


@pytest.mark.parametrize(
    "value", [{"title": "no id"}, {"id": "2", "title": "an odd id"}, "no record", None, [], 17], ids=str
)
async def test_a_record_without_an_id_could_be_any_item_so_nothing_is_removed(
    world: World, value: object
) -> None:
    await world.refresh()
    world.shelf.library.edit(1, title="Alpha Prime")
    world.shelf.library.replace(2, value)
    world.shelf.library.delete(3)
    with capture_logs() as logs:
        report = await world.refresh()
    assert quarantined(logs) == [("warning", "library", 1, None)]
    assert (report.outcome, report.removed) == (Outcome.PARTIAL, 0)
    assert did(report) == {"fetched": 1, "updated": 1, "held": 2, "quarantined": 1}
    assert await world.each("title") == {1: "Alpha Prime", 2: "Beta", 3: "Gamma"}


async def test_an_id_that_cannot_be_one_is_quarantined(world: World) -> None:
    await world.refresh()
    world.shelf.library.edit(2, id=-2)
    report = await world.refresh()
    assert (report.outcome, report.quarantined) == (Outcome.PARTIAL, 1)
    assert set(await world.rows()) >= {1, 3}
    assert -2 not in await world.rows()


async def test_a_new_record_that_cannot_be_read_is_added_when_it_can(world: World) -> None:
    world.shelf.server.fault = BrokenRecord(phase=Phase.LIST, position=1)
    assert did(await world.refresh()) == {"fetched": 2, "added": 2, "quarantined": 1}
    world.shelf.server.fault = None
    assert did(await world.refresh()) == {"fetched": 3, "added": 1, "unchanged": 2}


async def test_an_id_that_is_listed_twice_counts_once(world: World) -> None:
    await world.refresh()
    twin = world.shelf.add("Twin", 2004)
    world.shelf.library.replace(twin, {**world.shelf.library.record(1), "title": "Alpha's twin"})
    with capture_logs() as logs:
        report = await world.refresh()
    assert quarantined(logs) == [("warning", "library", 3, 1)]
    assert (report.outcome, did(report)) == (
        Outcome.PARTIAL,
        {"fetched": 3, "unchanged": 3, "quarantined": 1},
    )
    assert await world.each("title") == {1: "Alpha", 2: "Beta", 3: "Gamma"}


@pytest.mark.parametrize("dialect", [RADARR], ids=["radarr"])
async def test_a_twin_is_found_however_far_apart_the_two_stand(world: World) -> None:
    for number in range(4, 1201):
        world.shelf.library.add(title=f"Item {number}", year=2000)
    world.shelf.library.replace(1200, world.shelf.library.record(1))
    report = await world.refresh()
    assert did(report) == {"fetched": 1199, "added": 1199, "quarantined": 1}


@pytest.mark.parametrize("dialect", [RADARR], ids=["radarr"])
async def test_positions_are_counted_over_the_whole_list(world: World) -> None:
    for number in range(4, 1201):
        world.shelf.library.add(title=f"Item {number}", year=2000)
    world.shelf.library.edit(700, title=17)
    world.shelf.library.edit(1100, title="")
    with capture_logs() as logs:
        report = await world.refresh()
    assert [line[2:] for line in quarantined(logs)] == [(699, 700), (1099, 1100)]
    assert did(report) == {"fetched": 1198, "added": 1198, "quarantined": 2}


async def test_a_parser_that_stumbles_quarantines_what_it_stumbled_over(world: World) -> None:
    await world.refresh()
    parse: Callable[[Any], Any] = world.provider.parser

    def stumble(record: Any) -> Any:
        if record.id == 2:
            raise KeyError("no such field")
        return parse(record)

    world.provider = replace(world.provider, parser=stumble)
    world.shelf.library.delete(3)
    with capture_logs() as logs:
        report = await world.refresh()
    assert quarantined(logs) == [("warning", "library", 1, 2)]
    assert next(line["reason"] for line in logs if line["event"] == "record.quarantined") == (
        "KeyError: 'no such field'"
    )
    assert did(report) == {"fetched": 1, "unchanged": 1, "removed": 1, "quarantined": 1}
    assert set(await world.rows()) == {1, 2}


async def test_a_parser_that_can_read_nothing_removes_nothing(world: World) -> None:
    await world.refresh()
    before = world.database.content()

    def stumble(record: Any) -> Any:
        raise RuntimeError("out of order")

    world.provider = replace(world.provider, parser=stumble)
    report = await world.refresh()
    assert (report.outcome, did(report)) == (Outcome.PARTIAL, {"quarantined": 3})
    assert world.database.content() == before
