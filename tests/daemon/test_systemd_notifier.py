"""The watchdog is fed while all is well, and the status says what is done now."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
from structlog.testing import capture_logs

from trailarrd.daemon.poller import PollerState
from trailarrd.daemon.supervisor import Running, Service, Supervisor, at_once
from trailarrd.daemon.systemd import SystemdNotifier, status_of, trouble_of
from trailarrd.domain.report import ErrorKind, Outcome, RefreshError, RefreshReport
from trailarrd.domain.retry import Backoff
from trailarrd.systemd import ServiceManager

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path

    from trailarrd.daemon.poller import Poller

NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)
IDLE = PollerState(running_since=None, fetched=0, due=NOON, last=None)
FAILED = RefreshReport(
    connection="a", provider="radarr", outcome=Outcome.FAILED, error=RefreshError(ErrorKind.UNAVAILABLE, "x")
)


@dataclass
class Standing:
    """What the notifier looks at of a poller."""

    name: str
    state: PollerState


def status(*pollers: Standing, refused: bool = False) -> str:
    return status_of([cast("Poller", poller) for poller in pollers], refused=refused)


def test_the_status_says_what_is_done_now_else_what_comes_next() -> None:
    movies = Standing("movies", replace(IDLE, running_since=NOON, fetched=1200, due=None))
    series = Standing("series", IDLE)
    later = Standing("later", replace(IDLE, due=NOON.replace(hour=13)))
    assert status(movies, series) == "refreshing movies (1200 so far)"
    assert status(later, series) == "idle; next is series at 12:00 UTC"
    assert status() == "idle"


def test_the_status_says_what_is_not_well() -> None:
    down = Standing("movies", replace(IDLE, last=FAILED, due=None))
    assert status(down, refused=True) == "idle; down: movies; a newer configuration is refused"


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.setblocking(False)
        yield receiver


def told(receiver: socket.socket) -> list[str]:
    found = []
    try:
        while True:
            found.append(receiver.recv(1000).decode())
    except BlockingIOError:
        return found


def notifier(
    receiver: socket.socket, trouble: Callable[[], str | None], watchdog: float = 0.15
) -> SystemdNotifier:
    environ = {"NOTIFY_SOCKET": receiver.getsockname(), "WATCHDOG_USEC": str(int(watchdog * 1_000_000))}
    return SystemdNotifier(ServiceManager(environ), lambda: "idle", trouble)


async def test_the_watchdog_is_fed_more_than_twice_within_its_time(receiver: socket.socket) -> None:
    running = asyncio.create_task(notifier(receiver, lambda: None, watchdog=0.3).run())
    await asyncio.sleep(0.55)
    running.cancel()
    found = told(receiver)
    assert found.count("WATCHDOG=1") >= 4
    assert found.count("STATUS=idle") == 1, "what is as it was is not told again"


async def test_a_loop_that_is_blocked_feeds_nothing(receiver: socket.socket) -> None:
    running = asyncio.create_task(notifier(receiver, lambda: None).run())
    await asyncio.sleep(0)
    told(receiver)
    time.sleep(0.5)  # noqa: ASYNC251  # that is the fault
    assert told(receiver) == []
    running.cancel()


async def test_trouble_feeds_nothing_and_is_said_once_until_it_is_over(receiver: socket.socket) -> None:
    troubles: list[str | None] = [None, "poller a has ended", "poller a has ended", None]
    one = notifier(receiver, lambda: troubles.pop(0))
    with capture_logs() as logs:
        for expected in (1, 0, 0, 1):
            one.tell()
            assert told(receiver).count("WATCHDOG=1") == expected
    assert [(line["event"], line["reason"]) for line in logs] == [("watchdog.not_fed", "poller a has ended")]


async def _broken() -> None:
    raise OSError("no more")


async def _over() -> None:
    pass


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        (_broken, "poller a crashed 5 times in a row: OSError: no more"),
        (_over, "poller a crashed 5 times in a row: EndedError: it returned, though nobody has ended it"),
    ],
)
async def test_a_dead_poller_is_trouble(run: Callable[[], Coroutine[Any, Any, None]], reason: str) -> None:
    with capture_logs():
        async with Supervisor(backoff=Backoff(0.001, 60.0)) as supervisor:
            await supervisor.start(Service(name="poller a", run=at_once(run), vital=True))
            async with asyncio.timeout(5):
                while trouble_of(supervisor.running) != reason:
                    await asyncio.sleep(0.001)


async def test_one_that_is_not_vital_or_that_came_back_is_no_trouble() -> None:
    http = Running(Service(name="http", run=at_once(_over)), crashes=99, error="port taken")
    back = Running(Service(name="poller a", run=at_once(_over), vital=True), crashes=99, up=True)
    assert trouble_of([http, back]) is None
