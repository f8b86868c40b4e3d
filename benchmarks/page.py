"""What was measured, as lines on a terminal and as `docs/performance.md` with its picture."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.picture import draw

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results.json"
PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "performance.svg"

START_ITEMS = 10_000
SHARE_ITEMS = 1000
PHASES = ("known", "ask", "parse", "look", "compare", "apply")
BEGIN, END = "<!-- measured -->", "<!-- end of what was measured -->"

_COLUMNS = ("cpu", "floor", "ratio", "cutting", "ratio", "peak MiB", "block ms", "wrote MiB")
HEAD = f"{'items':>9} {'scenario':17}" + "".join(f"{name:>10}" for name in _COLUMNS) + "   phases in ms"


def line(row: dict[str, Any]) -> str:
    """One scenario on a terminal."""
    phases = " ".join(f"{name} {row['phases'][name] * 1000:.0f}" for name in PHASES)
    figures = "".join(f"{text:>10}" for text in _figures(row))
    return f"{row['items']:>9,} {row['scenario']:17}{figures}   {phases}"


def start_line(row: dict[str, Any]) -> str:
    """What commands cost."""
    return "CPU seconds: " + ", ".join(f"trailarrd {name} {cpu:.2f}" for name, cpu in row["cpu"].items())


def share_line(row: dict[str, Any]) -> str:
    """What an unchanged library costs on a slow share."""
    told = (
        f"{_per_folder(row, trust)} a folder, {row[trust]['look']:.2f} s where folder times are {word}"
        for trust, word in (("always", "trusted"), ("never", "not trusted"))
    )
    return f"On a share with 2.5 ms a call, {row['movies']:,} unchanged movies: {'; '.join(told)}"


def _per_folder(row: dict[str, Any], trust: str) -> str:
    calls = row[trust]["calls"]
    return " and ".join(f"{calls[name] / row['movies']:.2f} {name}" for name in sorted(calls))


def _figures(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"{row['cpu']:.2f}",
        f"{row['floor']:.2f}",
        f"{row['ratio']:.2f}",
        f"{row['cutting']:.2f}",
        f"{row['cutting_ratio']:.2f}",
        f"{row['peak_mib']:.0f}",
        f"{row['block_ms']:.0f}",
        f"{row['written_mib']:.1f}",
    )


def write(rows: list[dict[str, Any]]) -> None:
    """Keep these results beside those of other sizes, and write the page and its picture anew."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    fresh = {(row["items"], row["scenario"]) for row in rows}
    kept = [row for row in kept if (row["items"], row["scenario"]) not in fresh]
    for row in rows:
        row["machine"] = _machine()
    every = sorted([*kept, *rows], key=lambda row: row["items"])
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    page, picture = _tables(every), draw([row for row in every if row["items"]])
    RESULTS.write_text(json.dumps(every, indent=1) + "\n")
    PICTURE.write_text(picture)
    PAGE.write_text(f"{before}{BEGIN}\n\n{page}\n{END}{after}")


def _tables(rows: list[dict[str, Any]]) -> str:
    refreshes = [row for row in rows if row["items"]]
    sentences = map(_sentence, (row for row in rows if not row["items"]))
    pieces = [_comparison(refreshes), _phases(refreshes), *sentences]
    return "\n".join([*pieces, f"Measured on {rows[-1]['machine']}.", ""])


def _comparison(rows: list[dict[str, Any]]) -> str:
    head = (
        "| Items | Refresh | CPU seconds | Floor | Ratio | Cutting floor | Ratio | Peak, MiB |"
        " Longest block, ms | Written, MiB |"
        "\n|---:|---|" + "---:|" * 8
    )
    body = (f"| {row['items']:,} | {row['scenario']} | {' | '.join(_figures(row))} |" for row in rows)
    return "\n".join([head, *body, ""])


def _phases(rows: list[dict[str, Any]]) -> str:
    head = f"| Items | Refresh | {' | '.join(PHASES)} |\n|---:|---|" + "---:|" * len(PHASES)
    body = (
        f"| {row['items']:,} | {row['scenario']} | "
        + " | ".join(f"{row['phases'][name]:.2f}" for name in PHASES)
        + " |"
        for row in rows
    )
    return "\n".join(["The same in phases, in CPU seconds:", "", head, *body, ""])


def _sentence(row: dict[str, Any]) -> str:
    if row["scenario"] == "share":
        return f"{share_line(row)}.\n"
    costs = ", ".join(f"`trailarrd {name}` {cpu:.2f} s" for name, cpu in row["cpu"].items())
    return f"CPU that commands need, the interpreter included, with {START_ITEMS:,} items: {costs}.\n"


def _machine() -> str:
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), Linux {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {datetime.now(UTC):%Y-%m-%d}"
    )
