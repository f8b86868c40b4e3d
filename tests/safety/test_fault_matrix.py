"""Every way to go wrong by every phase, at a first and a later refresh: nothing is lost for good.

A phase is what a refresh asks for: status, root folders, list. Where a fault can strike before, in the
middle or at the end of an answer, it does so in all three places. The tables say what each fault must
lead to; the tests below them are few and the same for all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.depth import IS_DEEP
from tests.refresh.conftest import IMPATIENT, did, seen
from tests.safety.conftest import as_if_fresh, contents, row_ids, words
from tests.safety.faults import (
    FATAL,
    HARMLESS,
    LESS,
    LIST,
    OK,
    REJECTED,
    RESPONSE,
    STEPS,
    UNAVAILABLE,
    Trouble,
    strikes,
)
from tests.world import KEY
from trailarrd.domain.report import ErrorKind, Outcome
from trailarrd.plugin import Timeouts
from trailarrd.testing import (
    FAULTS,
    RADARR,
    SONARR,
    BrokenJson,
    CutGzip,
    Ending,
    Fault,
    Latency,
    Refusal,
    Reset,
    Stall,
    Truncated,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.refresh.conftest import World
    from trailarrd.domain.report import RefreshReport

at_radarr = pytest.mark.parametrize("dialect", [RADARR, *[SONARR] * IS_DEEP], indirect=True)
at_sonarr = pytest.mark.parametrize("dialect", [SONARR, *[RADARR] * IS_DEEP], indirect=True)
"""A refresh is the same for both, so each test has one, and the other as well in `./dev deep`."""
pytestmark = pytest.mark.deep

fatal = pytest.mark.parametrize(("faults", "kind"), [row[1:] for row in FATAL], ids=[row[0] for row in FATAL])
harmless = pytest.mark.parametrize(
    "faults", [faults for _, faults in HARMLESS], ids=[name for name, _ in HARMLESS]
)


def test_no_fault_of_the_simulation_is_left_out() -> None:
    tried = [
        *(fault for _, faults, _ in FATAL for fault in strikes(faults)),
        *(fault for _, faults in HARMLESS for fault in strikes(faults)),
        *(fault for _, faults, _, _ in LESS for fault in strikes(faults)),
    ]
    possible = {(kind, phase) for kind in FAULTS for phase in kind.phases & set(STEPS)}
    assert {(type(fault), fault.phase) for fault in tried} == possible


async def meet(world: World, fault: Fault) -> RefreshReport:
    """A refresh that meets the fault; on a busy host little patience may end before that: then with more."""
    world.shelf.server.fault = fault
    usual = world.timeouts
    for factor in (1, 4, 16):
        first_byte, stall = usual.first_byte * factor, usual.stall * factor
        world.timeouts = replace(usual, first_byte=first_byte, stall=stall)
        report = await world.refresh()
        if world.shelf.server.struck:
            break
    assert world.shelf.server.struck, f"not met: {fault}"
    world.shelf.server.fault, world.timeouts = None, usual
    return report


async def fail(world: World, fault: Fault, kind: ErrorKind) -> None:
    """A refresh that must fail, change nothing, and say so."""
    before = world.database.content()
    report = await meet(world, fault)
    assert (report.outcome, report.error and report.error.kind) == (Outcome.FAILED, kind), fault
    assert did(report) == seen(report) == {}, fault
    assert world.database.content() == before, fault
    (row,) = await world.store.connections()
    assert report.error
    assert KEY not in report.error.message
    assert (row.last_outcome, row.last_error_kind) == (Outcome.FAILED, kind)
    assert (row.last_error, row.last_finished) == (report.error.message, world.now)


def patience(faults: Sequence[Fault]) -> Timeouts:
    """Little where the server seems to hang; elsewhere a busy test host must not look like one."""
    return IMPATIENT if isinstance(faults[0], Latency | Stall) else Timeouts()


async def prepare(world: World) -> None:
    """A first refresh, with a trailer on disk and with the user's words."""
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await world.refresh()
    await world.intend(1, intent=False)
    await world.intend(2, intent=True)


# -- nothing is applied ---------------------------------------------------------------------------


@at_radarr
@fatal
async def test_a_first_refresh_that_fails_stores_nothing_and_the_next_one_makes_good(
    world: World, faults: Sequence[Fault], kind: ErrorKind
) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    world.timeouts = patience(faults)
    for fault in strikes(faults):
        await fail(world, fault, kind)
    assert await contents(world) == {}
    assert (await world.store.connections())[0].last_success is None

    world.timeouts = Timeouts()
    report = await world.refresh()
    assert (report.outcome, report.error, did(report)) == (Outcome.OK, None, {"fetched": 3, "added": 3})
    assert await contents(world) == await as_if_fresh(world)


@at_sonarr
@fatal
async def test_a_later_refresh_that_fails_changes_nothing_and_the_next_one_makes_good(
    world: World, faults: Sequence[Fault], kind: ErrorKind
) -> None:
    await prepare(world)
    ids, success = await row_ids(world), (await world.store.connections())[0].last_success
    world.shelf.library.edit(1, monitored=False)
    world.shelf.library.delete(3)
    world.shelf.add("Delta", 2004)
    (world.shelf.place(2) / "Trailers" / "Teaser.mkv").unlink()

    world.timeouts = patience(faults)
    for fault in strikes(faults):
        await fail(world, fault, kind)
    assert (await world.store.connections())[0].last_success == success

    world.timeouts = Timeouts()
    report = await world.refresh()
    assert (report.outcome, report.error) == (Outcome.OK, None)
    assert did(report) == {"fetched": 3, "added": 1, "updated": 2, "removed": 1}
    (row,) = await world.store.connections()
    assert (row.last_success, row.last_error_kind, row.last_error) == (world.now, None, None)
    assert await contents(world) == await as_if_fresh(world)
    assert await words(world) == {1: False, 2: True, 4: None}
    after = await row_ids(world)
    assert {title: after[title] for title in ("Alpha", "Beta")} == {
        title: ids[title] for title in ("Alpha", "Beta")
    }


