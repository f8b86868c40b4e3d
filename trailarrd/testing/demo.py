"""The main job on stage: two simulated servers, a small media tree, two rounds of the real command."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from trailarrd.testing.dialects import RADARR, SONARR
from trailarrd.testing.hub import Hub
from trailarrd.testing.library import SimulatedLibrary
from trailarrd.testing.server import API_KEY, SimulatedArr

_MOVIES: Final = 30
_SERIES: Final = 24

_CONFIG: Final = """\
database: {{url: "sqlite+aiosqlite:///{database}"}}
connections:
  - name: movies
    provider: radarr
    url: {radarr}
    api_key: !env DEMO_API_KEY
    monitor: missing
    path_mappings:
      - {{remote: /movies, local: "{movies}"}}
  - name: series
    provider: sonarr
    url: {sonarr}
    api_key: !env DEMO_API_KEY
    monitor: sync
    path_mappings:
      - {{remote: /tv, local: "{tv}"}}
"""

_NEXT: Final = """\
Next, with your own servers (in a clone, write ./dev run where it says trailarrd):
  1. trailarrd init                     asks for each server's address and key, and writes trailarrd.yaml
  2. trailarrd refresh
  3. trailarrd media --wants-trailer
  4. trailarrd run                      the same, for good"""


async def demo() -> int:
    """Play it in a temporary folder; returns an exit code. Ends by itself within seconds."""
    with tempfile.TemporaryDirectory(prefix="trailarrd-demo-") as folder:
        async with AsyncExitStack() as stack:
            return await _play(await _set_stage(stack, Path(folder)))


@dataclass(frozen=True, slots=True)
class _Stage:
    """What the demo plays with."""

    movies: SimulatedLibrary
    series: SimulatedLibrary
    folders: Mapping[str, Path]
    """The library's remote roots as local folders."""
    config: Path

    def folder(self, library: SimulatedLibrary, arr_id: int) -> Path:
        """The item's folder on this host."""
        root, name = str(library.record(arr_id)["path"]).rsplit("/", 1)
        return self.folders[root] / name


async def _set_stage(stack: AsyncExitStack, folder: Path) -> _Stage:
    movies = SimulatedLibrary(RADARR, size=_MOVIES, seed=7, roots=("/movies",))
    series = SimulatedLibrary(SONARR, size=_SERIES, seed=7, roots=("/tv",))
    radarr = await stack.enter_async_context(SimulatedArr(movies, url_base="/radarr", hub=Hub()))
    sonarr = await stack.enter_async_context(SimulatedArr(series, hub=Hub(versions=(3, 5))))
    folders = {"/movies": folder / "media" / "films", "/tv": folder / "media" / "shows"}
    config = folder / "trailarrd.yaml"
    config.write_text(
        _CONFIG.format(
            database=folder / "trailarrd.db",
            radarr=radarr.url,
            sonarr=sonarr.url,
            movies=folders["/movies"],
            tv=folders["/tv"],
        )
    )
    for library in (movies, series):
        library.set_file(library.ids[-1], has_file=False)  # it has no folder yet
    stage = _Stage(movies, series, folders, config)
    _furnish(stage)
    return stage


def _furnish(stage: _Stage) -> None:
    """A folder for every item but the last; trailers in the layouts that media servers know."""
    for library in (stage.movies, stage.series):
        for arr_id in library.ids[:-1]:
            stage.folder(library, arr_id).mkdir(parents=True)
    for arr_id in stage.movies.ids[:-1]:
        folder = stage.folder(stage.movies, arr_id)
        _file(folder / (stage.movies.own_file(arr_id) or f"{folder.name}.mkv"))
        if arr_id % 3 == 0:
            _file(folder / f"{folder.name}-trailer.mp4")
        elif arr_id % 7 == 0:
            _file(folder / "Trailers" / "Official Trailer.mkv")
    for arr_id in stage.series.ids[:-1]:
        folder = stage.folder(stage.series, arr_id)
        _file(folder / "Season 01" / f"{folder.name} - S01E01 - The Trailer.mkv")
        if arr_id % 4 == 0:
            _file(folder / "Trailers" / f"{folder.name}.mp4")


async def _play(stage: _Stage) -> int:
    _say("1. A simulated Radarr and Sonarr, a small media tree, an empty database. First refresh:")
    code = await _trailarrd(stage, "refresh")
    _say("2. The movies that want a trailer:")
    code = code or await _trailarrd(stage, "media", "--connection", "movies", "--wants-trailer")
    _say("3. The world moves on:")
    for change in _change(stage):
        click.echo(f"   - {change}")
    _say("4. Second refresh, which should show exactly that:")
    code = code or await _trailarrd(stage, "refresh")
    _say("5. The history says it item by item:")
    code = code or await _trailarrd(stage, "history", "--limit", "5")
    _say("6. Both connections as they stand now:")
    code = code or await _trailarrd(stage, "connections")
    _say(_NEXT)
    return code


def _change(stage: _Stage) -> list[str]:
    added = stage.movies.add(title="The Last Lighthouse", year=2026)
    stage.movies.set_file(added["id"], has_file=False)
    stage.folder(stage.movies, added["id"]).mkdir(parents=True)
    edited = stage.movies.edit(4, title="Renamed on the Server")
    gone = stage.series.record(5)
    stage.series.delete(5)
    _file(stage.folder(stage.series, 6) / "Trailers" / "teaser.webm")
    dropped = stage.series.record(6)["title"]
    return [
        f"Radarr gets a movie: {added['title']}",
        f"Radarr gives movie 4 another title: {edited['title']}",
        f"Sonarr drops a series: {gone['title']}",
        f"somebody puts a trailer beside a series: {dropped}",
    ]


async def _trailarrd(stage: _Stage, *words: str) -> int:
    """The installed command, as a user runs it."""
    click.echo(f"   $ trailarrd {' '.join(words)}")
    process = await asyncio.create_subprocess_exec(*_command(stage, words), env=_environment())
    return await process.wait()


def _command(stage: _Stage, words: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "trailarrd", "--config", str(stage.config), *words]


def _environment() -> dict[str, str]:
    # A package has its libraries where Python would not look by itself.
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "DEMO_API_KEY": API_KEY}


def _file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"not really a video, but not empty either")


def _say(text: str) -> None:
    click.echo(f"\n{text}")
