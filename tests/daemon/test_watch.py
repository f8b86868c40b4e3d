"""A change of any kind is noticed once, when it is complete; nothing else is taken for one."""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from trailarrd.daemon.watch import ConfigWatch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

EVERY = 0.03


@dataclass
class Watched:
    """A file that is watched, and how often a change of it was told."""

    file: Path
    sources: set[Path] = field(default_factory=set)
    told: int = 0

    def tell(self) -> None:
        self.told += 1

    async def until(self, times: int) -> None:
        async with asyncio.timeout(5):
            while self.told < times:
                await asyncio.sleep(0.005)
        await asyncio.sleep(5 * EVERY)
        assert self.told == times, "and not once more"


@asynccontextmanager
async def watched(file: Path, *others: Path) -> AsyncIterator[Watched]:
    await asyncio.to_thread(file.write_text, "old")
    found = Watched(file, {file, *others})
    watch = asyncio.create_task(ConfigWatch(lambda: found.sources, found.tell, every=EVERY).run())
    await found.until(1)
    found.told = 0
    yield found
    watch.cancel()
    await asyncio.wait({watch})


async def test_what_may_have_changed_since_it_was_read_is_worth_one_look_at_the_start(tmp_path: Path) -> None:
    async with watched(tmp_path / "trailarrd.yaml") as found:
        await found.until(0)


def written(file: Path) -> None:
    file.write_text("new")


def renamed(file: Path) -> None:
    """As editors and configuration tools do."""
    other = file.with_name(".trailarrd.yaml.swp")
    other.write_text("old")
    os.utime(other, ns=(file.stat().st_mtime_ns, file.stat().st_mtime_ns))
    other.replace(file)


def linked(file: Path) -> None:
    """As a container's mounted configuration does."""
    other = file.with_name("new.yaml")
    other.write_text("new")
    file.unlink()
    file.symlink_to(other)


def deleted(file: Path) -> None:
    file.unlink()


def set_back(file: Path) -> None:
    """A backup that was put back is older than what it replaces."""
    file.write_text("bak")
    os.utime(file, (1, 1))


@pytest.mark.parametrize("change", [written, renamed, linked, deleted, set_back])
async def test_every_kind_of_change_is_told_once(tmp_path: Path, change: Callable[[Path], None]) -> None:
    async with watched(tmp_path / "trailarrd.yaml") as found:
        change(found.file)
        await found.until(1)


async def test_a_file_that_comes_back_is_a_change(tmp_path: Path) -> None:
    async with watched(tmp_path / "trailarrd.yaml") as found:
        found.file.unlink()
        await found.until(1)
        found.file.write_text("new")
        await found.until(2)


async def test_a_file_is_read_when_its_writer_has_left_it_alone(tmp_path: Path) -> None:
    async with watched(tmp_path / "trailarrd.yaml") as found:
        for number in range(20):
            with found.file.open("a") as file:
                file.write(str(number))
            await asyncio.sleep(EVERY / 3)
            assert found.told == 0
        await found.until(1)


async def test_any_of_the_files_counts(tmp_path: Path) -> None:
    key = tmp_path / "radarr.key"
    key.write_text("abc")
    async with watched(tmp_path / "trailarrd.yaml", key) as found:
        key.write_text("abcd")
        await found.until(1)


async def test_a_file_that_is_read_since_is_watched_from_then_on(tmp_path: Path) -> None:
    """It may have changed between being read and being looked at: one look more does no harm."""
    async with watched(tmp_path / "trailarrd.yaml") as found:
        include = tmp_path / "more.yaml"
        found.sources.add(include)
        await found.until(1)
        include.write_text("new")
        await found.until(2)
        found.sources.discard(include)
        include.write_text("newer")
        await found.until(2)


async def test_a_share_that_hangs_blocks_nothing_and_starts_no_second_thread(tmp_path: Path) -> None:
    over = threading.Event()
    asked: list[int] = []

    def stat(_file: Path) -> os.stat_result:
        asked.append(1)
        over.wait(5)
        raise OSError

    watch = ConfigWatch(lambda: [tmp_path / "x"], lambda: None, every=0.005, stat=stat)
    running = asyncio.create_task(watch.run())
    await asyncio.sleep(0.1)
    assert len(asked) == 1
    running.cancel()
    done, _ = await asyncio.wait({running}, timeout=1)
    assert done
    over.set()
