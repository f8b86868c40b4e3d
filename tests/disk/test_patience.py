"""Disks that are slow or never answer: given up in time, root by root, and nobody waits for a thread."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.disk.conftest import see
from tests.disk.items import ABSENT, PRESENT, make_library, request, scanner
from trailarrd.disk.roots import Roots
from trailarrd.disk.scanner import Scanner
from trailarrd.disk.trust import RootTrust
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.plan import UNSEEN
from trailarrd.domain.roots import RootState

if TYPE_CHECKING:
    from pathlib import Path

    from tests.disk.conftest import Disk, Until


async def test_a_folder_that_hangs_makes_the_rest_of_its_root_unknown_and_no_other(
    tmp_path: Path, disk: Disk
) -> None:
    bad, good = make_library(tmp_path / "bad", 600), make_library(tmp_path / "good", 600)
    disk.hang(bad[5], bad[140])
    roots = Roots(deadline=0.2, scandir=disk.scandir)
    roots.paces[LocalPath(str(tmp_path / "bad"))] = 0.0005  # slow enough for two threads
    trust = RootTrust(roots)
    looks = await see(Scanner(trust), [request(folder) for folder in bad + good])
    seen = [PRESENT if n % 2 else ABSENT for n in range(600)]
    hung = [*seen[:5], *[UNSEEN] * 95, *seen[100:140]]  # two threads had begun, on 100 folders each
    hung = [PRESENT if found == PRESENT else UNSEEN for found in hung]
    assert looks == hung + [UNSEEN] * 460 + seen
    assert [root.state for root in trust.observations] == [RootState.TIMED_OUT, RootState.OK]
    assert [root.unseen for root in trust.observations] == [600 - 22, 0]


async def test_a_root_that_hung_is_given_up_for_the_rest_of_the_refresh(tmp_path: Path, disk: Disk) -> None:
    bad, other = make_library(tmp_path, 2)
    disk.hang(bad)
    looker = scanner(disk, deadline=0.1)
    assert await see(looker, [request(bad)]) == [UNSEEN]
    disk.back.set()
    await asyncio.sleep(0.1)
    assert await see(looker, [request(other)]) == [UNSEEN]


async def test_as_long_as_a_thread_hangs_no_later_refresh_sends_another(
    tmp_path: Path, disk: Disk, until: Until
) -> None:
    (bad,) = make_library(tmp_path, 1)
    disk.hang(bad)
    roots = Roots(deadline=0.1, scandir=disk.scandir)
    for _ in range(3):
        assert await see(Scanner(RootTrust(roots)), [request(bad)]) == [UNSEEN]
    assert disk.listed[str(bad)] == 1
    disk.back.set()

    async def is_back() -> bool:
        return await see(Scanner(RootTrust(roots)), [request(bad)]) == [ABSENT]

    await until(is_back)


async def test_a_slow_disk_that_goes_on_is_waited_for(tmp_path: Path, disk: Disk) -> None:
    """The deadline is for no progress at all, not for the whole of a chunk."""
    folders = make_library(tmp_path, 12)
    for folder in folders:
        disk.before(folder, lambda: time.sleep(0.1))
    looks = await see(scanner(disk, deadline=0.5), [request(folder) for folder in folders])
    assert looks == [PRESENT if n % 2 else ABSENT for n in range(12)]


async def test_a_thread_that_was_given_up_stops_at_the_next_folder(
    tmp_path: Path, disk: Disk, until: Until
) -> None:
    folders = make_library(tmp_path, 20)
    disk.hang(folders[3])
    await see(scanner(disk, deadline=0.1), [request(folder) for folder in folders])
    disk.back.set()
    await until(_threads_ended)
    assert disk.listed[str(folders[4])] == 0


async def test_cancelling_a_look_does_not_wait_for_the_disk(tmp_path: Path, disk: Disk, until: Until) -> None:
    folders = make_library(tmp_path, 3)
    disk.hang(folders[0])
    look = asyncio.create_task(see(scanner(disk), [request(folder) for folder in folders]))

    async def has_begun() -> bool:
        return disk.listed[str(folders[0])] > 0

    await until(has_begun)
    look.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(look, 5)
    disk.back.set()
    await until(_threads_ended)
    assert disk.listed[str(folders[1])] == 0


async def _threads_ended() -> bool:
    return not any(thread.name.startswith("disk ") for thread in threading.enumerate())


async def test_a_root_that_turns_out_slow_gets_more_threads_but_16_at_most(
    tmp_path: Path, disk: Disk
) -> None:
    folders = make_library(tmp_path, 700)
    inside: set[int] = set()
    met: list[int] = []

    def linger() -> None:
        inside.add(threading.get_ident())
        time.sleep(0.02)
        met.append(len(inside))
        inside.discard(threading.get_ident())

    for folder in folders[::10]:
        disk.before(folder, linger)
    await see(scanner(disk), [request(folder) for folder in folders])
    assert max(met) in range(2, 17)
    assert len(met) == 70
