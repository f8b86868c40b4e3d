"""What a refresh takes beside the floor, and what the daemon costs beside it: `./dev bench`.

Each refresh and each floor is a process of its own, one after the other, against one server, so that the
ratios hold however busy the machine is. Then come the figures that are promised, each with its goal; with
`--full` of libraries as large as the goals mean them. `--write` puts refreshes into `docs/performance.md` and
its picture, beside what was measured at other sizes before.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import growth, hints, light, listeners, page, rest, startup
from benchmarks.goals import FULL, SHORT, Row, Size
from benchmarks.stage import CHANGES, KEY, Stage, run, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SCENARIOS = {
    "cold": "same",
    "no change": "same",
    "1 % changed": "some",
    "100 % changed": "all",
    "disk 1 % changed": "same",
}
"""Each with the answer that the server gives."""


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


def bench_sizes(sizes: Iterable[int], runs: int, scenarios: list[str]) -> list[dict[str, Any]]:
    print(page.HEAD)
    rows: list[dict[str, Any]] = []
    for items in sizes:
        with tempfile.TemporaryDirectory(prefix="trailarrd-bench-") as name:
            folder = Path(name)
            rows += bench(items, runs, scenarios, folder)
            if items == page.START_ITEMS:
                rows.append(startup.measure_start(folder / "trailarrd.yaml", runs))
                print(page.start_line(rows[-1]), flush=True)
    return rows


def against_floor(rows: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """What is promised of them."""
    for row in rows:
        if row["items"] == _GOALS_ITEMS and row["scenario"] in _GOALS:
            what = f"refresh of {row['items']:,} against the floor, {row['scenario']}"
            yield Row(what, row["ratio"], "times its CPU", _GOALS[row["scenario"]])


_GOALS_ITEMS = 10_000
_GOALS = {"cold": 1.4, "no change": 1.3}
GROUPS: dict[str, Callable[[Size], Iterator[Row]]] = {
    "rest": rest.rows,
    "start": startup.rows,
    "hints": hints.rows,
    "share": light.first_look,
    "pages": light.pages,
    "listeners": listeners.rows,
    "growth": growth.rows,
}
"""What is measured beside the refreshes, each row with its goal."""
REFRESHES = "refreshes"


def main() -> None:
    options = _options()
    chosen = options.only or ([REFRESHES] if options.write else [REFRESHES, *GROUPS])
    if options.folder:
        tempfile.tempdir = str(options.folder)
    if REFRESHES in chosen:
        sizes = options.items or ([1000, 10_000, 100_000] if options.write else [10_000])
        scenarios = options.scenarios or list(SCENARIOS if options.write else _GOALS)
        rows = bench_sizes(sizes, options.runs or (5 if options.write or options.full else 3), scenarios)
        if options.write:
            page.write(rows)
        for row in against_floor(rows):
            print(row)
    for name in (name for name in GROUPS if name in chosen):
        for row in GROUPS[name](FULL if options.full else SHORT):
            print(row, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    groups = [REFRESHES, *GROUPS]
    parser.add_argument("--only", nargs="+", choices=groups, help="these groups; else all")
    parser.add_argument("--full", action="store_true", help="libraries as large as the goals mean them")
    parser.add_argument("--items", type=int, nargs="+", help="of the libraries that are refreshed")
    parser.add_argument("--runs", type=int, help="of each refresh")
    parser.add_argument("--scenarios", nargs="+", choices=list(SCENARIOS), help="of refreshes")
    parser.add_argument("--write", action="store_true", help="refreshes, into docs/performance.md")
    parser.add_argument("--folder", type=Path, help="where to build libraries")
    return parser.parse_args()


if __name__ == "__main__":
    main()
