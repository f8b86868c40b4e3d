"""The database of Trailarr, another program: what a user has set up and chosen there; it is only read.

Its columns came and went with its versions, so what counts is which ones are there.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trailarrd.domain.download import youtube_url
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.paths import LocalPath, PathMapping, RemotePath
from trailarrd.domain.secret import Secret
from trailarrd.errors import DatabaseError
from trailarrd.store.failures import translated
from trailarrd.store.integrity import opened_to_read

_SERVERS: Final = {"RADARR": "radarr", "SONARR": "sonarr"}
_MODES: Final = {
    "MONITOR_MISSING": MonitorMode.MISSING,
    "MONITOR_NEW": MonitorMode.NEW,
    "MONITOR_SYNC": MonitorMode.SYNC,
    "MONITOR_NONE": MonitorMode.NONE,
}
_LISTED: Final = {"trailerprofile": "trailer profiles", "customfilter": "filters"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailarrConnection:
    number: int
    name: str
    provider: str
    url: str
    key: Secret
    mode: MonitorMode | None
    """None where it wants what is there when it is first met: `missing` and `new` are both near to that."""
    mappings: Sequence[PathMapping]
    """From the server's paths to those that Trailarr sees, mostly inside a container of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailarrChoice:
    """What the user himself has said of an item, as far as the database proves that it was he."""

    connection: int
    arr_id: int
    external_ids: Mapping[str, str]
    title: str
    intent: bool | None
    """Yes or no; None: neither."""
    proof: str
    """Of yes or no."""
    url: str | None
    """The video that he has named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailarr:
    connections: Sequence[TrailarrConnection]
    choices: Sequence[TrailarrChoice]
    left_out: Sequence[str]
    """What is there and has no counterpart here, for people."""


def read_trailarr(file: Path) -> Trailarr:
    """What is in it.

    Raises:
        DatabaseError: it cannot be read, or is not Trailarr's.
    """
    with opened_to_read(file) as db, translated(str(file)):
        db.row_factory = sqlite3.Row
        tables = _Tables(db)
        if not {"id", "arr_type", "url", "api_key"} <= tables.columns("connection"):
            raise DatabaseError(f"{file} is not the database of Trailarr: it has no connections")
        connections = list(_connections(tables))
        events = _Events(tables)
        return Trailarr(
            connections=connections,
            choices=list(_choices(tables, {one.number: one for one in connections}, events)),
            left_out=list(_left_out(tables)),
        )


class _Tables:
    """The tables, whichever of them there are."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def columns(self, table: str) -> frozenset[str]:
        """None at all if there is no such table."""
        return frozenset(row["name"] for row in self._db.execute(f"PRAGMA table_info({table})"))

    def rows(self, table: str, order: str = "id") -> list[dict[str, object]]:
        if not self.columns(table):
            return []
        return [dict(row) for row in self._db.execute(f"SELECT * FROM {table} ORDER BY {order}")]  # noqa: S608  # names of our own


def _connections(tables: _Tables) -> Iterator[TrailarrConnection]:
    mappings = tables.rows("pathmapping")
    for row in tables.rows("connection"):
        provider = _SERVERS.get(str(row["arr_type"]))
        if provider is None:
            continue
        yield TrailarrConnection(
            number=_number(row["id"]),
            name=str(row.get("name") or provider),
            provider=provider,
            url=str(row["url"]),
            key=Secret(str(row["api_key"])),
            mode=_mode(row),
            mappings=[
                PathMapping(remote=RemotePath(str(one["path_from"])), local=LocalPath(str(one["path_to"])))
                for one in mappings
                if one["connection_id"] == row["id"] and one["path_from"] != one["path_to"]
            ],
        )


def _mode(row: Mapping[str, object]) -> MonitorMode | None:
    if "monitor" in row:
        return _MODES.get(str(row["monitor"]), MonitorMode.MISSING)
    return None if row.get("monitor_new_media") else MonitorMode.NONE


class _Events:
    """What happened to items, as far as that version noted it."""

    def __init__(self, tables: _Tables) -> None:
        self._newest: dict[tuple[str, object], str] = {}
        self._by_system: set[object] = set()
        for row in tables.rows("event", "created_at, id"):
            if row["source"] == "USER":
                self._newest[str(row["event_type"]), row["media_id"]] = str(row["new_value"])
            elif row["event_type"] == "MONITOR_CHANGED":
                self._by_system.add(row["media_id"])

    def by_the_user(self, event: str, media_id: object) -> str | None:
        """What the user made it last."""
        return self._newest.get((event, media_id))

    def is_moved_by_system(self, media_id: object) -> bool:
        """Whether Trailarr itself has ever changed the item's flag."""
        return media_id in self._by_system


def _choices(
    tables: _Tables, connections: Mapping[int, TrailarrConnection], events: _Events
) -> Iterator[TrailarrChoice]:
    applied_once = "monitor_new_media" in tables.columns("connection")
    placed = {row["media_id"] for row in tables.rows("download") if row.get("file_exists")}
    for row in tables.rows("media"):
        connection = connections.get(_number(row["connection_id"]))
        external_ids = _external_ids(row)
        if connection is None or not external_ids:
            continue
        wanted = bool(row["monitor"])
        has_trailer = bool(row["trailer_exists"]) if "trailer_exists" in row else row["id"] in placed
        mode_is_will = applied_once and connection.mode is None and not events.is_moved_by_system(row["id"])
        url, proof = _named(row, events), ""
        if events.by_the_user("MONITOR_CHANGED", row["id"]) == str(wanted).lower():
            proof = "you said so"
        elif not wanted and not has_trailer:  # else it is what the mode wants, or says nothing
            if mode_is_will:
                proof = "it was wanted when it was first met, and nobody else has changed that"
            elif connection.mode is MonitorMode.MISSING:
                proof = "everything without a trailer is wanted there but this"
        if proof or url:
            yield TrailarrChoice(
                connection=connection.number,
                arr_id=_number(row["arr_id"]),
                external_ids=external_ids,
                title=str(row["title"]),
                intent=wanted if proof else None,
                proof=proof,
                url=url,
            )


def _named(row: Mapping[str, object], events: _Events) -> str | None:
    """The video that the user has named, if it still is that."""
    named = events.by_the_user("YOUTUBE_ID_CHANGED", row["id"])
    return youtube_url(named) if named and named == row["youtube_trailer_id"] else None


def _external_ids(row: Mapping[str, object]) -> dict[str, str]:
    other = "tmdb" if row["is_movie"] else "tvdb"
    found = {
        "imdb": row.get("imdb_id"),
        "tmdb": row.get("tmdb_id"),
        "tvdb": row.get("tvdb_id"),
    }
    found[other] = found[other] or row.get("txdb_id")
    return {name: str(value) for name, value in found.items() if value not in (None, "", 0, "0")}


def _left_out(tables: _Tables) -> Iterator[str]:
    kinds = Counter(str(row["arr_type"]) for row in tables.rows("connection"))
    for kind, count in kinds.items():
        if kind not in _SERVERS:
            yield f"{count} connection(s) of {kind.capitalize()}"
    for table, name in _LISTED.items():
        if count := len(tables.rows(table)):
            yield f"{count} {name}"


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise DatabaseError(f"the database of Trailarr has {value!r} where a number should be")
    return value
