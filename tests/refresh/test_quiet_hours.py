"""In quiet hours the server is asked and the disk is not: what was known of it stays as it was."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from tests.refresh.conftest import did
from trailarrd.disk.roots import Roots
from trailarrd.domain.report import Outcome
from trailarrd.domain.roots import RootState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from tests.refresh.conftest import World


class Night:
    """A disk that must not be looked at while it is `on`; after so many looks it begins by itself."""

    def __init__(self, *, after: int = 10**9, on: bool = False) -> None:
        self.on = on
        self.looks = 0
        self._after = after

    def roots(self) -> Roots:
        return Roots(scandir=self._scandir, stat=self._stat, quiet=lambda: self.on)

    def _look(self) -> None:
        assert not self.on, "the disk was woken"
        self.looks += 1
        self.on = self.looks >= self._after

    def _scandir(self, path: str) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        self._look()
        return os.scandir(path)

    def _stat(self, path: str) -> os.stat_result:
        self._look()
        return os.stat(path)  # noqa: PTH116  # as the code under test, on a string


async def test_nothing_is_looked_at_and_everything_known_stays(world: World) -> None:
    kept = world.shelf.put(1, "Trailers/Teaser.mkv")
    await world.refresh()
    kept.unlink()
    world.shelf.put(2, "Trailers/Teaser.mkv")
    world.shelf.add("Delta", 2004)
    night = Night(on=True)
    world.roots = night.roots()
    with capture_logs() as logs:
        report = await world.refresh()
    assert night.looks == 0
    assert did(report) == {"fetched": 4, "added": 1, "unchanged": 3}
    assert await world.each("trailer") == {1: "present", 2: "absent", 3: "absent", 4: "unknown"}
    assert (report.outcome, report.trailers.unknown) == (Outcome.OK, 4), "as it was told to"
    assert [(root.state, root.items) for root in report.roots] == [(RootState.QUIET, 4)]
    told = [(line["event"], line["log_level"]) for line in logs if line["event"] != "refresh.finished"]
    assert told == [("disk.quiet", "info")]

    night.on = False
    report = await world.refresh()
    assert await world.each("trailer") == {1: "absent", 2: "present", 3: "absent", 4: "absent"}
    assert (report.outcome, report.roots) == (Outcome.OK, ())


async def test_hours_that_begin_in_the_middle_of_a_refresh_end_its_looks_and_lose_nothing(
    world: World,
) -> None:
    trailers = [world.shelf.put(arr_id, "Trailers/Teaser.mkv") for arr_id in (1, 2, 3)]
    await world.refresh()
    for trailer in trailers:
        trailer.unlink()
    night = Night(after=2)
    world.roots = night.roots()
    report = await world.refresh()
    assert night.looks == 2
    assert set((await world.each("trailer")).values()) == {"present"}
    assert [root.state for root in report.roots] == [RootState.QUIET]
    night.on, night._after = False, 10**9
    await world.refresh()
    assert set((await world.each("trailer")).values()) == {"absent"}


async def test_whatever_else_is_wrong_is_wrong_at_night_too(world: World) -> None:
    world.shelf.library.edit(1, title=17)
    world.roots = Night(on=True).roots()
    assert (await world.refresh()).outcome is Outcome.PARTIAL
