"""`trailarrd run --unattended`: a first start with nobody at hand, as in a container."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import stat
import sys
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from tests.e2e.conftest import AS_JSON, Daemon, listening
from tests.process import PIPE, running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.household import Household


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


async def asked(port: int, path: str, key: str = "") -> tuple[int, str]:
    """Status and text of the answer."""
    headers = {"X-Api-Key": key} if key else {}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)

    def ask() -> tuple[int, str]:
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    return await asyncio.to_thread(ask)


async def test_an_empty_folder_becomes_a_daemon_as_soon_as_the_configuration_is_filled_in(
    household: Household, tmp_path: Path
) -> None:
    folder, port = tmp_path / "config", free_port()
    folder.mkdir()
    config = folder / "trailarrd.yaml"
    environ = household.environ | AS_JSON
    environ |= {"TRAILARRD_CONFIG": str(config), "STATE_DIRECTORY": str(folder)}
    environ |= {"TRAILARRD_HTTP__LISTEN": f"127.0.0.1:{port}"}
    words = (sys.executable, "-m", "trailarrd", "run", "--unattended")
    async with (
        running(*words, env=environ, stdout=PIPE, stderr=PIPE) as process,
        listening(Daemon(process)) as daemon,
    ):
        await daemon.until("config.awaited")
        assert daemon.told("config.offered", file=str(config))
        key = (folder / "api-key").read_text().strip()
        assert stat.S_IMODE((folder / "api-key").stat().st_mode) == 0o600
        assert daemon.told("apikey.made", file=str(folder / "api-key"))
        while (live := await asked(port, "/health/live"))[0] != 200:
            await asyncio.sleep(0.05)
        assert json.loads(live[1]) == {"status": "ok"}
        assert await asked(port, "/health/ready") == (503, '{"status": "not-ready"}')
        assert await asked(port, "/health") == (503, '{"status": "not-well"}')
        assert (await asked(port, "/api/v1/version"))[0] == 503

        household.http = "{}"
        household.write_config()
        lines = household.config.read_text().splitlines(keepends=True)
        config.write_text("".join(line for line in lines if not line.startswith("database")))
        await daemon.until("daemon.ready")
        assert (await asked(port, "/health/ready"))[0] == 200
        assert (await asked(port, "/api/v1/connections", key))[0] == 200
        assert (await asked(port, "/api/v1/connections"))[0] == 401
        assert len(daemon.told("config.awaited")) == 1
        assert (await daemon.stop(signal.SIGTERM))[0] == 0
    assert key not in daemon.output


async def test_a_key_that_was_taken_back_is_not_made_again(household: Household) -> None:
    from trailarrd.daemon.first_start import make_key
    from trailarrd.store.store import Store

    url = household.database.url
    await make_key(url)
    await make_key(url)
    async with Store.open(url) as store:
        assert [(key.name, key.may_write) for key in await store.api_keys()] == [("first", True)]
        await store.revoke_api_key("first")
    await make_key(url)
    async with Store.open(url) as store:
        assert await store.api_keys() == []
