"""How long a refresh takes beside the floor: `./dev bench [--items N] [--rounds N]`.

Everything runs in one go against one simulated server, each refresh and each floor in a process of
its own and in turn, so that the ratios hold however busy the machine is.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
KEY = "0123456789abcdef"


class Stage:
    """A served library, its media tree, and the databases of both sides."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self.media = folder / "media"
        self.ours = folder / "trailarrd.db"
        self.floors = folder / "floor.db"
        self.config = folder / "trailarrd.yaml"
        self.config.write_text(
            f'database: {{url: "sqlite+aiosqlite:///{self.ours}"}}\n'
            f"connections:\n  - {{name: movies, provider: radarr, url: {url}, api_key: {KEY},\n"
            f"     path_mappings: [{{remote: /movies, local: {self.media}/movies}}]}}\n"
        )

    def furnish(self) -> None:
        """A folder with a video for every movie, a trailer for every third."""
        listing = _run([sys.executable, "-c", _LIST, self.url, KEY])
        for number, path in enumerate(listing.splitlines()):
            folder = Path(f"{self.media}{path}")
            folder.mkdir(parents=True)
            (folder / "movie.mkv").write_bytes(b"x")
            if number % 3 == 0:
                (folder / "movie-trailer.mkv").write_bytes(b"x")

    def forget(self) -> None:
        """As before the first refresh."""
        for database in (self.ours, self.floors):
            for file in database.parent.glob(database.name + "*"):
                file.unlink()

    def age(self, every: int) -> None:
        """Make one row in `every` differ from what the server says."""
        for database, key in ((self.ours, "id"), (self.floors, "arr_id")):
            with sqlite3.connect(database) as db:
                db.execute(
                    f"update media set title = title || '*', fingerprint = x'00' where {key} % ? = 0",
                    (every,),
                )
            db.close()


_LIST = (
    "import sys, json, urllib.request as u\n"
    "r = u.Request(sys.argv[1] + '/api/v3/movie', headers={'X-Api-Key': sys.argv[2]})\n"
    "print('\\n'.join(m['path'] for m in json.load(u.urlopen(r))))"
)


@contextmanager
def served(items: int) -> Iterator[str]:
    """A simulated Radarr in a process of its own."""
    command = [sys.executable, "-m", "trailarrd.testing.serve", "--dialect", "radarr", "--root", "/movies"]
    command += ["--items", str(items), "--port", "0", "--api-key", KEY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().rpartition(" ")[2].strip()
        finally:
            process.terminate()


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _measure(stage: Stage) -> tuple[dict[str, float], dict[str, float]]:
    ours = _run([sys.executable, str(HERE / "measure.py"), str(stage.config)])
    floor = [sys.executable, str(HERE / "floor.py"), stage.url, KEY, str(stage.floors), str(stage.media)]
    return msgspec.json.decode(ours), json.loads(_run(floor))


def compare(stage: Stage, rounds: int) -> None:
    """Print a line per scenario: medians, and the median of the ratios pair by pair."""
    scenarios: dict[str, Callable[[], None]] = {
        "cold": stage.forget,
        "no change": lambda: None,
        "1 % changed": lambda: stage.age(100),
        "100 % changed": lambda: stage.age(1),
    }
    print(f"{'':15}{'changed':>9}{'seconds':>9}{'floor':>8}{'ratio':>7}{'peak MiB':>10}{'block ms':>10}")
    for name, prepare in scenarios.items():
        pairs = []
        for _ in range(rounds):
            prepare()
            pairs.append(_measure(stage))
        ours, floors = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        ratio = statistics.median(our["seconds"] / floor["seconds"] for our, floor in pairs)
        figures = (_median(ours, "seconds"), _median(floors, "seconds"), ratio)
        print(f"{name:15}{ours[-1]['changed']:9}{figures[0]:9.2f}{figures[1]:8.2f}{figures[2]:7.2f}", end="")
        print(f"{_median(ours, 'peak_mib'):10.0f}{_median(ours, 'block_ms'):10.0f}", flush=True)


def _median(results: list[dict[str, float]], key: str) -> float:
    return statistics.median(result[key] for result in results)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trailarrd-bench-") as folder, served(options.items) as url:
        stage = Stage(Path(folder), url)
        stage.furnish()
        print(f"{options.items} movies, median of {options.rounds}, Python {sys.version.split()[0]}")
        compare(stage, options.rounds)


if __name__ == "__main__":
    main()
