"""A database after an accident: what is in it, and whether it is whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.world import DatabaseFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.postgres import DatabaseServer
    from tests.world import Shelf

TRAILER: Final = "Trailers/Teaser.mkv"
COLUMNS: Final = (
    *("arr_id", "kind", "title", "year", "external_ids", "remote_path", "local_path", "main_file"),
    *("youtube_trailer_id", "monitored_remotely", "trailer", "trailer_file", "intent", "monitored"),
    "monitor_reason",
)
DERIVED: Final = ("fingerprint", "identity_mark", "folder", "trailer_mark")
"""What is worked out from the rest: equal if a database is as good as new."""

Row = tuple[Any, ...]


@dataclass(frozen=True)
class State:
    """All that is stored of one connection's items, but for when it was stored."""

    listed: Mapping[int, Row]
    removed: frozenset[int]

    def after(self, shelf: Shelf, mode: str) -> State:
        """What a refresh makes of this state, by the documents: the model."""
        listed = expected(shelf, mode)
        return State(listed, self.removed | (self.listed.keys() - listed.keys()))


NOTHING: Final = State({}, frozenset())


def expected(shelf: Shelf, mode: str) -> dict[int, Row]:
    """The rows that a server's records and its folders on disk mean, worked out from these alone."""
    return {record["id"]: _row(shelf, mode, record) for record in shelf.library.records}


def _row(shelf: Shelf, mode: str, record: dict[str, Any]) -> Row:
    movie = "movieFile" in record or "youTubeTrailerId" in record
    has_trailer = (shelf.place(record["id"]) / TRAILER).exists()
    by_mode = (record["monitored"], "mode-sync") if mode == "sync" else (True, "mode-missing")
    monitored, reason = (False, "trailer-present") if has_trailer else by_mode
    sources = {"tmdbId": "tmdb", "imdbId": "imdb", "tvdbId": "tvdb", "tvMazeId": "tvmaze"}
    return (
        *(record["id"], "movie" if movie else "series", record["title"], record["year"]),
        tuple(sorted((sources[name], str(record[name])) for name in sources if record.get(name))),
        *(record["path"], str(shelf.place(record["id"])), None),
        *(record.get("youTubeTrailerId"), record["monitored"]),
        *(("present", TRAILER) if has_trailer else ("absent", None)),
        *(None, monitored, reason),
    )


class Remains:
    """A database, looked at as any other program would."""

    def __init__(self, database: DatabaseFile | DatabaseServer) -> None:
        self._database = database

    def check(self) -> None:
        """Whole, and every refresh in it is told of entirely or not at all."""
        sql = self._database.sql
        if isinstance(self._database, DatabaseFile):
            assert sql("PRAGMA integrity_check") == [("ok",)]
            assert sql("PRAGMA foreign_key_check") == []
        told = {number: self._told(number) for (number,) in sql("SELECT id FROM refreshes")}
        for number, finished, added, removed in sql(
            "SELECT id, finished_at IS NOT NULL, coalesce(added, 0), coalesce(removed, 0) FROM refreshes"
        ):
            events = told.pop(number)
            assert (events.get("added", 0), events.get("removed", 0)) == (added, removed)
            assert finished or not events, f"refresh {number} has no end but a history"
            first = sql(f"SELECT count(*) FROM media WHERE first_refresh = {number}")
            assert first == [(added,)]

    def state(self, connection: str) -> State:
        """What is stored of that connection."""
        rows = self._database.sql(
            f"SELECT removed_at IS NOT NULL, held_at, {', '.join(COLUMNS)} FROM media WHERE connection_id ="
            f" (SELECT id FROM connections WHERE name = '{connection}') ORDER BY media.id"
        )
        assert [row for row in rows if row[1] is not None] == [], "nothing here is so much that it is held"
        listed = [_plain(row[2:]) for row in rows if not row[0]]
        assert len({row[0] for row in listed}) == len(listed), "an arr id is listed twice"
        return State({row[0]: row for row in listed}, frozenset(row[2] for row in rows if row[0]))

    def derived(self) -> set[Row]:
        """What is worked out from the rest, of every listed item of every connection."""
        rows = self._database.sql(
            f"SELECT name, arr_id, {', '.join(DERIVED)} FROM media"
            " JOIN connections ON connections.id = connection_id WHERE removed_at IS NULL"
        )
        return set(rows)

    def _told(self, refresh: int) -> dict[str, int]:
        """How often each event is told of that refresh."""
        counted = f"SELECT event, count(*) FROM history WHERE refresh_id = {refresh} GROUP BY event"
        return dict(self._database.sql(counted))


def _plain(row: Row) -> Row:
    """A row with its numbers as truth values and its JSON as pairs, as in the model."""
    values = dict(zip(COLUMNS, row, strict=True))
    values["external_ids"] = tuple(sorted(json.loads(values["external_ids"]).items()))
    for name in ("monitored_remotely", "monitored"):
        values[name] = bool(values[name])
    return tuple(values.values())
