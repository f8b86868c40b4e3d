"""Hours and days of a real daemon in seconds: its clock runs many times as fast, and is wrong by a year."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from tests.depth import IS_DEEP
from tests.e2e.test_server_faults import FAKETIME, ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Start
    from tests.household import Household

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(not IS_DEEP, reason="only in ./dev deep: a daemon lives for hours in some seconds"),
    pytest.mark.skipif(
        FAKETIME is None, reason="there is no libfaketime here (Debian: apt install libfaketime)"
    ),
]
DAYS: Final = 10
"""Of history that are old enough to go, an event each half an hour."""

HALF_HOUR: Final = timedelta(minutes=30)
CRASHES: Final = 1030
CRASHING: Final = """
from trailarrd.runtime.housekeeper import Housekeeper

async def run(self):
    raise OSError("again")

Housekeeper.run = run
"""
"""A plugin: what runs in the daemon may do anything in it."""


def clock(ahead: str, times: int) -> dict[str, str]:
    """The environment of a process whose clocks run so many times as fast, its date wrong by that."""
    return {
        "PYTHONPATH": str(ROOT),
        "LD_PRELOAD": str(FAKETIME),
        "NO_FAKE_STAT": "1",
        "FAKETIME": f"{ahead} x{times}",
    }


async def test_a_clock_that_is_a_year_ahead_takes_two_hours_of_the_oldest_in_an_hour(
    household: Household, start: Start
) -> None:
    daemon, database = await start(), household.database
    for name in household.shelves:
        await daemon.until("refresh.finished", connection=name, outcome="ok")
    daemon.process.kill()
    await daemon.process.wait()
    begin = datetime.now(UTC) - timedelta(days=DAYS)
    for number in range(48 * DAYS):
        database.sql(
            "INSERT INTO history (at, connection, media_id, arr_id, title, event, detail, refresh_id)"
            f" VALUES ('{stored(begin + number * HALF_HOUR)}', 'movies', 1, 1, 'Old', 'updated', '{{}}', 1)"
        )
    for arr_id, later in ((1, 0), (2, 2), (3, 9)):
        household.series.library.delete(arr_id)
        gone = stored(begin + later * HALF_HOUR)
        database.sql(f"UPDATE media SET removed_at = '{gone}' WHERE kind = 'series' AND arr_id = {arr_id}")

    daemon = await start(**clock("+400d", 400))
    await daemon.until("housekeeping.purged", times=3, within=240)
    daemon.process.kill()
    await daemon.process.wait()
    assert daemon.told("housekeeping.failed") == []
    portions = daemon.told("housekeeping.purged")
    assert [(one["items"], one["events"]) for one in portions] == [(2, 5), (1, 5), (0, 5)]
    ((left,),) = database.sql("SELECT count(*) FROM history WHERE title = 'Old'")
    assert left == 48 * DAYS - 15
    first, *_, last = (datetime.fromisoformat(one["timestamp"]) for one in daemon.lines)
    assert last - first > timedelta(hours=3)


def stored(moment: datetime) -> str:
    """As SQLite has it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


async def test_a_service_that_crashes_again_and_again_ends_nothing_and_fills_no_log(
    household: Household, start: Start, tmp_path: Path
) -> None:
    """Its pause grows to a minute: so many crashes take most of a day."""
    (tmp_path / "crashing-1.0.dist-info").mkdir()
    (tmp_path / "crashing-1.0.dist-info" / "METADATA").write_text("Name: crashing\nVersion: 1.0\n")
    (tmp_path / "crashing-1.0.dist-info" / "entry_points.txt").write_text(
        "[trailarrd]\ncrashing = crashing\n"
    )
    (tmp_path / "crashing.py").write_text(CRASHING)
    daemon = await start(**clock("+0", 4000) | {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"})
    await daemon.until("service.crashed", times=CRASHES, within=240)
    assert daemon.process.returncode is None
    assert daemon.told("service.lost") == daemon.told("task.lost") == []
    pauses = [line["again_in_s"] for line in daemon.told("service.crashed", service="housekeeper")]
    assert max(pauses) == 60
    first, *_, last = (datetime.fromisoformat(line["timestamp"]) for line in daemon.told("service.crashed"))
    minutes = (last - first) / timedelta(minutes=1)
    assert len(daemon.output) / minutes < 5000, "letters a minute"
    assert (await daemon.stop(signal.SIGTERM))[0] == 0
