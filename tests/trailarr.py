"""Databases as Trailarr's versions 0.4, 0.9 and 0.11 make them, as far as anything in them matters here."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

_MEDIA: Final = (
    "id INTEGER PRIMARY KEY, connection_id INTEGER, arr_id INTEGER, is_movie BOOLEAN, title TEXT,"
    " year INTEGER, folder_path TEXT, imdb_id TEXT, txdb_id TEXT, youtube_trailer_id TEXT, monitor BOOLEAN,"
    " arr_monitored BOOLEAN, added_at DATETIME"
)
_CONNECTION: Final = (
    "id INTEGER PRIMARY KEY, name TEXT, arr_type TEXT, url TEXT, api_key TEXT, added_at DATETIME"
)
_MAPPING: Final = "id INTEGER PRIMARY KEY, connection_id INTEGER, path_from TEXT, path_to TEXT"
_EVENT: Final = (
    "id INTEGER PRIMARY KEY, media_id INTEGER, event_type TEXT, source TEXT, source_detail TEXT,"
    " old_value TEXT, new_value TEXT, created_at DATETIME"
)
_DOWNLOAD: Final = "id INTEGER PRIMARY KEY, media_id INTEGER, path TEXT, file_name TEXT, file_exists BOOLEAN"
_PROFILE: Final = "id INTEGER PRIMARY KEY, name TEXT"
TABLES: Final = {
    "0.4": {
        "connection": f"{_CONNECTION}, monitor TEXT",
        "pathmapping": _MAPPING,
        "media": f"{_MEDIA}, trailer_exists BOOLEAN, status TEXT, media_exists BOOLEAN, season_count INTEGER",
        "trailerprofile": _PROFILE,
    },
    "0.9": {
        "connection": f"{_CONNECTION}, monitor TEXT, external_url TEXT",
        "pathmapping": f"{_MAPPING}, plex_section_key TEXT",
        "media": f"{_MEDIA}, trailer_exists BOOLEAN, status TEXT, tmdb_id TEXT, tvdb_id TEXT",
        "event": _EVENT,
        "download": _DOWNLOAD,
    },
    "0.11": {
        "connection": f"{_CONNECTION}, monitor_new_media BOOLEAN, external_url TEXT",
        "pathmapping": f"{_MAPPING}, plex_section_key TEXT",
        "media": f"{_MEDIA}, tmdb_id TEXT, tvdb_id TEXT",
        "event": _EVENT,
        "download": _DOWNLOAD,
    },
}
"""The columns of each table, by version."""


class TrailarrFile:
    """A database of that version, with rows added by name."""

    def __init__(self, path: Path, version: str) -> None:
        self.path = path
        self._do("CREATE TABLE alembic_version (version_num TEXT)")
        for table, columns in TABLES[version].items():
            self._do(f"CREATE TABLE {table} ({columns})")

    def add(self, table: str, **values: Any) -> None:
        """One row; what is not said is NULL."""
        marks = ", ".join("?" for _ in values)
        self._do(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", *values.values())

    def connection(self, number: int, kind: str, url: str = "http://arr", **values: Any) -> None:
        """A server, by what Trailarr calls its kind."""
        name = f"My {kind.lower()}"
        self.add("connection", id=number, name=name, arr_type=kind, url=url, **{"api_key": "k3y", **values})

    def movie(self, number: int, title: str, *, monitor: int, connection: int = 1, **values: Any) -> None:
        """An item, whose numbers are all the same."""
        common = {"imdb_id": f"tt{number}", "txdb_id": str(number), "is_movie": 1, "arr_id": number}
        self.add(
            "media", id=number, title=title, connection_id=connection, monitor=monitor, **common | values
        )

    def event(self, media: int, kind: str, source: str, value: str, at: str = "2026-01-01 12:00:00") -> None:
        """Something that happened to an item."""
        said = {"event_type": kind, "source": source, "new_value": value, "created_at": at}
        self.add("event", media_id=media, **said)

    def _do(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.path)) as db, db:
            db.execute(statement, values)
