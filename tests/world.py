"""What tests of more than one room play with: Arr servers whose media lie on this host's disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trailarrd.testing import RADARR, Hub, SimulatedArr, SimulatedLibrary

if TYPE_CHECKING:
    from pathlib import Path

    from trailarrd.testing import Dialect

KEY = "k3y/of+the&server=1"
"""Looks different when it is quoted for a URL; must never be seen in any output."""


@dataclass(frozen=True)
class Shelf:
    """One Arr server and the folder on this host that it calls its root folder."""

    server: SimulatedArr
    folder: Path

    @property
    def library(self) -> SimulatedLibrary:
        """What the server holds: change it here."""
        return self.server.library

    def place(self, arr_id: int) -> Path:
        """The item's folder on this host."""
        path: str = self.library.record(arr_id)["path"]
        return self.folder / path.removeprefix(self.library.dialect.root).strip("/")

    def put(self, arr_id: int, name: str, content: bytes = b"a video") -> Path:
        """A file in the item's folder, with the folders above it."""
        file = self.place(arr_id) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return file

    def lay(self, arr_id: int) -> Path:
        """The item's folder, with its own file if the server has one."""
        folder = self.place(arr_id)
        folder.mkdir(parents=True, exist_ok=True)
        if own := self.library.own_file(arr_id):
            self.put(arr_id, own)
        return folder

    def add(self, title: str, year: int, **fields: object) -> int:
        """The server gets a monitored item, with a folder that holds a video; its arr id."""
        known: dict[str, Any] = {"monitored": True, "imdbId": f"tt{year:07d}", **fields}
        if self.library.dialect is RADARR:
            known = {"youTubeTrailerId": f"trailer{year}", **known}
        arr_id: int = self.library.add(title=title, year=year, **known)["id"]
        if "movieFile" not in fields:
            self.library.set_file(arr_id, has_file=True)
            self.library.clear(arr_id, "movieFile")
        self.put(arr_id, "the item itself.mkv")
        return arr_id


def shelf_of_three(dialect: Dialect, folder: Path) -> Shelf:
    """Alpha (2001), Beta (2002) and Gamma (2003), with the arr ids 1 to 3 and no trailers."""
    folder.mkdir(parents=True)
    shelf = Shelf(SimulatedArr(SimulatedLibrary(dialect), api_key=KEY, hub=Hub()), folder)
    for title, year in (("Alpha", 2001), ("Beta", 2002), ("Gamma", 2003)):
        shelf.add(title, year)
    return shelf


class DatabaseFile:
    """The database as any other program sees it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def url(self) -> str:
        """As trailarrd.yaml names it."""
        return f"sqlite+aiosqlite:///{self.path}"

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """What another program is told, or does."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as database:
            return database.execute(statement).fetchall()

    def forbid_writing(self, table: str) -> None:
        """Whoever writes there from now on fails."""
        for event in ("INSERT", "UPDATE", "DELETE"):
            self.sql(
                f"CREATE TRIGGER {table}_{event} BEFORE {event} ON {table}"
                " BEGIN SELECT RAISE(ABORT, 'written'); END"
            )

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every stored item and everything that happened to one.

        Signatures are left out: they tell nothing of an item, and whether a folder is old enough for one
        goes by how busy the machine is.
        """
        return {table: self._rows(table) for table in ("media", "history")}

    def _rows(self, table: str) -> list[tuple[Any, ...]]:
        columns = [name for _, name, *_ in self.sql(f"PRAGMA table_info({table})") if name != "signature"]
        return self.sql(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id")

    def watch(self) -> None:
        """From now on SQLite itself notes each write to a row of the media table."""
        self.sql("CREATE TABLE witness (event TEXT, arr_id INTEGER)")
        for event, row in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old")):
            self.sql(
                f"CREATE TRIGGER witness_{event} AFTER {event} ON media "
                f"BEGIN INSERT INTO witness VALUES ('{event}', {row}.arr_id); END"
            )

    def written(self) -> list[tuple[str, int]]:
        """The writes to the media table since it was last asked: what was done to which arr id."""
        writes = self.sql("SELECT event, arr_id FROM witness ORDER BY rowid")
        self.sql("DELETE FROM witness")
        return [(event, arr_id) for event, arr_id in writes]
