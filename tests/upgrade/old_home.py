"""A home as 0.1.0 left it, at another place: the same servers, folders, files and database."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.household import Household
from tests.upgrade.dump import load
from tests.upgrade.stage import KEY, configure
from tests.world import Shelf
from trailarrd.testing import RADARR, SONARR, SimulatedArr, SimulatedLibrary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from trailarrd.testing import Dialect

SITUATIONS: Final = sorted(path.parent.name for path in Path(__file__).parent.glob("*/database.sql"))
_MORE_THAN_THERE_ARE: Final = 100


@dataclass(frozen=True)
class Before:
    """What 0.1.0 left in its tables."""

    items: dict[int, dict[str, Any]]
    """What was listed, by id, with `held` and `removed`."""
    events: int
    quarantined: list[tuple[Any, ...]]
    """Position and arr id of each record."""

    @property
    def listed(self) -> dict[int, dict[str, Any]]:
        """Those that are not removed."""
        return {number: item for number, item in self.items.items() if not item["removed"]}

    @property
    def held(self) -> set[int]:
        """Those whose removal waits."""
        return {number for number, item in self.items.items() if item["held"]}


@dataclass
class OldHome(Household):
    """A user's set-up on the day of the upgrade."""

    situation: Path = Path()

    @property
    def keys(self) -> dict[str, str]:
        """What 0.1.0 gave out."""
        keys: dict[str, str] = json.loads(self.situation.joinpath("keys.json").read_text("utf-8"))
        return keys

    def before(self) -> Before:
        """To be asked while the tables are those of 0.1.0."""
        names = ("trailer", "trailer_file", "intent", "monitored", "monitor_reason", "title", "arr_id")
        rows = self.database.sql(
            f"SELECT id, held_at IS NOT NULL, removed_at IS NOT NULL, {', '.join(names)} FROM media"
        )
        ((events,),) = self.database.sql("SELECT count(*) FROM history")
        return Before(
            items={row[0]: dict(zip(("held", "removed", *names), row[1:], strict=True)) for row in rows},
            events=events,
            quarantined=self.database.sql("SELECT position, arr_id FROM quarantine"),
        )


@asynccontextmanager
async def open_old_home(name: str, home: Path) -> AsyncIterator[OldHome]:
    """Both servers run, and the new version is about to be started for the first time."""
    situation = Path(__file__).with_name(name)
    shelves = {
        "movies": Shelf(_server(RADARR, situation / "movies.jsonl"), home / "media" / "films"),
        "series": Shelf(_server(SONARR, situation / "series.jsonl"), home / "media" / "shows"),
    }
    household = OldHome(
        home, shelves, situation=situation, variables={"ARR_KEY": KEY, "NOTIFY_URL": "json://[::1]:9"}
    )
    async with household.movies.server as movies, household.series.server as series:
        configure(situation, home, movies=movies.url, series=series.url)
        _lay(situation / "disk.txt", home / "media")
        load(situation / "database.sql", household.database.path, home, datetime.now(UTC))
        yield household


def _server(dialect: Dialect, records: Path) -> SimulatedArr:
    library = SimulatedLibrary(dialect, size=_MORE_THAN_THERE_ARE)
    library.delete(*library.ids)
    for number, line in enumerate(records.read_text("utf-8").splitlines()):
        record = json.loads(line)
        library.replace(record.get("id", _MORE_THAN_THERE_ARE + number), record)
    return SimulatedArr(library, api_key=KEY)


def _lay(names: Path, media: Path) -> None:
    for name in names.read_text("utf-8").splitlines():
        path = media / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"a video")
