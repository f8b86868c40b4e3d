"""`trailarrd run --setup`: from nothing to a daemon in a browser, with a code from the log."""

from __future__ import annotations

import re
import signal
import stat
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.e2e.conftest import AS_JSON, Daemon, listening
from tests.e2e.test_unattended import free_port
from tests.process import PIPE, running
from tests.world import KEY
from trailarrd.config.scaffold import is_blank, write_blank
from trailarrd.daemon.setup import new_database
from trailarrd.domain.apikey import digest_of
from trailarrd.domain.media import MediaKind
from trailarrd.runtime.runtime import utc_now
from trailarrd.store.credentials import ApiKey
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.household import Household


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """For /config, as an engine makes it."""
    folder = tmp_path / "config"
    folder.mkdir()
    return folder


@asynccontextmanager
async def started(household: Household, folder: Path, *words: str) -> AsyncIterator[tuple[Daemon, str]]:
    """The daemon as an image starts it, and its address."""
    port = free_port()
    environ = household.environ | AS_JSON | {"TRAILARRD_HTTP__LISTEN": f"127.0.0.1:{port}"}
    environ |= {"TRAILARRD_CONFIG": str(folder / "trailarrd.yaml"), "STATE_DIRECTORY": str(folder)}
    command = (sys.executable, "-m", "trailarrd", "run", *words)
    async with (
        running(*command, env=environ, stdout=PIPE, stderr=PIPE) as process,
        listening(Daemon(process)) as daemon,
    ):
        yield daemon, f"http://127.0.0.1:{port}"


async def test_a_browser_with_the_code_ends_signed_in_with_a_key_and_a_refresh(
    household: Household, folder: Path
) -> None:
    async with started(household, folder, "--unattended", "--setup") as (daemon, url):
        await daemon.until("setup.code")
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:

            async def post(path: str, **form: str) -> tuple[int, str]:
                async with browser.post(f"{url}/setup/{path}", data=form) as answer:
                    return answer.status, await answer.text()

            assert (await post("server", url="x", key="y"))[0] == 403
            assert (await post("code", code="AAAA-AAAA-AAAA-AAAA"))[0] == 401
            async with browser.get(f"{url}/health/live") as answer:
                assert answer.status == 200
            async with browser.get(f"{url}/health") as answer:
                assert answer.status == 503
            assert (await post("code", code=daemon.told("setup.code")[0]["code"].lower()))[0] == 200

            status, text = await post("server", url=household.movies.server.url, key="wrong")
            assert (status, "the API key" in text) == (422, True)
            for shelf in (household.movies, household.series):
                status, text = await post("server", url=shelf.server.url, key=KEY)
                assert status == 200
            assert "Sonarr 4" in text, text
            assert '<div class="finding">' in text, "what was found of its root folders"
            assert KEY not in text
            status, text = await post("write", **{"mode-movies": "none", "choosy-series": "on"})
            key = re.findall(r"trailarrd_[\w-]+", text)[0]
            assert status == 200

            await daemon.until("daemon.ready")
            await daemon.until("refresh.finished", times=2)
            async with browser.get(f"{url}/") as answer:
                assert "Sign out" in await answer.text(), "the browser is let in"
        async with (
            aiohttp.ClientSession(headers={"X-Api-Key": key}) as program,
            program.get(f"{url}/api/v1/connections") as answer,
        ):
            modes = {one["connection"]: one["mode"] for one in (await answer.json())["items"]}
        assert modes == {"movies": "none", "series": "missing"}
        assert (await daemon.stop(signal.SIGTERM))[0] == 0
    written = (folder / "trailarrd.yaml").read_text()
    assert "want: {only: {released: true}}" in written
    assert stat.S_IMODE((folder / "movies.key").stat().st_mode) == 0o600
    assert not (folder / "api-key").exists()
    assert (key in daemon.output, KEY in daemon.output, KEY in written) == (False, False, False)


async def test_what_somebody_writes_by_hand_meanwhile_is_taken_too(
    household: Household, folder: Path
) -> None:
    file = folder / "trailarrd.yaml"
    async with started(household, folder, "--unattended", "--setup") as (daemon, _):
        await daemon.until("setup.code")
        assert daemon.told("config.offered", file=str(file))
        assert is_blank(file)
        household.http = "{}"
        household.write_config()
        file.write_text(household.config.read_text() + "mistake: true\n")
        await daemon.until("config.awaited")
        assert "unknown key 'mistake'" in daemon.told("config.awaited")[0]["error"]
        file.write_text(household.config.read_text())
        await daemon.until("daemon.ready")
        assert (await daemon.stop(signal.SIGTERM))[0] == 0


async def test_with_a_configuration_or_a_database_it_is_no_first_start(folder: Path) -> None:
    url = f"sqlite+aiosqlite:///{folder}/trailarrd.db"
    path, environ = folder / "trailarrd.yaml", {"STATE_DIRECTORY": str(folder)}
    assert await new_database(path, environ) == url
    async with Store.open(url) as store:
        await store.add_api_key(ApiKey("first", digest_of("x"), may_write=True, created_at=utc_now()))
    write_blank(path)
    assert await new_database(path, environ) == url, "what an earlier first start left is none"
    path.write_text(path.read_text() + "# mine\n")
    assert await new_database(path, environ) is None
    path.unlink()
    assert await new_database(path, environ | {"TRAILARRD_CONNECTIONS__A__URL": "http://a"}) is None
    async with Store.open(url) as store:
        await store.register([("movies", "radarr", MediaKind("movie"))])
    assert await new_database(path, environ) is None


@pytest.mark.parametrize("words", [("--setup",), ()])
async def test_whoever_has_a_database_and_no_configuration_is_told_so(
    household: Household, folder: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    url = f"sqlite+aiosqlite:///{folder}/trailarrd.db"
    async with Store.open(url) as store:
        await store.register([("movies", "radarr", MediaKind("movie"))])
    environ = household.environ | {"STATE_DIRECTORY": str(folder), "HOME": str(tmp_path / "nobody")}
    command = (sys.executable, "-m", "trailarrd", "--config", str(folder / "no.yaml"), "run", *words)
    async with running(*command, env=environ, stdout=PIPE, stderr=PIPE) as process:
        assert await process.wait() == 78
