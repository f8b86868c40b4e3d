"""Two daemons of one PostgreSQL: each downloads for its own connections, and whoever is told, all hear it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.download.household import NAME, Household, household
from tests.postgres import DatabaseServer
from trailarrd.domain.download import Stage
from trailarrd.domain.waiting import Why
from trailarrd.download.desk import Desk
from trailarrd.download.planner import Plan
from trailarrd.download.workspace import empty
from trailarrd.testing.site import SimulatedSite

pytestmark = pytest.mark.shared("postgresql")
FILM = "Film (2020).mkv"
LATER = timedelta(minutes=11)


@pytest.fixture
async def two(
    tmp_path: Path, server: DatabaseServer | None, clips: Path
) -> AsyncIterator[tuple[Household, Household]]:
    """The first works at `movies`, the second at `movies-4k`; there is a film of each, with a trailer."""
    pause = "{from: 60s, to: 60s}"
    async with (
        household(tmp_path, server=server, works_at=["movies"], pause=pause) as first,
        household(tmp_path, server=server, works_at=["movies-4k"], pause=pause) as second,
    ):
        await first.refresh(first.film(1))
        await second.refresh(second.film(2), name="movies-4k")
        for number in (1, 2):
            first.archived(clips / "good.mp4", number)
        first.now = second.now = first.now + LATER
        yield first, second


async def take_over(home: Household, server: DatabaseServer) -> None:
    server.sql("UPDATE leases SET until = now() - interval '1 ms' WHERE name = 'connection:movies'")
    assert home.store.peers
    while "movies" not in home.store.peers.held:  # who is in the middle of writing is not waited for
        await home.store.peers.take(["movies"])


def desk(home: Household) -> Desk:
    return Desk(home.downloads, home.downloads._kit)


async def test_each_downloads_for_its_own_connections_and_sites_are_shared(
    two: tuple[Household, Household],
) -> None:
    first, second = two
    assert [turn.here for turn in (await first.downloads.plan()).turns] == [False, True]
    await first.round()
    assert [one.parent.name for one in first.root.rglob(NAME)] == ["Film 1"]
    turn = await second.turn(2)
    assert (turn.why, turn.until) == (Why.PAUSE, second.now + timedelta(seconds=60))
    assert (await second.round()).next is None
    await second.round(later=timedelta(seconds=61))
    assert sorted(one.parent.name for one in first.root.rglob(NAME)) == ["Film 1", "Film 2"]


async def test_a_site_that_another_one_asks_in_the_same_moment_is_left_alone(
    two: tuple[Household, Household],
) -> None:
    first, second = two
    due = (await second.downloads.plan()).next
    assert due
    await first.round()
    await second.downloads._do(due)
    assert [one.parent.name for one in first.root.rglob(NAME)] == ["Film 1"]
    assert (await second.turn(2)).subject.memory.stage is Stage.OPEN


async def test_what_another_one_is_told_is_worth_a_try_is_tried_here_and_wakes_who_waits(
    two: tuple[Household, Household], site: SimulatedSite
) -> None:
    first, second = two
    await first.ask(f"{site.url}/good.mp4?toy=reject")
    await first.round()
    assert (await first.turn(1)).why is Why.DOWNLOADER
    waiting = asyncio.create_task(first.downloads.run())
    try:
        async with asyncio.timeout(20):
            await desk(second).retry([], by="anna")
            while len(site.asked) < 2:
                await asyncio.sleep(0.05)
            second.now += timedelta(seconds=1)
            await desk(second).ask([1], f"{site.url}/good.mp4", now=True, by="anna", afar=False)
            await desk(second).retry([], by="anna")
            while not (first.folder / NAME).exists():
                await asyncio.sleep(0.05)
    finally:
        waiting.cancel()
        await asyncio.wait([waiting])


async def test_a_takeover_in_the_middle_leaves_one_file(
    two: tuple[Household, Household], server: DatabaseServer
) -> None:
    first, second = two

    async def taken_over() -> None:
        await take_over(second, server)
        await second.ask()
        (second.state / "downloads" / "trailarrd-9-dead").mkdir()
        await asyncio.to_thread(empty, second.state / "downloads")
        assert len(second.left) == 1, "what is left of a kill is gone, and what somebody is at is there"
        anew.append(asyncio.create_task(second.round()))
        await asyncio.shield(anew[0])  # the first one hears of it sooner or later, and ends

    anew: list[asyncio.Task[Plan]] = []
    first.meanwhile = taken_over
    await first.round()
    await anew[0]
    assert [one.parent.name for one in first.root.rglob(NAME)] == ["Film 1"]
    assert sorted(one.name for one in first.folder.iterdir()) == [NAME, FILM]
    assert (first.left, second.left) == ([], [])
    (placed,) = await second.placed()
    assert placed.path == str(first.folder / NAME)
    assert (await second.row()).claimed_by is None
    assert (await second.turn(1)).subject.memory.failure is None, "who has lost it writes nothing more"


async def test_who_has_lost_a_connection_without_noticing_places_nothing_and_notes_nothing(
    two: tuple[Household, Household], server: DatabaseServer
) -> None:
    first, second = two

    async def lost() -> None:
        await take_over(second, server)

    first.meanwhile = lost
    await first.round()
    assert ([one.name for one in first.folder.iterdir()], first.left) == ([FILM], [])
    assert (await second.turn(1)).subject.memory.failure is None
    await second.ask()
    await second.round()
    assert sorted(one.name for one in first.folder.iterdir()) == [NAME, FILM]
