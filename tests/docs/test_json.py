"""docs/json.md is a contract: its fields, types and words are those that the commands really write."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.docs.pages import chapters, page, plain, table
from tests.process import completed
from trailarrd.discovery.record import PluginStatus
from trailarrd.domain.circuit import CircuitState
from trailarrd.domain.details import ReleaseStatus
from trailarrd.domain.dry_run import Action
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.monitoring import MediaStatus, TrailerState
from trailarrd.domain.report import ErrorKind, Outcome, RefreshReport
from trailarrd.domain.roots import RootState
from trailarrd.domain.target import NoTarget
from trailarrd.store.entries import SHOWN_COLUMNS
from trailarrd.store.history import HistoryRow
from trailarrd.store.listing import MediaRow
from trailarrd.testing import RADARR, SONARR, SimulatedArr, SimulatedLibrary
from trailarrd.testing.server import API_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from enum import StrEnum
    from pathlib import Path

CHAPTERS = chapters(page("json.md"))
COMMANDS: Final = ("refresh", "media", "connections", "history", "removals", "quarantine", "plugins")
TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
TIMES: Final = ("at", "held_since", "first_seen", "last_changed", "last_refresh", "last_success", "next_try")
CONFIG: Final = """\
database: {{url: "sqlite+aiosqlite:///{folder}/trailarrd.db"}}
connections:
  - {{name: movies, provider: radarr, url: "{radarr}", api_key: "{key}",
     path_mappings: [{{remote: /movies, local: "{folder}/movies"}}]}}
  - {{name: series, provider: sonarr, url: "{sonarr}", api_key: "{key}",
     want: {{without_file: true, never: {{years: "1-"}}}}}}
  - {{name: wrong, provider: sonarr, url: "{radarr}", api_key: "{key}"}}
  - {{name: idle, provider: sonarr, url: "{sonarr}", api_key: "{key}"}}
  - {{name: down, provider: sonarr, url: "http://127.0.0.1:9", api_key: "{key}", retry: {{attempts: 1}}}}
"""


def promised(command: str) -> dict[str, str]:
    """Each field of a command's object with its type."""
    return {plain(name): kind for name, kind, _ in table(CHAPTERS[f"{command} --json"])}


async def output(folder: Path, *words: str) -> str:
    """What the command writes to stdout, whatever its exit code."""
    done = await completed(
        *(sys.executable, "-m", "trailarrd", "--config", str(folder / "trailarrd.yaml"), *words),
        env={**os.environ, "PYTHONPATH": str(folder)},
    )
    return done.out


async def perform(folder: Path) -> dict[str, str]:
    """What each command says of four connections and two plugins, where one of each is in trouble.

    The series lie on a Windows server without a mapping, and two of them cannot be read. In the end the
    movies are gone all at once.
    """
    movies = SimulatedLibrary(RADARR, size=5, seed=1, roots=("/movies",))
    movies.edit(1, year=0, added=None, sortTitle="", originalTitle="", status="?", genres=None, overview="")
    movies.edit(2, originalLanguage=None, titleSlug="", runtime=0, certification=None, tags=None)
    movies.edit(3, digitalRelease=None, physicalRelease=None)
    for arr_id in movies.ids:
        place = folder / str(movies.record(arr_id)["path"]).lstrip("/")
        place.mkdir(parents=True)
        (place / (movies.own_file(arr_id) or "x.mkv")).write_bytes(b"x")
        (place / "a-trailer.mkv").write_bytes(b"x" * (arr_id % 2))
    series = SimulatedLibrary(SONARR, size=5, seed=1, roots=("D:\\TV",))
    series.edit(4, title=["no", "text"])
    series.replace(3, "no record")
    async with SimulatedArr(movies) as radarr, SimulatedArr(series) as sonarr:
        text = CONFIG.format(folder=folder, radarr=radarr.url, sonarr=sonarr.url, key=API_KEY)
        (folder / "trailarrd.yaml").write_text(text)
        outputs = {"refresh": await output(folder, "refresh", "movies", "series", "wrong", "--json")}
        movies.edit(5, path="not/absolute")
        await output(folder, "refresh", "movies")
        movies.delete(*movies.ids)
        await output(folder, "refresh", "movies")
    await output(folder, "refresh", "down")
    await output(folder, "monitor", "1")
    install_broken_plugin(folder)
    listings = await asyncio.gather(*(output(folder, command, "--json") for command in COMMANDS[1:]))
    return outputs | dict(zip(COMMANDS[1:], listings, strict=True))


def install_broken_plugin(folder: Path) -> None:
    """A distribution whose module does not exist."""
    info = folder / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[trailarrd]\nbroken = no_such_module\n")


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return asyncio.run(perform(tmp_path_factory.mktemp("json")))


def objects(command: str, text: str) -> list[dict[str, Any]]:
    """The objects that a command wrote."""
    if command == "refresh":
        (line,) = text.splitlines()
        document = json.loads(line)
        assert set(document) == {"refreshes"}
        return list(document["refreshes"])
    return [json.loads(line) for line in text.splitlines()]


