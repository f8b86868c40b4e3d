"""A house with two libraries and a month behind it, for pictures and for tests that need much to look at."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tests.household import Household
from tests.shipped import TOY_PLUGIN, shipped_plugins
from tests.world import KEY, Shelf
from trailarrd.config import load
from trailarrd.config.model import HttpSettings
from trailarrd.daemon.daemon import Daemon, start_daemon
from trailarrd.discovery.plugins import downloaders_by_name, providers_by_name
from trailarrd.domain.apikey import digest_of, new_token
from trailarrd.store.credentials import ApiKey
from trailarrd.testing import RADARR, SONARR, Hub, SimulatedArr, SimulatedLibrary
from trailarrd.web.application import public_application
from trailarrd.web.server import address_of, listen, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

TOYS: Final = (
    "{min_free: 0 B, pause: {from: 0s, to: 0s}, length: {from: 3s, to: 5min}, private_addresses: true}"
)
"""A `download` section for the toy and its site."""
_ROUNDS: Final = 10
"""Refreshes that lie behind."""


@dataclass
class Scene:
    """A daemon that runs, and the address of its page."""

    household: Household
    daemon: Daemon
    url: str
    token: str
    """An API key that may do everything."""

    async def refresh(self) -> None:
        """Everything once more."""
        for poller in self.daemon.pollers.values():
            await poller.request()

    async def key(self, name: str, *, may_write: bool) -> str:
        """A new API key."""
        token = new_token()
        await self.daemon.store.add_api_key(ApiKey(name, digest_of(token), may_write, datetime.now(UTC)))
        return token


def shelf_of(library: SimulatedLibrary, folder: Path) -> Shelf:
    """A server with that library; only the folder above all items is there."""
    folder.mkdir(parents=True)
    return Shelf(SimulatedArr(library, api_key=KEY, hub=Hub()), folder)


@asynccontextmanager
async def open_scene(
    home: Path, *, movies: int, series: int = 0, base_path: str = "", download: str = ""
) -> AsyncIterator[Scene]:
    """A household with so many items, refreshed once; with that `download` section and the toy."""
    shelves = {
        "movies": shelf_of(SimulatedLibrary(RADARR, size=movies, seed=7), home / "films"),
        "series": shelf_of(SimulatedLibrary(SONARR, size=series, seed=7), home / "shows"),
    }
    household = Household(home, shelves, http="{enabled: false}")
    household.settings = "removal_guard: {max_items: 4, max_fraction: 0.01}\n"
    if download:
        household.settings += f"download: {download}\n"
    async with household.movies.server, household.series.server:
        for shelf in shelves.values():
            for arr_id in shelf.library.ids[:400]:
                shelf.put(arr_id, "the item itself.mkv")
                shelf.lay(arr_id)
        household.write_config()
        plugins = [*shipped_plugins(), *([TOY_PLUGIN] if download else [])]
        providers = providers_by_name(plugins)
        settings = load(
            household.config,
            providers=providers,
            environ=household.environ,
            downloaders=downloaders_by_name(plugins),
        )
        async with start_daemon(settings, providers, plugins) as daemon:
            opened = listen("127.0.0.1", 0)
            application = public_application(daemon.asked(), HttpSettings(base_path=base_path, rate_limit=0))
            async with serving(application, opened):
                scene = Scene(household, daemon, f"http://{address_of(opened)}{base_path}", "")
                scene.token = await scene.key("owner", may_write=True)
                await scene.refresh()
                yield scene


async def live_through_a_month(scene: Scene) -> None:
    """Trailers come, items come, and in the end many go at once."""
    movies, series = scene.household.movies, scene.household.series
    for turn in range(_ROUNDS):
        for shelf, every in ((movies, 3), (series, 4)):
            chosen = [arr_id for arr_id in shelf.library.ids if arr_id % every == 0]
            for arr_id in chosen[turn * len(chosen) // _ROUNDS : (turn + 1) * len(chosen) // _ROUNDS]:
                shelf.put(arr_id, "Trailers/Official Trailer.mkv")
            shelf.put(shelf.library.add()["id"], "the item itself.mkv")
        await scene.refresh()
        _grow_older(scene, timedelta(days=29 / _ROUNDS))
    movies.library.delete(*[arr_id for arr_id in movies.library.ids if arr_id % 41 == 0])
    await scene.refresh()


def _grow_older(scene: Scene, by: timedelta) -> None:
    """What happened until now happened so much earlier."""
    seconds = f"'-{int(by.total_seconds())} seconds'"
    for table, column in (
        ("refreshes", "finished_at"),
        ("refreshes", "started_at"),
        ("history", "at"),
        ("media", "first_seen"),
        ("media", "last_changed"),
    ):
        scene.household.database.sql(
            f"UPDATE {table} SET {column} = strftime('%Y-%m-%d %H:%M:%f', {column}, {seconds})"
        )
