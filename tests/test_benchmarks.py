"""The benchmarks measure what is there: they are run by hand, and would break unseen."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import hints, page
from benchmarks.bench import GROUPS, SCENARIOS, measure, measure_share, summary
from benchmarks.goals import Size
from benchmarks.picture import draw
from benchmarks.stage import CHANGES, Stage, served
from tests.depth import IS_DEEP

if TYPE_CHECKING:
    from pathlib import Path


TRIED = list(SCENARIOS) if IS_DEEP else ["cold", "no change", "1 % changed"]
"""The others are measured by the same programs."""


@pytest.mark.deep
def test_both_sides_do_the_same_work_in_every_scenario(tmp_path: Path) -> None:
    stage, rows = Stage(tmp_path / "stage", 300), list[dict[str, Any]]()
    stage.build(set(CHANGES))
    with served(stage) as url:
        for scenario in TRIED:
            runs = [measure(stage, url, scenario, 1)]
            rows.append(summary(300, scenario, runs))
            rows[-1]["floors"] = runs[0]["floor"]["changed"]
    changed = {row["scenario"]: (row["did"]["added"] + row["did"]["updated"], row["floors"]) for row in rows}
    expected = {
        "cold": (300, 300),
        "no change": (0, 0),
        "1 % changed": (3, 3),
        "100 % changed": (300, 300),
        "disk 1 % changed": (1, 3),  # two of the three had a trailer before
    }
    assert changed == {name: expected[name] for name in TRIED}
    assert all(re.match(r"\s+300 ", page.line(row)) for row in rows)
    assert draw(rows).count("<polyline") == 4


@pytest.mark.deep
@pytest.mark.skipif(not IS_DEEP, reason="only in ./dev deep: a share is slow, and four processes look at it")
def test_on_a_share_an_unchanged_folder_costs_a_stat_if_its_times_are_trusted_else_a_listing(
    tmp_path: Path,
) -> None:
    stage = Stage(tmp_path / "stage", 300)
    stage.build({"same"})
    with served(stage) as url:
        measure(stage, url, "cold", 1)
        share = measure_share(stage, url, 1)
    # Two root folders cost a listing and a stat each, and one once more if a trailer is not seen there;
    # a third of the folders hold one.
    assert share["always"]["calls"] == {"listings": 2, "stats": 302}
    assert share["never"]["calls"] == {"listings": 303, "stats": 103}
    assert page.share_line(share).startswith("On a share with 2.5 ms a call, 300 unchanged movies: 0.01 list")


@pytest.mark.deep
def test_news_of_each_kind_changes_its_row_by_few_requests(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "stage", 20)
    stage.build(set())
    rounds = 2 if IS_DEEP else 1
    measured = asyncio.run(hints.measure(stage, rounds))
    requests = {
        "changed": [1] * rounds,
        "added": [1] * rounds,
        "command": [1] * rounds,
        "deleted": [3] * rounds,
        "changed, to a stream": [1] * rounds,
    }
    assert {kind: told.requests for kind, told in measured.items()} == requests


@pytest.mark.deep
@pytest.mark.skipif(not IS_DEEP, reason="only in ./dev deep: rest must be waited for")
@pytest.mark.parametrize("group", GROUPS)
def test_every_figure_that_is_promised_is_measured(monkeypatch: pytest.MonkeyPatch, group: str) -> None:
    monkeypatch.setattr("benchmarks.rest._LOOKED_ROUND", 1.0)
    monkeypatch.setattr("benchmarks.rest.ITEMS", 30)
    monkeypatch.setattr("benchmarks.light._SOURCE", 30)
    monkeypatch.setattr("benchmarks.hints.SMALL", 30)
    tiny = Size(library=1500, rest=2, settle=1, folders=30, tries=1, events=1, growth=(30,))
    rows = list(GROUPS[group](tiny))
    assert rows
    assert all(row.figure >= 0 for row in rows), "at rest two seconds may cost nothing"
    assert any(row.goal is not None for row in rows) or group == "growth"
