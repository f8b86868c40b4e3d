"""What CPU a refresh takes beside the floor: `./dev bench [--items N ...] [--runs N] [--write]`.

Everything runs in one go against one server, each refresh and each floor in a process of its own and
in turn, so that the ratios hold however busy the machine is. `--write` puts what was measured into
`docs/performance.md` and its picture, beside what was measured at other sizes before.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import light, page
from benchmarks.stage import CHANGES, KEY, ROOT, Stage, served
from benchmarks.startup import measure_start

if TYPE_CHECKING:
    from collections.abc import Callable

_PAGES, _REST = 10_000, 20.0
"""Items and seconds for what stands beside the refreshes: `./dev light` takes more."""

SCENARIOS = {
    "cold": "same",
    "no change": "same",
    "1 % changed": "some",
    "100 % changed": "all",
    "disk 1 % changed": "same",
}
"""Each with the answer that the server gives."""


def run(script: str, *words: str) -> Any:
    command = [sys.executable, "-m", f"benchmarks.{script}", *words]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def measure(stage: Stage, url: str, scenario: str, number: int) -> dict[str, Any]:
    """Prepare a scenario and run it on all sides, one after the other."""
    if scenario == "disk 1 % changed":
        stage.put_trailers(number)  # which stay, so each run goes on where the one before ended
    if scenario != "disk 1 % changed" or number == 1:
        for side in stage.database:
            stage.restore(side, stage.blank if scenario == "cold" else stage.known[side])
    answer = SCENARIOS[scenario]
    stage.point_at(url, answer)

    def floor(side: str, how: str) -> Any:
        return run("floor", how, url, answer, KEY, str(stage.database[side]), str(stage.media))

    sides: dict[str, Callable[[], Any]] = {
        "ours": lambda: run("measure", str(stage.config)),
        "floor": lambda: floor("floor", "whole"),
        "cutting": lambda: floor("cutting", "cut"),
    }
    order = list(sides) if number % 2 else list(sides)[::-1]
    result = {side: sides[side]() for side in order}
    if scenario == "cold":
        for side in sides:
            stage.keep(side)
    return result


def summary(items: int, scenario: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians of each side, and the median of the ratios pair by pair."""

    def middle(side: str, figure: str) -> float:
        return float(statistics.median(run[side][figure] for run in runs))

    def ratio(side: str) -> float:
        return float(statistics.median(run["ours"]["cpu"] / run[side]["cpu"] for run in runs))

    phases = {name: statistics.median(run["ours"]["phases"][name] for run in runs) for name in page.PHASES}
    return {
        "items": items,
        "scenario": scenario,
        "runs": len(runs),
        "cpu": middle("ours", "cpu"),
        "floor": middle("floor", "cpu"),
        "ratio": ratio("floor"),
        "cutting": middle("cutting", "cpu"),
        "cutting_ratio": ratio("cutting"),
        "peak_mib": middle("ours", "peak_mib"),
        "block_ms": min(run["ours"]["block_ms"] for run in runs),
        "written_mib": middle("ours", "written_mib"),
        "phases": phases,
        "did": runs[-1]["ours"]["did"],
    }


def bench(items: int, runs: int, scenarios: list[str], folder: Path) -> list[dict[str, Any]]:
    """Measure one size, and print each scenario when it is done."""
    stage = Stage(folder, items)
    stage.build({SCENARIOS[name] for name in ("cold", *scenarios)} & set(CHANGES))
    rows = []
    with served(stage) as url:
        for scenario in SCENARIOS:
            if scenario not in {"cold", *scenarios}:
                continue
            row = summary(items, scenario, [measure(stage, url, scenario, n) for n in range(1, runs + 1)])
            print(page.line(row), flush=True)
            rows.append(row)
            if scenario == "cold" and items == page.SHARE_ITEMS:
                rows.append(measure_share(stage, url, runs))
                print(page.share_line(rows[-1]), flush=True)
    return rows


def measure_share(stage: Stage, url: str, runs: int) -> dict[str, Any]:
    """Refreshes of the unchanged library on a slow share, whose folder times are trusted or are not."""
    stage.point_at(url, "same")
    row: dict[str, Any] = {"items": 0, "scenario": "share", "movies": stage.items}
    for trust in ("always", "never"):
        measured = []
        for _ in range(runs):
            stage.restore("ours", stage.known["ours"])
            measured.append(run("measure", str(stage.config), trust))
        look = statistics.median(one["look"] for one in measured)
        row[trust] = {"look": look, "calls": measured[-1]["calls"], "did": measured[-1]["did"]}
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--items", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scenarios", nargs="+", choices=list(SCENARIOS), default=list(SCENARIOS))
    parser.add_argument(
        "--refreshes", action="store_true", help="nothing but these: no ./dev light after them"
    )
    parser.add_argument("--write", action="store_true", help="put it into docs/performance.md")
    parser.add_argument("--folder", type=Path, help="where to build libraries (default: a temporary folder)")
    options = parser.parse_args()
    print(page.HEAD)
    rows: list[dict[str, Any]] = []
    for items in options.items:
        folder = Path(tempfile.mkdtemp(prefix="trailarrd-bench-", dir=options.folder))
        try:
            rows += bench(items, options.runs, options.scenarios, folder)
            if items == page.START_ITEMS:
                rows.append(measure_start(folder / "trailarrd.yaml", options.runs))
                print(page.start_line(rows[-1]), flush=True)
        finally:
            shutil.rmtree(folder)
    if options.write:
        page.write(rows)
    if not options.refreshes:
        light.run(_PAGES, _REST)


if __name__ == "__main__":
    main()
