"""The disk is believed only when its root is there, and asking never takes longer than the deadline."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

import pytest

from trailarrd.disk.roots import Roots, probe
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.roots import RootState

if TYPE_CHECKING:
    from pathlib import Path

    from tests.disk.conftest import Disk, Until


def local(path: Path) -> LocalPath:
    return LocalPath(str(path))


async def test_a_directory_of_another_host_is_another_one(tmp_path: Path) -> None:
    (tmp_path / "Film").mkdir()
    hosts = (Roots(host="nas"), Roots(host="nas"), Roots(host="other"), Roots())
    one, again, other, alone = [(await roots.probe(local(tmp_path))).directory_hash for roots in hosts]
    assert one == again
    assert len({one, other, alone}) == 3


async def test_a_root_that_holds_something_is_ok(tmp_path: Path) -> None:
    (tmp_path / "Heat (1995)").mkdir()
    assert (await Roots().probe(local(tmp_path))).state is RootState.OK


async def test_a_root_behind_a_link_is_ok(tmp_path: Path) -> None:
    (tmp_path / "real/Heat").mkdir(parents=True)
    (tmp_path / "movies").symlink_to("real")
    assert (await Roots().probe(local(tmp_path / "movies"))).state is RootState.OK


async def test_a_root_that_is_not_there_is_missing(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to("nowhere")
    roots = Roots()
    assert (await roots.probe(local(tmp_path / "movies"))).state is RootState.MISSING
    assert (await roots.probe(local(tmp_path / "dangling"))).state is RootState.MISSING


async def test_a_file_or_pipe_is_no_directory_and_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    roots = Roots(deadline=5)
    for name in ("file", "file/below", "pipe"):
        assert (await roots.probe(local(tmp_path / name))).state is RootState.NOT_A_DIRECTORY


@pytest.mark.parametrize("litter", [[], ["lost+found"], [".nomedia", "@eaDir", "System Volume Information"]])
async def test_a_mount_point_that_came_up_empty_is_empty(tmp_path: Path, litter: list[str]) -> None:
    for name in litter:
        (tmp_path / name).mkdir()
    assert (await Roots().probe(local(tmp_path))).state is RootState.EMPTY


async def test_a_root_in_trouble_is_unreadable(tmp_path: Path, disk: Disk, trouble: int) -> None:
    disk.fail(tmp_path, trouble)
    roots = Roots(scandir=disk.scandir)
    assert (await roots.probe(local(tmp_path))).state is RootState.UNREADABLE


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything; EACCES is shown above")
async def test_a_root_without_permission_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "movies").mkdir(mode=0)
    assert (await Roots().probe(local(tmp_path / "movies"))).state is RootState.UNREADABLE


async def test_a_root_that_links_to_itself_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert (await Roots().probe(local(tmp_path / "loop"))).state is RootState.UNREADABLE


@pytest.mark.parametrize("path", ["/movies\0", "/movies\ud800", "/" + "x" * 300])
async def test_a_path_that_cannot_exist_is_unreadable(path: str) -> None:
    assert (await Roots().probe(LocalPath(path))).state is RootState.UNREADABLE


@pytest.mark.parametrize(("here", "asked"), [("Am\u00e9", "Ame\u0301"), ("Ame\u0301", "Am\u00e9")])
async def test_a_root_is_found_in_either_unicode_spelling(tmp_path: Path, here: str, asked: str) -> None:
    (tmp_path / here / "Heat").mkdir(parents=True)
    assert (await Roots().probe(local(tmp_path / asked))).state is RootState.OK


async def test_a_hanging_root_times_out_and_gets_no_second_thread(tmp_path: Path, disk: Disk) -> None:
    disk.hang(tmp_path)
    roots = Roots(deadline=0.05, scandir=disk.scandir)
    assert (await roots.probe(local(tmp_path))).state is RootState.TIMED_OUT
    roots.deadline = 30
    started = time.monotonic()
    assert (await roots.probe(local(tmp_path))).state is RootState.TIMED_OUT
    assert time.monotonic() - started < 5  # at once, not after the deadline
    assert disk.listed[str(tmp_path)] == 1


async def test_a_root_that_came_back_is_asked_anew(tmp_path: Path, disk: Disk, until: Until) -> None:
    (tmp_path / "Heat").mkdir()
    disk.hang(tmp_path)
    roots = Roots(deadline=0.05, scandir=disk.scandir)
    assert (await roots.probe(local(tmp_path))).state is RootState.TIMED_OUT
    roots.deadline = 10
    disk.back.set()

    async def is_back() -> bool:
        return (await roots.probe(local(tmp_path))).state is RootState.OK

    await until(is_back)


async def test_a_hanging_root_delays_no_other(tmp_path: Path, disk: Disk) -> None:
    (tmp_path / "good/Heat").mkdir(parents=True)
    disk.hang(tmp_path / "bad")
    roots = Roots(deadline=30, scandir=disk.scandir)
    hanging = asyncio.create_task(roots.probe(local(tmp_path / "bad")))
    async with asyncio.timeout(10):
        assert (await roots.probe(local(tmp_path / "good"))).state is RootState.OK
    assert not hanging.done()
    hanging.cancel()


async def test_two_who_ask_at_once_share_one_thread(tmp_path: Path, disk: Disk) -> None:
    disk.hang(tmp_path)
    roots = Roots(deadline=0.05, scandir=disk.scandir)
    answers = await asyncio.gather(roots.probe(local(tmp_path)), roots.probe(local(tmp_path)))
    assert {answer.state for answer in answers} == {RootState.TIMED_OUT}
    assert disk.listed[str(tmp_path)] == 1


async def test_one_who_gives_up_waiting_leaves_the_check_to_the_other(tmp_path: Path, disk: Disk) -> None:
    (tmp_path / "Heat").mkdir()
    disk.hang(tmp_path)
    roots = Roots(deadline=30, scandir=disk.scandir)
    first = asyncio.create_task(roots.probe(local(tmp_path)))
    second = asyncio.create_task(roots.probe(local(tmp_path)))
    await asyncio.sleep(0.05)
    first.cancel()
    disk.back.set()
    assert (await second).state is RootState.OK
    assert first.cancelled()
    assert disk.listed[str(tmp_path)] == 1


@pytest.mark.parametrize("state", RootState)
def test_every_state_has_a_sentence_for_the_user(state: RootState) -> None:
    assert state.sentence
    assert state.sentence[0].islower()
    assert not state.sentence.endswith(".")


def test_probing_waits_as_long_as_it_takes_and_says_the_same(tmp_path: Path) -> None:
    assert probe(local(tmp_path)) is RootState.EMPTY
