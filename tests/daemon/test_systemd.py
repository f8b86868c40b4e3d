"""Notices, watchdog and sockets as systemd's manual has them."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import pytest

from trailarrd.systemd import ServiceManager, passed_sockets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["path", "abstract"])
def heard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """An address to notify, as NOTIFY_SOCKET has it, and its receiver."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@trailarrd-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        receiver.settimeout(2)
        yield name, receiver


def test_each_notice_is_one_datagram(heard: tuple[str, socket.socket]) -> None:
    address, receiver = heard
    manager = ServiceManager({"NOTIFY_SOCKET": address})
    assert manager.is_heard
    manager.ready()
    manager.alive()
    manager.status("two\nlines  of ünïcode")
    manager.stopping()
    told = [receiver.recv(1000).decode() for _ in range(4)]
    assert told == ["READY=1", "WATCHDOG=1", "STATUS=two lines of ünïcode", "STOPPING=1"]


def test_a_reload_is_told_with_its_time_by_the_monotonic_clock(heard: tuple[str, socket.socket]) -> None:
    address, receiver = heard
    before = time.monotonic_ns() // 1000
    ServiceManager({"NOTIFY_SOCKET": address}).reloading()
    match = re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=(\d+)", receiver.recv(1000).decode())
    assert match
    assert before <= int(match[1]) <= time.monotonic_ns() // 1000


@pytest.mark.parametrize(
    "environ",
    [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nowhere/at/all"}, {"NOTIFY_SOCKET": "vsock:2:1"}],
)
def test_without_anybody_to_hear_it_a_notice_is_nobodys_trouble(environ: dict[str, str]) -> None:
    ServiceManager(environ).ready()


def test_a_service_manager_that_does_not_listen_blocks_nothing(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(str(tmp_path / "deaf"))
        manager = ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "deaf")})
        began = time.monotonic()
        for _ in range(1000):
            manager.alive()
        assert time.monotonic() - began < 2


def test_what_there_is_no_room_for_goes_with_the_next_notice(heard: tuple[str, socket.socket]) -> None:
    """But not that all was well: who knows whether it still is."""
    address, receiver = heard
    manager = ServiceManager({"NOTIFY_SOCKET": address})
    for _ in range(1000):
        manager.alive()
    for notice in (manager.reloading, manager.ready, manager.alive, partial(manager.status, "old")):
        notice()
    everything_in(receiver)
    manager.status("new")
    told = everything_in(receiver)
    assert [one.partition("\n")[0] for one in told] == ["RELOADING=1", "READY=1", "STATUS=new"]


def everything_in(receiver: socket.socket) -> list[str]:
    told = []
    receiver.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            told.append(receiver.recv(1000).decode())
    return told


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_is_for_us_or_for_nobody(environ: dict[str, str], seconds: float | None) -> None:
    assert ServiceManager(environ).watchdog == seconds


@pytest.mark.parametrize(
    "environ",
    [{}, {"LISTEN_FDS": "1"}, {"LISTEN_PID": "1", "LISTEN_FDS": "1"}, {"LISTEN_PID": "x", "LISTEN_FDS": "1"}],
)
def test_sockets_for_another_process_are_not_ours(environ: dict[str, str]) -> None:
    assert passed_sockets(environ) == ()


PASSED = """
import os, socket
from trailarrd.systemd import passed_sockets
given = socket.create_server(("127.0.0.1", 0))
os.dup2(given.fileno(), 3)
given.detach()
(passed,) = passed_sockets({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"})
assert passed.fileno() == 3 and not passed.get_inheritable()
with passed.dup() as served:
    port = served.getsockname()[1]
socket.create_connection(("127.0.0.1", port)).close()
"""


def test_a_passed_socket_goes_on_listening_when_a_server_on_it_is_gone() -> None:
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", PASSED], check=False).returncode == 0
