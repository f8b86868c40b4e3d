"""What a user wrote down for 0.1.0 still holds: its files, its commands, its API keys and its webhooks."""

from __future__ import annotations

import asyncio
import json
import signal
from base64 import b64encode
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from tests.e2e.conftest import AS_JSON, Daemon, command, listening
from tests.process import PIPE, running
from tests.upgrade.everything import EVERYTHING, SCRIPT, environment, settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.cli.conftest import CommandLine
    from tests.upgrade.old_home import OldHome

COMMANDS: dict[str, list[str]] = json.loads(EVERYTHING.joinpath("commands.json").read_text("utf-8"))


async def test_every_key_of_a_file_means_what_it_meant(trailarrd: CommandLine) -> None:
    async def ask(*words: str) -> str:
        ended = await trailarrd.bare(*words, **environment())
        assert (ended.code, ended.err) == (0, "")
        return ended.out

    understood = json.loads(EVERYTHING.joinpath("settings.json").read_text("utf-8"))
    now = await settings(ask)
    assert {name: now.get(name) for name in understood} == understood


async def test_every_command_is_there_with_every_option(trailarrd: CommandLine) -> None:
    for words, options in COMMANDS.items():
        ended = await trailarrd.bare(*words.split(), "--help")
        assert ended.code == 0, words
        assert [option for option in options if option not in ended.out] == [], words


async def test_every_command_ends_as_it_did(trailarrd: CommandLine) -> None:
    codes = json.loads(EVERYTHING.joinpath("codes.json").read_text("utf-8"))
    assert [*codes] == [*SCRIPT]
    for line, code in codes.items():
        ended = await trailarrd(*line.split())
        assert ended.code == code, (line, ended.err)


async def test_the_daemon_takes_old_keys_and_tells_people_only_what_really_changed(
    household: OldHome,
) -> None:
    household.movies.add("Between Two Versions", 2025)
    async with people(household) as messages, daemon(household) as running:
        for connection in ("movies", "series"):
            await running.until("refresh.finished", connection=connection)
        (line,) = running.told("http.listening")
        answers = await asked(f"http://{line['address']}", household.keys)
        while not messages:
            await asyncio.sleep(0.05)
        assert (await running.stop(signal.SIGTERM))[0] == 0
    assert answers == {
        "phone reads": 200,
        "phone writes": 200,
        "dashboard reads": 200,
        "dashboard writes": 403,
        "nobody reads": 401,
        "the server posts": 200,
        "the server posts with the token in the path": 200,
        "another one posts": 401,
    }
    (message,) = messages
    assert message["title"] == "trailarrd: 1 added"
    assert "Between Two Versions" in message["message"]


async def asked(url: str, keys: dict[str, str]) -> dict[str, int]:
    """How requests with these keys end; a write says yes to an item that has a trailer."""
    hook, media = f"{url}/hooks/movies", f"{url}/api/v1/media"
    basic = b64encode(f"trailarrd:{keys['webhook']}".encode()).decode()
    phone, dashboard = ({"X-Api-Key": keys[name]} for name in ("phone", "dashboard"))
    event, believe = {"eventType": "Test"}, f"{url}/api/v1/connections/movies/believe"
    requests: dict[str, tuple[str, str, dict[str, str], Any]] = {
        "phone reads": ("GET", media, {"Authorization": f"Bearer {keys['phone']}"}, None),
        "phone writes": ("POST", believe, phone, None),
        "dashboard reads": ("GET", media, dashboard, None),
        "dashboard writes": ("POST", believe, dashboard, None),
        "nobody reads": ("GET", media, {}, None),
        "the server posts": ("POST", hook, {"Authorization": f"Basic {basic}"}, event),
        "the server posts with the token in the path": ("POST", f"{hook}/{keys['webhook']}", {}, event),
        "another one posts": ("POST", hook, phone, event),
    }
    answers = {}
    async with aiohttp.ClientSession() as session:
        for name, (method, address, headers, body) in requests.items():
            async with session.request(method, address, headers=headers, json=body) as answer:
                answers[name] = answer.status
    return answers


@asynccontextmanager
async def people(household: OldHome) -> AsyncIterator[list[dict[str, Any]]]:
    """What they are told."""
    messages: list[dict[str, Any]] = []

    async def hear(request: web.Request) -> web.Response:
        messages.append(await request.json())
        return web.Response()

    application = web.Application()
    application.router.add_post("/", hear)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    household.variables["NOTIFY_URL"] = f"json://127.0.0.1:{runner.addresses[0][1]}/"
    yield messages
    await runner.cleanup()


@asynccontextmanager
async def daemon(household: OldHome) -> AsyncIterator[Daemon]:
    options: dict[str, Any] = {"env": household.environ | AS_JSON, "stdout": PIPE, "stderr": PIPE}
    async with (
        running(*command(household, "run"), **options) as process,
        listening(Daemon(process)) as daemon,
    ):
        yield daemon
