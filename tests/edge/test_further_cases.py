"""Beyond the thirty: clocks, intervals, redirects, URLs, odd folders."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.edge.conftest import states
from tests.refresh.conftest import did, seen
from tests.world import KEY, Shelf
from trailarrd.config import load
from trailarrd.daemon.poller import Poller
from trailarrd.domain.report import ErrorKind, Outcome
from trailarrd.runtime.slot import ConnectionSlot
from trailarrd.testing import CutGzip, Latency, Phase, RedirectElsewhere, SimulatedArr

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from tests.cli.conftest import CommandLine
    from tests.household import Household
    from tests.refresh.conftest import World
    from trailarrd.refresh.refresher import Refresher

# Clocks and intervals


@pytest.mark.parametrize(
    "jump", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=-9000), timedelta(days=9000)], ids=str
)
async def test_clock_jumps_between_refreshes(world: World, jump: timedelta) -> None:
    """Daylight saving, a host without a clock of its own, a wrong one set right: nothing depends on it."""
    await world.refresh()
    world.now += jump
    world.shelf.put(2, "Trailers/Teaser.mkv")
    arr_id = world.shelf.add("Delta", 2004)
    assert did(await world.refresh()) == {"fetched": 4, "added": 1, "updated": 1, "unchanged": 2}
    world.now -= jump
    world.shelf.library.delete(arr_id)
    assert did(await world.refresh()) == {"fetched": 3, "unchanged": 3, "removed": 1}
    assert await states(world) == {1: "absent", 2: "present", 3: "absent"}


@pytest.mark.parametrize("jump", [timedelta(days=-9000), timedelta(days=9000)], ids=str)
async def test_clock_jumps_while_the_interval_runs(world: World, jump: timedelta) -> None:
    """The next refresh comes when the interval is over, not decades later and not at once."""

    def clock() -> datetime:
        return world.now

    refresher = world.refresher()
    soon = replace(refresher.connection, interval=timedelta(seconds=0.2))
    async with polled(replace(refresher, connection=soon, clock=clock)):
        await rounds(world, 1)
        world.now += jump
        await rounds(world, 3)
    assert len(world.shelf.server.requests) < 30


@asynccontextmanager
async def polled(refresher: Refresher) -> AsyncIterator[None]:
    """The schedule runs meanwhile."""
    poller = asyncio.create_task(Poller(ConnectionSlot(refresher)).run())
    yield
    poller.cancel()
    with suppress(asyncio.CancelledError):
        await poller


async def rounds(world: World, count: int) -> None:
    """So many lists were asked for."""
    async with asyncio.timeout(20):
        while lists(world) < count:
            await asyncio.sleep(0.01)


def lists(world: World) -> int:
    return sum(asked.phase is Phase.LIST for asked in world.shelf.server.requests)


async def test_refresh_that_takes_longer_than_its_interval(world: World) -> None:
    """One follows the other; none is skipped for ever and none runs beside another."""
    world.shelf.server.fault = Latency(seconds=0.3, phase=Phase.LIST)
    refresher = world.refresher()
    often = replace(refresher.connection, interval=timedelta(seconds=0.01))
    began = asyncio.get_running_loop().time()
    async with polled(replace(refresher, connection=often)):
        await rounds(world, 4)
        assert asyncio.get_running_loop().time() - began >= 0.9, "three whole ones lie before the fourth"


# The wire


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirect_that_drops_the_key_or_takes_it_elsewhere_is_not_followed(
    world: World, status: int
) -> None:
    """As from http to https by a proxy: the other server never sees a request."""
    await world.refresh()
    before = world.database.content()
    async with SimulatedArr(world.shelf.library, api_key=KEY) as elsewhere:
        world.shelf.server.fault = RedirectElsewhere(url=elsewhere.url, status=status)
        report = await world.refresh()
        assert elsewhere.requests == []
        assert report.error
        assert report.error.kind is not ErrorKind.INTERNAL
        assert "a redirect to 127.0.0.1" in report.error.message
    assert world.database.content() == before


@pytest.mark.parametrize("at", [0.1, 0.5, 0.99])
async def test_gzip_cut_in_the_middle(world: World, at: float) -> None:
    """Not taken for the end of the list."""
    await world.refresh()
    before = world.database.content()
    world.shelf.server.fault = CutGzip(phase=Phase.LIST, at=at)
    assert (await world.refresh()).outcome is Outcome.FAILED
    assert world.database.content() == before


@pytest.mark.parametrize("end", ["", "/", "//"])
async def test_url_with_port_and_base_path_with_or_without_trailing_slash(
    household: Household, trailarrd: CommandLine, end: str
) -> None:
    """The port is not doubled, nor the slash: what is asked for is the base and the API below it."""
    base = SimulatedArr(household.movies.library, api_key=KEY, url_base="/apps/radarr")
    household.shelves["movies"] = Shelf(base, household.movies.folder)
    async with base:
        household.write_config()
        text = household.config.read_text()
        household.config.write_text(text.replace(f"url: {base.url}\n", f"url: {base.url}{end}\n"))
        assert (await trailarrd("refresh", "movies")).code == 0
    assert {asked.target.split("/api/")[0] for asked in base.requests} == {"/apps/radarr"}


async def ipv6_door(port: int) -> asyncio.Server:
    """A port on the IPv6 loopback that leads to that port on the IPv4 one."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, back), pump(there, writer))

    return await asyncio.start_server(serve, "::1", 0)