@at_sonarr
async def test_part_of_a_large_library_never_looks_like_all(world: World) -> None:
    """It arrives in many pieces, and what came before the trouble was whole and valid."""
    for number in range(4, 1101):
        world.shelf.library.add(title=f"Item {number}", year=2000)
    cuts: list[Trouble] = [
        ("ends early", [Truncated(at=at, phase=LIST) for at in (0.2, 0.999_999)], RESPONSE),
        ("breaks off", [Truncated(at=0.8, ending=Ending.CLOSED, phase=LIST)], UNAVAILABLE),
        ("is reset", [Reset(at=0.6, phase=LIST)], UNAVAILABLE),
        ("gzip ends early", [CutGzip(at=0.7, phase=LIST)], RESPONSE),
        ("broken JSON", [BrokenJson(at=at, phase=LIST) for at in (0.1, 0.95)], RESPONSE),
    ]
    for round_ in ("first", "later"):
        for _, faults, kind in cuts:
            for fault in faults:
                await fail(world, fault, kind)
        report = await world.refresh()
        assert did(report) == {"fetched": 1100, ("added" if round_ == "first" else "unchanged"): 1100}


async def test_a_server_that_is_gone_loses_nothing_and_is_welcome_back(world: World) -> None:
    await prepare(world)
    before = world.database.content()
    await world.shelf.server.stop()
    report = await world.refresh()
    assert (report.outcome, report.error and report.error.kind) == (Outcome.FAILED, UNAVAILABLE)
    assert world.database.content() == before
    await world.shelf.server.start()
    world.shelf.library.delete(3)
    assert did(await world.refresh()) == {"fetched": 2, "unchanged": 2, "removed": 1}
    assert await contents(world) == await as_if_fresh(world)


# -- all is applied -------------------------------------------------------------------------------


@at_radarr
@harmless
async def test_what_is_no_failure_is_like_any_first_refresh(world: World, faults: Sequence[Fault]) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    (first, *_) = strikes(faults)
    report = await meet(world, first)
    assert (report.outcome, did(report)) == (Outcome.OK, {"fetched": 3, "added": 3})
    assert await contents(world) == await as_if_fresh(world)


@at_sonarr
@harmless
async def test_what_is_no_failure_changes_nothing_later(world: World, faults: Sequence[Fault]) -> None:
    await prepare(world)
    before = world.database.content()
    for fault in strikes(faults):
        report = await meet(world, fault)
        assert (report.outcome, did(report)) == (Outcome.OK, {"fetched": 3, "unchanged": 3}), fault
        assert seen(report) == {"present": 1, "absent": 2}, fault
        assert world.database.content() == before, fault


# -- the answer is complete, and says less than is true -------------------------------------------


@at_radarr
@pytest.mark.parametrize(
    ("fault", "first"), [(fault, first) for _, faults, first, _ in LESS for fault in faults], ids=str
)
async def test_a_first_refresh_that_is_told_less_is_completed_by_the_next(
    world: World, fault: Fault, first: dict[str, Any]
) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    report = await meet(world, fault)
    assert {"outcome": report.outcome, **did(report)} == first
    known = did(report).get("fetched", 0)
    expected = {"fetched": 3, "added": 3 - known, "unchanged": known}
    report = await world.refresh()
    assert (report.outcome, did(report)) == (OK, {name: count for name, count in expected.items() if count})
    assert await contents(world) == await as_if_fresh(world)


@at_sonarr
@pytest.mark.parametrize(
    ("fault", "later"), [(fault, later) for _, faults, _, later in LESS for fault in faults], ids=str
)
async def test_a_later_refresh_that_is_told_less_loses_nothing_for_good(
    world: World, fault: Fault, later: dict[str, Any]
) -> None:
    await prepare(world)
    await world.intend(3, intent=True)
    ids, before = await row_ids(world), await contents(world)
    report = await meet(world, fault)
    assert {"outcome": report.outcome, **did(report)} == later
    if not report.removed:
        assert await row_ids(world) == ids
    report = await world.refresh()
    back = {"restored": later["removed"]} if "removed" in later else {}
    assert (report.outcome, did(report)) == (OK, {"fetched": 3, "unchanged": 3 - len(back), **back})
    assert (await row_ids(world), await contents(world)) == (ids, before)
    assert before == await as_if_fresh(world)


async def test_a_failure_is_remembered_with_its_reason_until_the_next_success(world: World) -> None:
    await world.refresh()
    (row,) = await world.store.connections()
    first_success = row.last_success
    report = await meet(world, Refusal())
    (row,) = await world.store.connections()
    assert report.error is not None
    assert (row.last_outcome, row.last_error_kind) == (Outcome.FAILED, REJECTED)
    assert (row.last_error, row.last_success) == (report.error.message, first_success)
    await world.refresh()
    (row,) = await world.store.connections()
    assert (row.last_outcome, row.last_error_kind, row.last_error) == (Outcome.OK, None, None)
    assert row.last_success == world.now
