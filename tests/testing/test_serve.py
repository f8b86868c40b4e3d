"""The simulated server as a process of its own."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from trailarrd.testing.serve import main

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

COMMAND = (sys.executable, "-W", "error", "-m", "trailarrd.testing.serve")


@pytest.fixture
async def process() -> AsyncIterator[asyncio.subprocess.Process]:
    options = ("--dialect", "sonarr", "--items", "12", "--api-key", "k", "--url-base", "/sonarr")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *options, "--root", "/tv", "--root", "/anime", stdout=pipe, stderr=pipe
    )
    yield process
    if process.returncode is None:
        process.kill()
    await process.communicate()


async def listening(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode()


async def test_it_says_where_it_listens_and_answers_there(process: asyncio.subprocess.Process) -> None:
    line = await listening(process)
    assert line.startswith("listening on http://127.0.0.1:")
    url = line.removeprefix("listening on ").strip()
    assert url.endswith("/sonarr")
    async with ClientSession(headers={"X-Api-Key": "k"}) as session:
        async with session.get(f"{url}/api/v3/series") as response:
            assert len(await response.json()) == 12
        async with session.get(f"{url}/api/v3/rootfolder") as response:
            assert [root["path"] for root in await response.json()] == ["/tv", "/anime"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_without_a_word(
    process: asyncio.subprocess.Process, number: signal.Signals
) -> None:
    await listening(process)
    process.send_signal(number)
    output, errors = await process.communicate()
    assert (process.returncode, output, errors) == (0, b"", b"")


def test_an_unknown_dialect_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--dialect", "plexarr"])
    assert "plexarr" in capsys.readouterr().err
