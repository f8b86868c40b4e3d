"""Has 0.1.0 itself leave behind, in each of some situations, what an upgrade finds. Run by a checkout of it::

    git worktree add ../trailarrd-0.1.0 09f2a6d && cd ../trailarrd-0.1.0 && ./dev run --version
    PYTHONPATH=THIS_CHECKOUT .venv/bin/python -m tests.upgrade.make [SITUATION]...

Each folder beside this file is a situation. Its `trailarrd.yaml`, with what that names, is written by hand;
made here are `database.sql` (see `dump.py`), `movies.jsonl` and `series.jsonl` (what the servers say then),
`disk.txt` (what lies in the folders then) and `keys.json` (what was given out).

`everything` has no database: see `everything.py`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.request import Request, urlopen

from tests.upgrade.dump import SCHEMA, dump, load
from tests.upgrade.everything import EVERYTHING, SCRIPT, commands, environment, settings
from tests.upgrade.stage import Stage, open_stage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

HERE: Final = Path(__file__).parent


async def healthy(stage: Stage) -> None:
    """All is well: things come, go and change; a phone, a dashboard and the server itself have keys."""
    async with stage.daemon() as address:
        for words in (["phone"], ["dashboard", "--read-only"]):
            stage.keys[words[0]] = (await stage.trailarrd("apikey", "create", *words)).strip()
        await stage.trailarrd("webhook", "register", "movies", "--url", address)
        (webhook,) = stage.notifications.saved.values()
        fields = {one["name"]: one["value"] for one in webhook["fields"]}
        stage.keys["webhook"] = fields["password"]
    stage.add("The Long Harbour", 2024)
    stage.movies.library.delete(3)
    stage.movies.library.edit(5, title="The Distant Kingdom: Restored", monitored=False)
    stage.put("films", "Secret Tide (1987)", "Secret Tide (1987)-trailer.mkv")
    await stage.refresh()
    stage.series.library.delete(6)
    await stage.refresh()


async def wrong_mapping(stage: Stage) -> None:
    """No movie is where the mapping says, so every one is wanted, and 0.1.0 says that all is well."""
    await stage.refresh()
    await stage.refresh()


async def held(stage: Stage) -> None:
    """Radarr forgets more than half of its movies at once."""
    await stage.refresh()
    stage.movies.library.delete(*range(2, 14))
    await stage.refresh(ends=1)


async def intents(stage: Stage) -> None:
    """Anna said yes and no by command, beside the daemon and without; a downloader did so over HTTP."""
    async with stage.daemon() as address:
        movies, series = await stage.ids("movies"), await stage.ids("series")
        stage.keys["downloader"] = (await stage.trailarrd("apikey", "create", "downloader")).strip()
        await stage.trailarrd("monitor", *map(str, movies[:4]))
        said: Iterable[tuple[int, bool | None]] = ((10, True), (11, False), (12, True), (12, None))
        for index, intent in said:
            url = f"{address}/api/v1/media/{movies[index]}/intent"
            await asyncio.to_thread(_say, url, stage.keys["downloader"], intent)
        await stage.trailarrd("claim", str(movies[2]), "--as", "downloader", "--for", "6h")
    await stage.trailarrd("unmonitor", *map(str, [*movies[4:7], *series[:2]]))
    stage.movies.library.delete(1)
    await stage.refresh()


async def mode_new(stage: Stage) -> None:
    """Only what came after the baseline is wanted."""
    await stage.refresh()
    stage.add("The Long Harbour", 2024)
    stage.add("Low Water", 2025, "Low Water-trailer.mkv")
    stage.add("Announced", 2026)
    await stage.refresh()


async def quarantine(stage: Stage) -> None:
    """A record of a known item cannot be read, and one that could be any series, so that one is held."""
    await stage.refresh()
    stage.movies.library.edit(4, title=17)
    stage.series.library.replace(2, {"title": "no id"})
    stage.series.library.delete(4)
    await stage.refresh(ends=1)


STORIES: Final[dict[str, Callable[[Stage], Awaitable[None]]]] = {
    "healthy": healthy,
    "wrong-mapping": wrong_mapping,
    "held": held,
    "intents": intents,
    "mode-new": mode_new,
    "quarantine": quarantine,
}


def _say(url: str, key: str, intent: bool | None) -> None:
    body = json.dumps({"intent": intent}).encode()
    headers = {"X-Api-Key": key, "Content-Type": "application/json"}
    with urlopen(Request(url, body, headers, method="PUT")) as answer:
        assert answer.status == 200


async def _make(name: str, home: Path) -> None:
    async with open_stage(home, HERE / name) as stage:
        await STORIES[name](stage)
        _keep(HERE / name, stage)
        if name == "healthy":
            codes = {line: await stage.code_of(*line.split()) for line in SCRIPT}
            _write(EVERYTHING / "codes.json", json.dumps(codes, indent=1))


def _keep(situation: Path, stage: Stage) -> None:
    for name, server in (("movies", stage.movies), ("series", stage.series)):
        records = [json.dumps(record, ensure_ascii=False) for record in server.library.records]
        _write(situation / f"{name}.jsonl", *records)
    media = stage.home / "media"
    leaves = [path for path in media.rglob("*") if path.is_file() or not any(path.iterdir())]
    names = [f"{path.relative_to(media)}{'/' * path.is_dir()}" for path in leaves]
    _write(situation / "disk.txt", *sorted(names))
    if stage.keys:
        _write(situation / "keys.json", json.dumps(stage.keys, indent=2))
    database = stage.home / "state" / "trailarrd.db"
    tables, rows = dump(database, stage.home, datetime.now(UTC))
    _write(SCHEMA, *tables)
    _write(situation / "database.sql", *rows)
    _prove(situation, database, stage.home)


def _write(file: Path, *lines: str) -> None:
    file.write_text("\n".join([*lines, ""]), "utf-8")


def _prove(situation: Path, database: Path, home: Path) -> None:
    """The text gives this very database again, and no more of this place than it must."""
    again = database.with_name("again.db")
    load(situation / "database.sql", again, home)
    assert _content(again) == _content(database)
    text = situation.joinpath("database.sql").read_text("utf-8")
    assert [word for word in ("127.0.0.1", str(home)) if word in text] == []


def _content(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as db:
        return sorted(db.iterdump())


async def _make_everything() -> None:
    _write(EVERYTHING / "settings.json", json.dumps(await settings(_ask), indent=1, ensure_ascii=False))
    _write(EVERYTHING / "commands.json", json.dumps(await commands(_ask), indent=1))


async def _ask(*words: str) -> str:
    program = [sys.executable, "-m", "trailarrd", *words]
    environ = {**os.environ, **environment()}
    ended = await asyncio.to_thread(
        subprocess.run, program, env=environ, stdout=subprocess.PIPE, check=True, text=True
    )
    return ended.stdout


def main() -> None:
    """Make those that are named, or all."""
    for name in sys.argv[1:] or [*STORIES, EVERYTHING.name]:
        if name == EVERYTHING.name:
            asyncio.run(_make_everything())
            continue
        with tempfile.TemporaryDirectory() as home:
            asyncio.run(_make(name, Path(home).resolve()))


if __name__ == "__main__":
    main()
