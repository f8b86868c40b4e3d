"""The benchmarks measure what is there: they are run by hand, and would break unseen."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import hints, page
from benchmarks.bench import SCENARIOS, measure, measure_share, summary
from benchmarks.picture import draw
from benchmarks.stage import CHANGES, Stage, served

if TYPE_CHECKING:
    from pathlib import Path


def test_both_sides_do_the_same_work_in_every_scenario(tmp_path: Path) -> None:
    stage, rows = Stage(tmp_path / "stage", 300), list[dict[str, Any]]()
    stage.build(set(CHANGES))
    with served(stage) as url:
        for scenario in SCENARIOS:
            runs = [measure(stage, url, scenario, 1)]
            rows.append(summary(300, scenario, runs))
            rows[-1]["floors"] = runs[0]["floor"]["changed"]
            if scenario == "cold":
                share = measure_share(stage, url, 1)
    changed = {row["scenario"]: (row["did"]["added"] + row["did"]["updated"], row["floors"]) for row in rows}
    assert changed == {
        "cold": (300, 300),
        "no change": (0, 0),
        "1 % changed": (3, 3),
        "100 % changed": (300, 300),
        "disk 1 % changed": (1, 3),  # two of the three had a trailer before
    }
    assert all(re.match(r"\s+300 ", page.line(row)) for row in rows)
    # Two root folders cost a listing and a stat each, and one once more if a trailer is not seen there;
    # a third of the folders hold one.
    assert share["always"]["calls"] == {"listings": 2, "stats": 302}
    assert share["never"]["calls"] == {"listings": 303, "stats": 103}
    assert page.share_line(share).startswith("On a share with 2.5 ms a call, 300 unchanged movies: 0.01 list")
    assert draw(rows).count("<polyline") == 4


@pytest.mark.deep
def test_an_event_changes_its_row_by_one_request(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "stage", 20)
    stage.build(set())
    measured = asyncio.run(hints.measure(stage, 2))
    assert (len(measured.seconds), measured.requests) == (2, [1, 1])
