"""SIGHUP is never lost, and never the end of a process that reloads by it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from trailarrd.daemon.signals import SighupHandler

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sighup() -> Iterator[SighupHandler]:
    before = signal.getsignal(signal.SIGHUP)
    sighup = SighupHandler()
    sighup.catch()
    yield sighup
    signal.signal(signal.SIGHUP, before)


def hang_up() -> None:
    os.kill(os.getpid(), signal.SIGHUP)


def test_one_that_came_before_anybody_listened_is_told_then(sighup: SighupHandler) -> None:
    heard: list[int] = []
    hang_up()
    hang_up()
    sighup.listen(lambda: heard.append(1))
    assert heard == [1], "one reload makes good for both"
    hang_up()
    assert heard == [1, 1]


def test_none_is_told_if_none_came(sighup: SighupHandler) -> None:
    heard: list[int] = []
    sighup.listen(lambda: heard.append(1))
    assert heard == []


def test_in_the_end_it_changes_nothing(sighup: SighupHandler) -> None:
    heard: list[int] = []
    sighup.listen(lambda: heard.append(1))
    sighup.ignore()
    hang_up()
    assert heard == []


AT_EXIT = """
import atexit, os, signal
from trailarrd.daemon.signals import SighupHandler

class Last:
    def __del__(self, kill=os.kill, me=os.getpid(), number=signal.SIGHUP):
        kill(me, number)

last = Last()
sighup = SighupHandler()
sighup.catch()
sighup.ignore()
"""


def test_not_even_while_the_interpreter_goes_down() -> None:
    """Python gives handlers of its own back to the system then, which would kill."""
    assert subprocess.run([sys.executable, "-c", AT_EXIT], check=False).returncode == 0
