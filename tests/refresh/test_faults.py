"""Whatever goes wrong on the way: nothing is lost, and the next clean refresh makes good."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Final

import pytest

from tests.refresh.conftest import IMPATIENT, did, seen
from trailarrd.domain.report import ErrorKind, Outcome
from trailarrd.plugin import Timeouts
from trailarrd.testing import (
    FAULTS,
    RADARR,
    BrokenJson,
    BrokenRecord,
    CompactJson,
    CutGzip,
    EmptyList,
    Ending,
    Fault,
    Latency,
    LoginPage,
    LoginRedirect,
    Phase,
    RedirectElsewhere,
    Refusal,
    Reset,
    ServerError,
    ShortenedList,
    Stall,
    TrailingGarbage,
    Truncated,
    WrongApplication,
)

if TYPE_CHECKING:
    from tests.refresh.conftest import World

UNAVAILABLE, REJECTED, RESPONSE = ErrorKind.UNAVAILABLE, ErrorKind.REJECTED, ErrorKind.RESPONSE
STEPS: Final = frozenset({Phase.STATUS, Phase.ROOT_FOLDERS, Phase.LIST})
"""What a refresh asks for, in this order."""

FAILING: Final[list[tuple[Fault, ErrorKind]]] = [
    (Latency(seconds=30), UNAVAILABLE),
    (Stall(seconds=30), UNAVAILABLE),
    (Truncated(at=0.5), RESPONSE),
    (Truncated(at=0.99), RESPONSE),
    (Truncated(at=0.5, ending=Ending.CLOSED), UNAVAILABLE),
    (Reset(), UNAVAILABLE),
    (Reset(at=0.5), UNAVAILABLE),
    (CutGzip(), RESPONSE),
    (ServerError(status=500), UNAVAILABLE),
    (ServerError(status=502), UNAVAILABLE),
    (ServerError(status=503, retry_after="30"), UNAVAILABLE),
    (Refusal(status=401), REJECTED),
    (Refusal(status=403), REJECTED),
    (Refusal(status=404), RESPONSE),
    (LoginPage(), RESPONSE),
    (LoginRedirect(), RESPONSE),
    (RedirectElsewhere(url="http://127.0.0.1:9"), RESPONSE),
    (WrongApplication(), REJECTED),
    (BrokenJson(), RESPONSE),
    (TrailingGarbage(), RESPONSE),
    (BrokenRecord(phase=Phase.STATUS, field="version", value=17), RESPONSE),
    (BrokenRecord(phase=Phase.ROOT_FOLDERS, field="path", value=17), RESPONSE),
    (BrokenRecord(phase=Phase.ROOT_FOLDERS, field=None), RESPONSE),
]
"""Each in every phase where it makes sense, with whose move it is."""

HARMLESS: Final[list[Fault]] = [
    CompactJson(),
    Latency(seconds=0.05),
    Stall(seconds=0.05),
    WrongApplication(app_name=None),
    BrokenRecord(phase=Phase.STATUS),
    EmptyList(phase=Phase.ROOT_FOLDERS),
    ShortenedList(phase=Phase.ROOT_FOLDERS),
]
"""Nothing that a client should mind."""

ELSEWHERE: Final = {(EmptyList, Phase.LIST), (ShortenedList, Phase.LIST), (BrokenRecord, Phase.LIST)}
"""Complete answers; test_changes.py and test_quarantine.py say what becomes of them."""


def phases_of(fault: Fault) -> list[Phase]:
    """Where to try it, in the order of a refresh."""
    fitting = {fault.phase} if fault.phase else fault.phases & STEPS
    if isinstance(fault, BrokenRecord):
        fitting -= {Phase.LIST}
    return [phase for phase in Phase if phase in fitting]


def name_of(value: object) -> str:
    return type(value).__name__ if isinstance(value, Fault) else str(value)


def test_no_fault_of_the_simulation_is_left_out() -> None:
    tried = {(type(fault), phase) for fault, _ in FAILING for phase in phases_of(fault)}
    tried |= {(type(fault), phase) for fault in HARMLESS for phase in phases_of(fault)}
    assert {(fault, phase) for fault in FAULTS for phase in fault.phases & STEPS} == tried | ELSEWHERE


@pytest.mark.parametrize(("fault", "kind"), FAILING, ids=name_of)
async def test_a_failed_refresh_leaves_all_as_it_was_and_the_next_one_makes_good(
    world: World, fault: Fault, kind: ErrorKind
) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await world.refresh()
    before = world.database.content()
    world.shelf.library.edit(1, title="Alpha Prime")
    world.shelf.library.delete(3)
    world.shelf.add("Delta", 2004)
    (world.shelf.place(2) / "Trailers" / "Teaser.mkv").unlink()

    world.timeouts = IMPATIENT
    for phase in phases_of(fault):
        world.shelf.server.fault = replace(fault, phase=phase)
        report = await world.refresh()
        assert world.shelf.server.struck, f"the fault was not met in {phase}"
        assert (report.outcome, report.error and report.error.kind) == (Outcome.FAILED, kind), phase
        assert did(report) == seen(report) == {}
        assert world.database.content() == before, phase

    world.shelf.server.fault = None
    world.timeouts = Timeouts()
    report = await world.refresh()
    assert (report.outcome, report.error) == (Outcome.OK, None)
    assert did(report) == {"fetched": 3, "added": 1, "updated": 2, "removed": 1}
    assert await world.each("title") == {1: "Alpha Prime", 2: "Beta", 4: "Delta"}
    assert await world.each("trailer") == {1: "absent", 2: "absent", 4: "absent"}


@pytest.mark.parametrize("fault", HARMLESS, ids=name_of)
async def test_what_is_no_failure_changes_nothing(world: World, fault: Fault) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await world.refresh()
    before = world.database.content()
    for phase in phases_of(fault):
        world.shelf.server.fault = replace(fault, phase=phase)
        report = await world.refresh()
        assert world.shelf.server.struck, f"the fault was not met in {phase}"
        assert (report.outcome, did(report)) == (Outcome.OK, {"fetched": 3, "unchanged": 3})
        assert seen(report) == {"present": 1, "absent": 2}
        assert world.database.content() == before


async def test_a_server_that_is_gone_loses_nothing_and_is_welcome_back(world: World) -> None:
    await world.refresh()
    before = world.database.content()
    await world.shelf.server.stop()
    report = await world.refresh()
    assert (report.outcome, report.error and report.error.kind) == (Outcome.FAILED, UNAVAILABLE)
    assert world.database.content() == before
    await world.shelf.server.start()
    world.shelf.library.delete(3)
    assert did(await world.refresh()) == {"fetched": 2, "unchanged": 2, "removed": 1}


@pytest.mark.parametrize("dialect", [RADARR], ids=["radarr"])
async def test_part_of_a_large_library_never_looks_like_all(world: World) -> None:
    for number in range(4, 1301):
        world.shelf.library.add(title=f"Item {number}", year=2000)
    await world.refresh()
    before = world.database.content()
    assert len(before["media"]) == 1300
    for at, ending in product((0.5, 0.999_999), Ending):
        world.shelf.server.fault = Truncated(at=at, ending=ending, phase=Phase.LIST)
        report = await world.refresh()
        assert (report.outcome, did(report)) == (Outcome.FAILED, {})
        assert world.database.content() == before


async def test_a_failure_is_remembered_with_its_reason_until_the_next_success(world: World) -> None:
    await world.refresh()
    (row,) = await world.store.connections()
    first_success = row.last_success
    world.shelf.server.fault = Refusal()
    report = await world.refresh()
    (row,) = await world.store.connections()
    assert report.error is not None
    assert (row.last_outcome, row.last_error_kind) == (Outcome.FAILED, REJECTED)
    assert (row.last_error, row.last_success) == (report.error.message, first_success)
    world.shelf.server.fault = None
    await world.refresh()
    (row,) = await world.store.connections()
    assert (row.last_outcome, row.last_error_kind, row.last_error) == (Outcome.OK, None, None)
    assert row.last_success == world.now