def flat(value: dict[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """The fields, and the fields in those that the page opens: `trailers.present`."""
    for name, inner in value.items():
        yield name, inner
        if isinstance(inner, dict) and any(other.startswith(f"{name}.") for other in names):
            yield from ((f"{name}.{key}", deeper) for key, deeper in inner.items())


def kind_of(value: object) -> str:
    """JSON's name for a value's type; a whole number is an integer."""
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return "null" if value is None else kinds[type(value)]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_field_is_there_with_each_promised_type_and_no_other_is(
    command: str, outputs: dict[str, str]
) -> None:
    names = promised(command)
    met: dict[str, set[str]] = {name: set() for name in names}
    for one in objects(command, outputs[command]):
        assert set(one) == {name for name in names if "." not in name}
        for name, value in flat(one, names):
            met[name].add(kind_of(value))
    assert met == {name: set(kinds.split(" or ")) for name, kinds in names.items()}


@pytest.mark.parametrize("command", COMMANDS)
def test_times_are_in_utc_to_the_second(command: str, outputs: dict[str, str]) -> None:
    values = [
        value for one in objects(command, outputs[command]) for name, value in one.items() if name in TIMES
    ]
    assert [value for value in values if value is not None and not TIME.fullmatch(value)] == []
    assert bool(values) is (command not in ("refresh", "plugins"))


TARGET = {"trailer_target", "trailer_target_reason"}


def test_the_fields_of_refresh_are_those_of_the_report() -> None:
    assert [n for n in promised("refresh") if "." not in n] == [field.name for field in fields(RefreshReport)]


@pytest.mark.parametrize(
    ("command", "known", "derived"),
    [
        ("media", MediaRow.__struct_fields__, {"status", "remote_path", "vanishing", "condition", *TARGET}),
        ("history", [field.name for field in fields(HistoryRow)], {"refresh"}),
    ],
)
def test_the_fields_of_a_listing_are_those_of_its_row_by_the_same_names(
    command: str, known: Sequence[str], derived: set[str]
) -> None:
    assert {name for name in promised(command) if "." not in name} - set(known) == derived


def test_a_failed_refresh_counts_nothing_and_says_whose_move_it_is(outputs: dict[str, str]) -> None:
    """`wrong` asks a Radarr as if it were a Sonarr."""
    ok, partial, failed = objects("refresh", outputs["refresh"])
    assert [one["outcome"] for one in (ok, partial, failed)] == ["ok", "partial", "failed"]
    assert (ok["error"], failed["error"]["kind"]) == (None, "rejected")
    assert {value for name, value in failed.items() if type(value) is int} == {0}


def test_the_counts_add_up_as_promised(outputs: dict[str, str]) -> None:
    for one in objects("refresh", outputs["refresh"]):
        assert one["fetched"] == one["added"] + one["updated"] + one["unchanged"] + one["restored"]
        assert one["fetched"] == sum(one["trailers"].values())


def test_a_record_that_cannot_be_read_is_quarantined_and_not_among_the_fetched(
    outputs: dict[str, str],
) -> None:
    """Three of the five series can be read."""
    _, series, _ = objects("refresh", outputs["refresh"])
    assert (series["fetched"], series["quarantined"]) == (3, 2)


def test_items_come_by_id_connections_by_name_events_newest_first(outputs: dict[str, str]) -> None:
    assert [one["id"] for one in objects("media", outputs["media"])] == [1, 2, 3, 4, 5, 6, 7, 8]
    names = [one["connection"] for one in objects("connections", outputs["connections"])]
    assert names == ["down", "idle", "movies", "series", "wrong"]
    times = [one["at"] for one in objects("history", outputs["history"])]
    assert times == sorted(times, reverse=True)


def test_what_you_did_by_command_belongs_to_no_refresh(outputs: dict[str, str]) -> None:
    events = objects("history", outputs["history"])
    (spoken,) = [one for one in events if one["event"] == "intent-set"]
    assert (spoken["refresh"], spoken["detail"]) == (None, {"intent": [None, True]})


def test_details_tell_of_fields_of_media_and_of_the_main_file() -> None:
    assert set(SHOWN_COLUMNS) - set(promised("media")) == {"main_file"}


@pytest.mark.parametrize(
    ("chapter", "words"),
    [
        ("outcome", Outcome),
        ("action", Action),
        ("error", ErrorKind),
        ("circuit", CircuitState),
        ("trailer", TrailerState),
        ("root", RootState),
        ("status", MediaStatus),
        ("details.status", ReleaseStatus),
        ("trailer_target_reason", NoTarget),
        ("event", HistoryEvent),
        ("plugin", PluginStatus),
    ],
)
def test_every_word_is_explained_and_no_other(chapter: str, words: type[StrEnum]) -> None:
    assert [plain(row[0]) for row in table(CHAPTERS[chapter])] == list(words)
