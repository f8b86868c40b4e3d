"""0.1.0 at work in a home of its own: two servers, their media, the real commands and the real daemon."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from aiohttp import web

from tests.upgrade.dump import HOME
from trailarrd.testing import RADARR, SONARR, Notifications, SimulatedArr, SimulatedLibrary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from trailarrd.testing import Dialect, Record

KEY: Final = "0123456789abcdef0123456789abcdef"
"""Both servers' key, as `radarr.key` has it."""
_OLD_ENOUGH: Final = 3.5
"""Seconds after which the times of a folder are believed."""
_TRAILERS: Final = (
    "{name}-trailer.mkv",
    "Trailers/Official.mkv",
    "trailer.mp4",
    "{name}.trailer.webm",
    "trailers/one.mkv",
    "{name} trailer.mkv",
    "Extras/Trailers/two.mkv",
)
"""What 0.1.0 takes for one; a later version may be stricter."""
_TOLD: Final = (
    *("title", "year", "path", "monitored", "imdbId", "tmdbId", "tvdbId", "tvMazeId", "youTubeTrailerId"),
    *("hasFile", "movieFile", "statistics", "id"),
)
"""Of a record only what says something of the item and its files; of the files likewise."""
_TOLD_OF_FILES: Final = ("relativePath", "movieFileCount", "seasonCount", "episodeFileCount")


@dataclass
class Stage:
    """A user's home."""

    home: Path
    movies: SimulatedArr
    series: SimulatedArr
    notifications: Notifications
    people: str
    """Where messages to people are sent."""
    keys: dict[str, str] = field(default_factory=dict)
    """What was given out, by name."""

    async def trailarrd(self, *words: str, ends: int = 0) -> str:
        """What a command prints."""
        code, out, err = await self._run(*words)
        assert code == ends, (words, code, err)
        return out

    async def code_of(self, *words: str) -> int | None:
        """How a command ends."""
        return (await self._run(*words))[0]

    async def refresh(self, ends: int = 0) -> None:
        """Refresh both, when the folders have been left alone for a while."""
        await asyncio.sleep(_OLD_ENOUGH)
        await self.trailarrd("refresh", ends=ends)

    @asynccontextmanager
    async def daemon(self) -> AsyncIterator[str]:
        """The real one, when it has refreshed both; its address."""
        await asyncio.sleep(_OLD_ENOUGH)
        process = await asyncio.create_subprocess_exec(
            *self._program("run"),
            env={**self._environ, "TRAILARRD_LOG__FORMAT": "json"},
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stderr
        address, refreshed = "", 0
        while refreshed < 2:
            line = json.loads(await process.stderr.readline())
            refreshed += line["event"] == "refresh.finished"
            address = line["address"] if line["event"] == "http.listening" else address
        yield f"http://{address}"
        process.terminate()
        await process.communicate()
        assert process.returncode == 0

    async def ids(self, connection: str) -> list[int]:
        """The ids of what is listed, in order."""
        lines = (await self.trailarrd("media", "--connection", connection, "--json")).splitlines()
        return [json.loads(line)["id"] for line in lines]

    def put(self, *path: str) -> None:
        """A file among the media."""
        file = self.home.joinpath("media", *path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"a video")

    def add(self, title: str, year: int, *files: str) -> None:
        """Radarr gets a movie, and has a video of it."""
        record = self.movies.library.add(title=title, year=year, monitored=True)
        self.movies.library.replace(record["id"], _pruned(record))
        for file in (record["movieFile"]["relativePath"], *files):
            self.put("films", f"{title} ({year})", file)

    @property
    def _environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        user = {"HOME": str(self.home), "LOGNAME": "anna"}
        return {**kept, **user, "ARR_KEY": KEY, "NOTIFY_URL": self.people}

    async def _run(self, *words: str) -> tuple[int | None, str, str]:
        process = await asyncio.create_subprocess_exec(
            *self._program(*words),
            env=self._environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()

    def _program(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "trailarrd", "--config", str(self.home / "trailarrd.yaml"), *words]


@asynccontextmanager
async def open_stage(home: Path, situation: Path) -> AsyncIterator[Stage]:
    """Both servers run, their media lie there, and trailarrd.yaml is written."""
    notifications = Notifications(posts=True)
    movies = SimulatedArr(_library(RADARR, 20, 1), api_key=KEY, notifications=notifications)
    series = SimulatedArr(_library(SONARR, 6, 2), api_key=KEY)
    async with AsyncExitStack() as stack:
        for server in (movies, series):
            await stack.enter_async_context(server)
        people = await stack.enter_async_context(_people())
        stage = Stage(home, movies, series, notifications, people)
        configure(situation, home, movies=movies.url, series=series.url)
        _lay_movies(stage)
        _lay_series(stage)
        yield stage


WANT = "\ndefaults: {want: {without_file: true}"
"""As 0.1.0 did not ask whether a server has files of what is wanted."""


def configure(situation: Path, home: Path, *, movies: str, series: str) -> None:
    """Write trailarrd.yaml, and what it names, as it is in this home with its servers there."""
    places = {HOME: str(home), "{MOVIES}": movies, "{SERIES}": series}
    for path in [path for path in situation.rglob("*") if path.suffix in (".yaml", ".key")]:
        text = path.read_text("utf-8")
        for name, place in places.items():
            text = text.replace(name, place)
        if path.name == "trailarrd.yaml":
            text = (
                text.replace("\ndefaults: {", f"{WANT}, ") if "\ndefaults: {" in text else f"{text}{WANT}}}\n"
            )
        target = home / path.relative_to(situation)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def _library(dialect: Dialect, size: int, seed: int) -> SimulatedLibrary:
    library = SimulatedLibrary(dialect, size=size, seed=seed)
    for arr_id in library.ids:
        library.replace(arr_id, _pruned(library.record(arr_id)))
    return library


def _pruned(record: Record) -> Record:
    kept: Record = {name: record[name] for name in _TOLD if name in record}
    for name in ("movieFile", "statistics"):
        if name in kept:
            kept[name] = {part: kept[name][part] for part in _TOLD_OF_FILES if part in kept[name]}
    return kept


@asynccontextmanager
async def _people() -> AsyncIterator[str]:
    """Somebody who hears the messages, as apprise is told of them."""

    async def hear(_request: web.Request) -> web.Response:
        return web.Response()

    application = web.Application()
    application.router.add_post("/", hear)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"json://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


def _lay_movies(stage: Stage) -> None:
    """Every second movie that has a file has a trailer; of those without, some have a folder."""
    for record in stage.movies.library.records:
        folder = record["path"].removeprefix("/movies/")
        is_even = record["id"] % 2 == 0
        if "movieFile" in record:
            stage.put("films", folder, record["movieFile"]["relativePath"])
            if is_even:
                _lay_trailer(stage, "films", folder, record["id"] // 2)
        elif not is_even:
            stage.home.joinpath("media", "films", folder).mkdir(parents=True)


def _lay_series(stage: Stage) -> None:
    """Likewise, with an episode each."""
    for record in stage.series.library.records:
        folder = record["path"].removeprefix("/tv/")
        if "statistics" not in record:
            continue
        stage.put("shows", folder, "Season 01", f"{folder} S01E01.mkv")
        if record["id"] % 2 == 0:
            _lay_trailer(stage, "shows", folder, record["id"] // 2)


def _lay_trailer(stage: Stage, root: str, folder: str, number: int) -> None:
    stage.put(root, folder, _TRAILERS[number % len(_TRAILERS)].format(name=folder))