async def test_ipv6_host(household: Household, trailarrd: CommandLine) -> None:
    try:
        door = await ipv6_door(household.movies.server.port)
    except OSError as error:
        pytest.skip(f"this host has no IPv6 loopback: {error}")
    async with door:
        port = door.sockets[0].getsockname()[1]
        text = household.config.read_text()
        household.config.write_text(text.replace(household.movies.server.url, f"http://[::1]:{port}"))
        done = await trailarrd("refresh", "movies", "--json")
        assert (done.code, done.document["refreshes"][0]["added"]) == (0, 3)


def test_ipv6_host_with_port_and_base_path_is_read_as_such(household: Household) -> None:
    text = household.config.read_text()
    url = "http://[2001:db8::1]:7878/radarr"
    household.config.write_text(text.replace(household.movies.server.url, url))
    settings = load(household.config, providers=["radarr", "sonarr"], environ=household.environ)
    assert settings.connections[0].arr_server().url == url


# Odd folders


async def test_two_items_share_one_folder(world: World) -> None:
    """Both have its trailer; both lose it."""
    world.shelf.library.move(2, world.shelf.library.record(1)["path"])
    trailer = world.shelf.put(1, "Trailers/Teaser.mkv")
    await world.refresh()
    assert await states(world) == {1: "present", 2: "present", 3: "absent"}
    trailer.unlink()
    await world.refresh()
    assert await states(world) == dict.fromkeys((1, 2, 3), "absent")


async def test_folder_equal_to_a_library_root(world: World) -> None:
    """It claims nothing of the library: unknown for itself, and nothing changes for the others."""
    world.shelf.put(2, "Trailers/Teaser.mkv")
    (world.shelf.folder / "someone's-trailer.mkv").write_bytes(b"video")
    await world.refresh()
    world.shelf.library.move(3, world.shelf.library.dialect.root)
    report = await world.refresh()
    assert (report.outcome, seen(report)) == (Outcome.PARTIAL, {"present": 1, "absent": 1, "unknown": 1})
    assert await states(world) == {1: "absent", 2: "present", 3: "absent"}


async def test_root_moved(world: World) -> None:
    """The server has moved its whole library: the trailers are looked for where they are now."""
    library = world.shelf.library
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await world.refresh()
    new = world.shelf.folder.with_name("new disk")
    (new / "Gamma").mkdir(parents=True)
    (new / "Gamma/Gamma-trailer.mkv").write_bytes(b"video")
    for name in ("Alpha", "Beta"):
        (new / name).mkdir()
    for name in ("Alpha", "Beta", "Gamma"):
        (new / name / "the item itself.mkv").write_bytes(b"video")
    library.roots[:] = [str(new)]
    for arr_id, name in ((1, "Alpha"), (2, "Beta"), (3, "Gamma")):
        library.move(arr_id, f"{new}/{name}")
    report = await world.refresh()
    assert (report.outcome, did(report)) == (Outcome.OK, {"fetched": 3, "updated": 3})
    assert await states(world) == {1: "absent", 2: "absent", 3: "present"}


async def test_item_outside_every_root_folder(world: World) -> None:
    """Its own parent takes the root's place: believed while it is there, unknown when it is gone."""
    outside = world.shelf.folder.with_name("outside")
    (outside / "Gamma").mkdir(parents=True)
    (outside / "Gamma/Gamma-trailer.mkv").write_bytes(b"video")
    world.shelf.library.move(3, f"{outside}/Gamma")
    report = await world.refresh()
    assert (report.outcome, await states(world)) == (Outcome.OK, {1: "absent", 2: "absent", 3: "present"})
    outside.rename(outside.with_name("unmounted"))
    report = await world.refresh()
    assert (report.outcome, seen(report)) == (Outcome.PARTIAL, {"absent": 2, "unknown": 1})
    assert [(root.path, root.items) for root in report.roots] == [(str(outside), 1)]
    assert (await states(world))[3] == "present"
