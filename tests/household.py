"""A user's whole set-up: Radarr and Sonarr, their media on this host, and a trailarrd.yaml for both."""

from __future__ import annotations

import json
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from tests.world import KEY, DatabaseFile, Shelf, shelf_of_three
from trailarrd.testing import RADARR, SONARR

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.postgres import DatabaseServer

_CONNECTION: Final = """\
  - name: {name}
    provider: {provider}
    url: {url}
    api_key: !env TEST_ARR_KEY
    monitor: {mode}
    retry: {{attempts: 1}}
    path_mappings: [{{remote: {remote}, local: "{local}"}}]
"""


@dataclass
class Household:
    """`movies` (mode missing) and `series` (mode sync), three items each; nothing is refreshed yet."""

    home: Path
    shelves: dict[str, Shelf]
    modes: dict[str, str] = field(default_factory=lambda: {"movies": "missing", "series": "sync"})
    settings: str = ""
    """Further top-level lines of trailarrd.yaml."""
    variables: dict[str, str] = field(default_factory=dict)
    """Further ones of the environment."""
    server: DatabaseServer | None = None
    """Where its database is, if that is no file."""
    lease: str = "1s"
    """Where it is on a server."""
    http: str = "{listen: 127.0.0.1:0}"
    """The section; any free port, as tests run side by side."""

    @property
    def movies(self) -> Shelf:
        """Radarr's."""
        return self.shelves["movies"]

    @property
    def series(self) -> Shelf:
        """Sonarr's."""
        return self.shelves["series"]

    @property
    def config(self) -> Path:
        """The trailarrd.yaml."""
        return self.home / "trailarrd.yaml"

    @property
    def database(self) -> DatabaseFile:
        """The database that it names."""
        if self.server:  # of either, what both have is enough for most
            return cast("DatabaseFile", self.server)
        return DatabaseFile(self.home / "state" / "trailarrd.db")

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a user who keeps the keys there, and of nobody else."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
        return {
            **kept,
            "HOME": str(self.home),
            "TEST_ARR_KEY": KEY,
            "PYTHONWARNINGS": "error",
            **self.variables,
        }

    def write_config(self) -> None:
        """trailarrd.yaml as it should be now."""
        blocks = [self._block(name) for name in self.modes]
        # Short leases, as who is killed here shall not be waited for.
        lease = f", lease: {self.lease}" if self.server else ""
        database = f'database: {{url: "{self.database.url}"{lease}}}\n'
        head = f"{database}http: {self.http}\n{self.settings}connections:\n"
        self.config.write_text(head + "".join(blocks))

    def _block(self, name: str) -> str:
        shelf = self.shelves[name]
        dialect = shelf.library.dialect
        return _CONNECTION.format(
            name=name,
            provider=dialect.app_name.lower(),
            url=shelf.server.url,
            mode=self.modes[name],
            remote=dialect.root,
            local=shelf.folder,
        )


@asynccontextmanager
async def open_household(home: Path) -> AsyncIterator[Household]:
    """Both servers run and trailarrd.yaml is written."""
    movies = shelf_of_three(RADARR, home / "films")
    series = shelf_of_three(SONARR, home / "shows")
    async with movies.server, series.server:
        household = Household(home, {"movies": movies, "series": series})
        household.write_config()
        yield household


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Its standard output, which must be one JSON document and nothing else."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Its standard output, which must be JSON Lines and nothing else."""
        return [json.loads(line) for line in self.out.splitlines()]
