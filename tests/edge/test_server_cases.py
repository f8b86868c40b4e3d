"""Cases 1 to 7: servers that are down, slow, lie, or answer with something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.edge.conftest import grow
from tests.refresh.conftest import did
from tests.world import KEY, Shelf
from trailarrd.domain.connection import Timeouts
from trailarrd.domain.report import ErrorKind, Outcome
from trailarrd.testing import (
    EmptyList,
    Fault,
    Latency,
    LoginPage,
    LoginRedirect,
    Phase,
    Refusal,
    ServerError,
    ShortenedList,
    SimulatedArr,
    Stall,
)

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household
    from tests.refresh.conftest import World


async def refused(world: World, kind: ErrorKind) -> str:
    """A refresh that fails and leaves everything as it was; what it says."""
    before = world.database.content()
    report = await world.refresh()
    assert report.outcome is Outcome.FAILED
    assert report.error
    assert report.error.kind is kind
    assert world.database.content() == before
    assert KEY not in report.error.message
    return report.error.message


# 1: down or still starting


async def test_01_connection_refused(world: World) -> None:
    await world.refresh()
    await world.shelf.server.stop()
    await refused(world, ErrorKind.UNAVAILABLE)
    await world.shelf.server.start()
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3}


async def test_01_still_starting(world: World) -> None:
    await world.refresh()
    world.shelf.server.fault = ServerError(status=503)
    await refused(world, ErrorKind.UNAVAILABLE)
    world.shelf.server.fault = None
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3}


async def test_01_others_continue(household: Household, trailarrd: CommandLine) -> None:
    await household.movies.server.stop()
    done = await trailarrd("refresh", "--json")
    outcomes = {one["connection"]: one["outcome"] for one in done.document["refreshes"]}
    assert (done.code, outcomes) == (1, {"movies": "failed", "series": "ok"})


# 2 to 4: lists that are too short, and one that really is


async def test_02_empty_list_though_500_items_are_known(world: World) -> None:
    grow(world, 500)
    await world.refresh()
    world.shelf.server.fault = EmptyList(phase=Phase.LIST)
    for _ in range(3):
        report = await world.refresh()
        assert (report.outcome, did(report)) == (Outcome.PARTIAL, {"held": 500})
        assert len(await world.rows()) == 500
    world.shelf.server.fault = None
    report = await world.refresh()
    assert did(report) == {"fetched": 500, "unchanged": 500}
    assert {row.held_at for row in (await world.rows()).values()} == {None}


async def test_03_list_cut_to_60_percent(world: World) -> None:
    """What the short list says is applied; what it does not say is held."""
    grow(world, 100)
    await world.refresh()
    world.shelf.library.edit(1, title="Alpha Prime")
    world.shelf.server.fault = ShortenedList(phase=Phase.LIST, keep=0.6)
    report = await world.refresh()
    assert did(report) == {"fetched": 60, "updated": 1, "unchanged": 59, "held": 40}
    rows = await world.rows()
    assert len(rows) == 100
    assert rows[1].title == "Alpha Prime"


async def test_04_legitimately_emptied_library(household: Household, trailarrd: CommandLine) -> None:
    """Removable by command, and only what was held then."""
    await trailarrd("refresh")
    household.movies.library.delete(1, 2, 3)
    assert (await trailarrd("refresh")).code == 1
    assert (await trailarrd("removals", "approve", "movies")).code == 0
    items = (await trailarrd("media", "--json")).lines
    assert [item["connection"] for item in items] == ["series"] * 3
    assert (await trailarrd("refresh")).code == 0


# 5: something else than the API answers


@pytest.mark.parametrize("fault", [LoginPage(), LoginRedirect()], ids=["page", "redirect"])
async def test_05_html_instead_of_json(world: World, fault: Fault) -> None:
    await world.refresh()
    world.shelf.server.fault = fault
    message = await refused(world, ErrorKind.RESPONSE)
    assert "login page; check the path in url" in message or "a login in front of it" in message


async def test_05_wrong_url_base(world: World) -> None:
    """The server itself lives below a base that the URL does not name."""
    await world.refresh()
    server = SimulatedArr(world.shelf.library, api_key=KEY, url_base="/arr")
    async with server:
        origin = SimulatedArr(world.shelf.library, api_key=KEY, port=server.port)
        world.shelf = Shelf(origin, world.shelf.folder)
        message = await refused(world, ErrorKind.RESPONSE)
    assert "/arr" in message


# 6: wrong key


async def test_06_wrong_key(world: World) -> None:
    """No key in the message, and no second attempt."""
    await world.refresh()
    world.shelf.server.fault = Refusal()
    asked = len(world.shelf.server.requests)
    await refused(world, ErrorKind.REJECTED)
    assert len(world.shelf.server.requests) == asked + 1


# 7: an answer that takes 40 to 120 seconds


def test_07_default_settings_wait_120_seconds_for_the_first_byte_and_no_total_ends_them() -> None:
    assert Timeouts().first_byte >= 120
    assert Timeouts().stall >= 60


@pytest.mark.parametrize(
    "fault",
    [Latency(seconds=0.8, phase=Phase.LIST), Stall(seconds=0.8, phase=Phase.LIST)],
    ids=["first byte", "in the middle"],
)
async def test_07_slow_answer_within_each_bound_succeeds_though_it_takes_longer_in_all(
    world: World, fault: Fault
) -> None:
    """A hundredth of the real times: 120 s for the first byte, 60 s without progress."""
    world.timeouts = Timeouts(first_byte=1.2, stall=1.2)
    world.shelf.server.fault = fault
    report = await world.refresh()
    assert report.outcome is Outcome.OK
    assert report.duration_s > 0.8
