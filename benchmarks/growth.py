"""How a refresh grows with the library: `python -m benchmarks.growth ITEMS ...` for larger ones."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchmarks.goals import FULL, Row
from benchmarks.stage import built, run, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.goals import Size


def rows(size: Size) -> Iterator[Row]:
    """For each size the CPU of a first refresh and of an unchanged one, memory, and the database."""
    for items in size.growth:
        with built(items) as stage, served(stage) as url:
            stage.point_at(url, "same")
            for scenario in ("cold", "no change"):
                used = run("measure", str(stage.config))
                what = f"{items:,} items, {scenario}"
                yield Row(f"{what}: CPU", used["cpu"], "s")
                yield Row(f"{what}: CPU an item", used["cpu"] / items * 1e6, "µs")
                yield Row(f"{what}: at most", used["peak_mib"], "MiB")
            database = stage.database["ours"].stat().st_size
            yield Row(f"{items:,} items: the database, an item", database / items, "bytes")


if __name__ == "__main__":
    for told in rows(FULL._replace(growth=tuple(map(int, sys.argv[1:])))):
        print(told, flush=True)
