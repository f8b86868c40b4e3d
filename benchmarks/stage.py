"""What both sides are measured on: a library's answers, its media tree, and a database of each side."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import MEASURED, WARM_UP
from trailarrd.domain.media import MediaKind
from trailarrd.store.store import Store
from trailarrd.testing import RADARR
from trailarrd.testing.library import SimulatedLibrary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parent.parent
KEY = "0123456789abcdef0123456789abcdef"
SETTLED = 3.5
"""Seconds after which a folder's times are believed."""

SIDES = ("ours", "floor", "cutting")
"""Who is measured: trailarrd, the floor, and the floor that cuts the answer as trailarrd does."""

CHANGES = {"same": 0, "some": 100, "all": 1}
"""The answers: in `some` one title of 100 is another, in `all` each is."""


class Stage:
    """A library of movies in a folder of its own."""

    def __init__(self, folder: Path, items: int) -> None:
        self.folder = folder
        self.items = items
        self.answers = folder / "answers"
        self.media = folder / "media"
        self.blank = folder / "blank.db"
        """A database with its tables and its connection, before the first refresh."""
        self.known = {side: folder / f"{side}-known.db" for side in SIDES}
        """Each side's database after its first refresh."""
        self.database = {side: folder / f"{side}.db" for side in SIDES}
        self.config = folder / "trailarrd.yaml"

    def build(self, answers: set[str]) -> None:
        """Write the answers and furnish the media tree: a video each, a trailer for every third."""
        library = SimulatedLibrary(RADARR, size=self.items, roots=("/movies",))
        self.answers.mkdir(parents=True)
        files = {name: (self.answers / f"{name}.json").open("wb") for name in answers}
        for number, arr_id in enumerate(library.ids):
            record = library.record(arr_id)
            self._furnish(Path(f"{self.media}{record['path']}"), record, number)
            for name, file in files.items():
                self._write(file, record, number, CHANGES[name], library)
        for file in files.values():
            file.write(library.layout.closing)
            file.close()
        (self.answers / f"{WARM_UP}.json").write_text("[]")
        asyncio.run(self._make_database())
        time.sleep(SETTLED)

    @staticmethod
    def _write(file: Any, record: dict[str, Any], number: int, every: int, library: SimulatedLibrary) -> None:
        changed = every and number % every == 0
        told = {**record, "title": f"{record['title']} (Director's Cut)"} if changed else record
        file.write(library.layout.between if number else library.layout.opening)
        file.write(library.layout.element(told))

    @staticmethod
    def _furnish(folder: Path, record: dict[str, Any], number: int) -> None:
        folder.mkdir(parents=True)
        file = record.get("movieFile", {"relativePath": "movie.mkv"})
        (folder / file["relativePath"]).write_bytes(b"x")
        if number % 3 == 0:
            (folder / "movie-trailer.mkv").write_bytes(b"x")

    async def _make_database(self) -> None:
        async with Store.open(f"sqlite:///{self.blank}") as store:
            kind = MediaKind("movie")
            await store.register([(name, "radarr", kind) for name in (MEASURED, WARM_UP)])

    def put_trailers(self, remainder: int) -> None:
        """A trailer appears in one folder of a hundred, in other ones for another remainder."""
        folders = sorted((self.media / "movies").iterdir())
        for folder in folders[remainder::100]:
            (folder / "new-trailer.mkv").write_bytes(b"x")
        time.sleep(SETTLED)

    def point_at(self, server: str, answer: str) -> None:
        """Let trailarrd ask that server for that answer."""
        self.write_config({MEASURED: f"{server}/{answer}", WARM_UP: f"{server}/{WARM_UP}"})

    def write_config(self, urls: Mapping[str, str]) -> None:
        """A connection for each of these servers, by its name."""
        connections = "\n".join(
            f"  - {{name: {name}, provider: radarr, url: {url}, api_key: {KEY},\n"
            f"     path_mappings: [{{remote: /movies, local: {self.media}/movies}}]}}"
            for name, url in urls.items()
        )
        database = f"sqlite+aiosqlite:///{self.database['ours']}"
        self.config.write_text(f'database: {{url: "{database}", backups: 0}}\nconnections:\n{connections}\n')

    def restore(self, side: str, source: Path) -> None:
        """Give a side that database to begin with."""
        self.forget(side)
        shutil.copyfile(source, self.database[side])

    def forget(self, side: str) -> None:
        """That side has no database."""
        database = self.database[side]
        for file in database.parent.glob(f"{database.name}*"):
            file.unlink()

    def keep(self, side: str) -> None:
        """What that side knows now is what it begins the other scenarios with."""
        shutil.copyfile(self.database[side], self.known[side])


def run(script: str, *words: str) -> Any:
    """What a program of this folder prints, in a process of its own."""
    command = [sys.executable, "-m", f"benchmarks.{script}", *words]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


@contextmanager
def built(items: int) -> Iterator[Stage]:
    """A stage with one answer and a database without items, until the block is left."""
    with tempfile.TemporaryDirectory(prefix="trailarrd-bench-") as folder:
        stage = Stage(Path(folder), items)
        stage.build({"same"})
        stage.restore("ours", stage.blank)
        yield stage


@contextmanager
def served(stage: Stage) -> Iterator[str]:
    """The answers' server in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.server", str(stage.answers), KEY]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
