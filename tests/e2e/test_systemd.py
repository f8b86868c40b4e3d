"""The conversation with systemd, by the real process: what is said, in which order, and what is not."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import AS_JSON, Daemon, command, listening
from tests.e2e.test_daemon import first_refreshes, struck
from tests.e2e.test_reload import hang_up
from tests.process import PIPE, completed, running
from trailarrd.testing import Phase, Stall

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.conftest import Start
    from tests.household import Household


@dataclass
class Manager:
    """Takes the daemon's notices, as systemd does."""

    socket: socket.socket
    told: list[str] = field(default_factory=list)

    async def until(self, notice: str, times: int = 1, within: float = 20.0) -> None:
        """Wait for a notice that begins like that."""
        async with asyncio.timeout(within):
            while self.count(notice) < times:
                self.take()
                await asyncio.sleep(0.02)

    def take(self) -> None:
        try:
            while True:
                self.told.append(self.socket.recv(4096).decode())
        except BlockingIOError:
            return

    def count(self, notice: str) -> int:
        return sum(one.startswith(notice) for one in self.told)

    @property
    def turns(self) -> list[str]:
        """The turning points, without what is said in between."""
        self.take()
        words = [re.split("[=\n]", one)[0] for one in self.told]
        return [word for word in words if word not in {"STATUS", "WATCHDOG"}]


@pytest.fixture
def manager(household: Household, tmp_path: Path) -> Iterator[Manager]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.settimeout(0)
        household.variables |= {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "3000000"}
        yield Manager(receiver)


async def test_it_is_ready_when_it_can_be_asked_and_says_when_it_stops(
    household: Household, start: Start, manager: Manager
) -> None:
    daemon = await start()
    await manager.until("READY=1")
    (listening,) = daemon.told("http.listening")
    host, port = listening["address"].split(":")
    socket.create_connection((host, int(port)), timeout=2).close()
    assert household.database.sql("SELECT COUNT(*) FROM connections") == [(2,)]
    await first_refreshes(daemon)
    await manager.until("WATCHDOG=1", 3)
    await manager.until("STATUS=idle; next is ")
    assert (await daemon.stop(signal.SIGTERM))[0] == 0
    assert manager.turns == ["READY", "STOPPING"]
    assert manager.told[0] == "STATUS=opening the database"


async def test_a_configuration_with_mistakes_is_never_ready(
    household: Household, start: Start, manager: Manager
) -> None:
    household.config.write_text("connections: []\n")
    done = await completed(*command(household, "run"), env=household.environ)
    assert (done.code, manager.turns) == (78, [])


async def test_a_reload_is_told_from_its_begin_to_its_end_whether_it_goes_well_or_not(
    household: Household, start: Start, manager: Manager
) -> None:
    daemon = await start()
    await manager.until("READY=1")
    hang_up(daemon)
    await manager.until("READY=1", 2)
    good = household.config.read_text()
    household.config.write_text(good + "mistake: true\n")
    hang_up(daemon)
    await manager.until("READY=1", 3)
    assert manager.turns == ["READY", "RELOADING", "READY", "RELOADING", "READY"]
    (reloading, _) = [one for one in manager.told if one.startswith("RELOADING")]
    assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", reloading)
    assert (await daemon.stop(signal.SIGTERM))[0] == 0


async def test_the_status_says_what_it_does_now(household: Household, start: Start, manager: Manager) -> None:
    household.movies.server.fault = Stall(seconds=600, phase=Phase.LIST)
    household.write_config()
    daemon = await start()
    await daemon.until("refresh.finished", connection="series")
    await manager.until("STATUS=refreshing movies (")
    assert (await daemon.stop(signal.SIGTERM))[0] == 0


FROZEN = """\
import asyncio, time
from trailarrd.plugin import MediaKind, Provider, SystemStatus, hookimpl

class Api:
    def __init__(self, session, server):
        self.server = server
    async def system_status(self):
        {does}
    async def root_folders(self):
        return []
    async def all_media(self):
        return
        yield

@hookimpl
def trailarrd_providers():
    yield Provider(name="frozen", media_kind=MediaKind("frozen"), api_manager=Api, parser=dict)
"""
BLOCKS = "time.sleep(600)"
SWALLOWS = """
        while True:
            try:
                await asyncio.sleep(600)
            except asyncio.CancelledError:
                pass
"""


