"""Disks that are there, not there, or never answer; and what a refresh may make of them."""

from __future__ import annotations

import os
import threading
from collections import Counter
from typing import TYPE_CHECKING

from tests.edge.conftest import states
from tests.refresh.conftest import did, seen
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.report import DoubtedRoot, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.refresh.conftest import World
    from trailarrd.domain.roots import RootState


BEFORE = {1: "absent", 2: "present", 3: "absent"}
"""Alpha, Beta and Gamma, of whom Beta has a trailer."""
UNKNOWN = {"unknown": 3}


class Hanging:
    """A disk on which chosen folders never answer, until the test is over."""

    def __init__(self, *folders: Path) -> None:
        self.folders = {str(folder) for folder in folders}
        self.over = threading.Event()
        self.listed: Counter[str] = Counter()

    def __call__(self, path: str) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        self.listed[path] += 1
        if path in self.folders:
            self.over.wait(60)
        return os.scandir(path)


async def refresh_unknown(world: World, state: RootState) -> None:
    """A refresh that can see nothing: one doubted root, nothing lost, nothing decided."""
    before = world.database.content()
    report = await world.refresh()
    assert (report.outcome, seen(report)) == (Outcome.PARTIAL, UNKNOWN)
    assert report.roots == (DoubtedRoot(LocalPath(str(world.shelf.folder)), state, 3),)
    assert did(report) == {"fetched": 3, "unchanged": 3}
    assert world.database.content() == before
    kept = (await world.store.roots())[world.name]
    assert [(root.path, root.state) for root in kept] == [(str(world.shelf.folder), state)]


async def refresh_well(world: World, expected: dict[int, str] = BEFORE) -> None:
    """A refresh that believes what it sees."""
    report = await world.refresh()
    assert (report.outcome, report.roots) == (Outcome.OK, ())
    assert await states(world) == expected
