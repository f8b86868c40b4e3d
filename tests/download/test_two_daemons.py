"""Two daemons of one database, as they run: whichever is asked of a download tells of it, and sees to it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import CommandLine, _logging_as_before
from tests.household import Household, open_household
from tests.shipped import TOY_PLUGIN, shipped_plugins
from trailarrd.config import load
from trailarrd.daemon.daemon import Daemon, start_daemon
from trailarrd.discovery.plugins import downloaders_by_name, providers_by_name
from trailarrd.download.desk import Desk
from trailarrd.testing.site import SimulatedSite
from trailarrd.web.api.claims import claims

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.postgres import DatabaseServer

__all__ = ["_logging_as_before"]

SETTINGS = (
    "download: {work: WORK, min_free: 0 B, pause: {from: 0s, to: 0s}, length: {from: 3s, to: 5min}}\n"
    "refresh: {interval: 1h}\n"
)


@pytest.fixture
async def shared(
    tmp_path: Path, postgres: DatabaseServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Household]:
    monkeypatch.setattr("trailarrd.intercom.socket_of", lambda _: None)
    monkeypatch.delenv("TRAILARRD_CONFIG", raising=False)
    postgres.empty()
    async with open_household(tmp_path / "home") as household:
        household.server, household.lease, household.http = postgres, "30s", "{enabled: false}"
        household.settings = SETTINGS.replace("WORK", str(tmp_path / "work"))
        household.write_config()
        yield household


@asynccontextmanager
async def daemon(household: Household) -> AsyncIterator[Daemon]:
    plugins = [*(one for one in shipped_plugins() if not one.downloaders), TOY_PLUGIN]
    providers, downloaders = providers_by_name(plugins), downloaders_by_name(plugins)
    settings = load(household.config, providers=providers, environ=household.environ, downloaders=downloaders)
    async with start_daemon(settings, providers, plugins) as found:
        yield found


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.02)


def desk(one: Daemon) -> Desk:
    found = one.asked().desk()
    assert isinstance(found, Desk)
    return found


async def test_each_tells_how_far_the_others_download_is_and_has_it_stopped_and_deleted(
    shared: Household, site: SimulatedSite
) -> None:
    async with daemon(shared) as one, daemon(shared) as another:
        await until(lambda: len(one.pollers) == len(another.pollers) == 1)
        holder, other = (one, another) if "movies" in one.pollers else (another, one)
        rows = await holder.store.matching("Alpha")
        while not (rows := [row for row in rows if row.connection == "movies"]):
            await asyncio.sleep(0.05)
            rows = await holder.store.matching("Alpha")
        number = rows[0].id
        place = shared.movies.place(1) / "Trailers" / "Alpha (2001).mp4"

        async def ask(path: str) -> None:
            url = f"{site.url}{path}"
            asked = await desk(other).ask([number], url, now=True, by="anna", afar=False)
            assert asked.changed == [number]

        async def item() -> Any:
            return (await desk(other).some([number]))[0]

        await ask("/stall/good.mp4")
        async with asyncio.timeout(20):
            while (await item()).percent is None:
                await asyncio.sleep(0.05)
        told = await item()
        assert (told.state, told.percent, told.step) == ("downloading", 50, "downloading")
        (claim,) = (await claims.function(other.asked())).items
        assert (claim.id, claim.percent, claim.words) == (number, 50, "downloading")
        assert (await desk(other).stop([number])).changed == [number]
        await until(lambda: desk(holder)._downloads.running is None)
        async with asyncio.timeout(20):
            while await desk(other).progress():
                await asyncio.sleep(0.05)
        assert (await item()).state == "stopped"
        assert [one.name for one in (shared.home.parent / "work").iterdir()] == []

        await ask("/good.mp4")
        await until(place.exists)
        async with asyncio.timeout(20):
            while (await item()).state != "placed":
                await asyncio.sleep(0.05)
        deleted = await CommandLine(shared)("downloads", "delete", str(number))
        assert (deleted.code, place.exists()) == (0, False), deleted.err
        (refused,) = (await desk(other).delete([number])).refused
        assert refused.reason == "no trailer of ours lies there, or it is not what we placed any more"