def add_frozen(household: Household, does: str) -> None:
    """A third connection, whose plugin does that when it is asked."""
    site = household.home / "site"
    dist = site / "trailarrd_frozen-0.0.1.dist-info"
    dist.mkdir(parents=True)
    (dist / "METADATA").write_text("Metadata-Version: 2.1\nName: trailarrd-frozen\nVersion: 0.0.1\n")
    (dist / "entry_points.txt").write_text("[trailarrd]\nfrozen = trailarrd_frozen\n")
    (site / "trailarrd_frozen.py").write_text(FROZEN.format(does=does))
    household.variables["PYTHONPATH"] = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]).strip(
        os.pathsep
    )
    block = "  - {name: ice, provider: frozen, url: http://127.0.0.1:9, api_key: !env TEST_ARR_KEY}\n"
    household.config.write_text(household.config.read_text() + block)


async def test_a_blocked_loop_feeds_the_watchdog_no_more(
    household: Household, start: Start, manager: Manager
) -> None:
    add_frozen(household, "await asyncio.sleep(3)\n        " + BLOCKS)
    daemon = await start()
    await manager.until("WATCHDOG=1", 2)
    await asyncio.sleep(3)
    manager.take()
    before = manager.count("WATCHDOG=1")
    await asyncio.sleep(3)
    manager.take()
    assert manager.count("WATCHDOG=1") == before
    daemon.process.kill()


@pytest.mark.timeout(90)
async def test_it_ends_in_time_whatever_does_not_want_to_end(
    household: Household, start: Start, manager: Manager
) -> None:
    """A plugin that takes no stop: who else is there ends well, and then the process ends."""
    add_frozen(household, SWALLOWS)
    daemon = await start()
    await first_refreshes(daemon)
    code, seconds = await daemon.stop(signal.SIGTERM)
    assert (code, seconds < 11) == (1, True)
    assert [line["service"] for line in daemon.told("service.stuck")] == ["poller ice"]
    assert daemon.told("daemon.forced")
    assert manager.turns == ["READY", "STOPPING"]
    assert household.database.sql("PRAGMA integrity_check") == [("ok",)]


async def test_it_stops_in_time_with_streams_open_and_a_refresh_in_flight(
    household: Household, start: Start
) -> None:
    household.movies.server.fault = Stall(seconds=600, phase=Phase.LIST)
    daemon = await start()
    await struck(household.movies)
    await daemon.until("http.listening")
    host, port = daemon.told("http.listening")[0]["address"].split(":")
    with socket.create_connection((host, int(port))) as half, socket.create_connection((host, int(port))):
        half.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n")
        began = time.monotonic()
        code, _ = await daemon.stop(signal.SIGTERM)
    assert (code, time.monotonic() - began < 10) == (0, True)


ACTIVATED = """
import os, socket, sys
given = socket.create_server(("127.0.0.1", 0))
print(given.getsockname()[1], flush=True)
os.dup2(given.fileno(), 3)
os.set_inheritable(3, True)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


async def test_it_serves_the_socket_that_it_is_given_through_reloads_too(household: Household) -> None:
    activated = (sys.executable, "-c", ACTIVATED, *command(household, "run")[1:])
    async with running(*activated, env=household.environ | AS_JSON, stdout=PIPE, stderr=PIPE) as process:
        assert process.stdout
        port = int(await process.stdout.readline())
        async with listening(Daemon(process)) as daemon:
            await daemon.until("http.listening", address=f"127.0.0.1:{port}")
            household.http = "{listen: 127.0.0.1:0, rate_limit: 7}"
            household.write_config()
            hang_up(daemon)
            await daemon.until("http.listening", 2, address=f"127.0.0.1:{port}")
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /api/v1/version HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.")
            writer.close()
            assert (await daemon.stop(signal.SIGTERM))[0] == 0
