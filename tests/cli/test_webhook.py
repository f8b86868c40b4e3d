"""`trailarrd webhook`: a real daemon, and a server that tries it before it saves anything."""

from __future__ import annotations

import os
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.process import completed
from tests.web.hooks import basic
from trailarrd.config import load
from trailarrd.daemon.daemon import Daemon, start_daemon
from trailarrd.discovery.plugins import discover, providers_by_name
from trailarrd.testing import RADARR, Notifications, SimulatedArr, SimulatedLibrary
from trailarrd.testing.notifications import value_of
from trailarrd.web.application import public_application
from trailarrd.web.server import address_of, listen, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.household import Ended

KEY = "a-key-that-must-not-be-seen"
CONFIG = """\
database: {{url: "sqlite+aiosqlite:///{home}/trailarrd.db"}}
http: {{enabled: false}}
connections:
  - {{name: movies, provider: radarr, url: "{url}", api_key: !env ARR_KEY, retry: {{attempts: 1}}}}
"""


@dataclass
class Stage:
    """The Arr server, the daemon and where it can be reached."""

    arr: SimulatedArr
    server: Notifications
    daemon: Daemon
    url: str
    home: Path

    async def trailarrd(self, *arguments: str, **environ: str | None) -> Ended:
        """A command of another process, with other variables if there are such; None takes one away."""
        program = [sys.executable, "-m", "trailarrd", "--config", str(self.home / "trailarrd.yaml")]
        variables = {**os.environ, "ARR_KEY": KEY, **environ}
        env = {name: value for name, value in variables.items() if value is not None}
        ended = await completed(*program, *arguments, env=env)
        assert KEY not in ended.out + ended.err
        return ended


@asynccontextmanager
async def stage_at(home: Path, server: Notifications) -> AsyncIterator[Stage]:
    async with SimulatedArr(SimulatedLibrary(RADARR), api_key=KEY, notifications=server) as arr:
        (home / "trailarrd.yaml").write_text(CONFIG.format(home=home, url=arr.url))
        providers = providers_by_name(discover())
        settings = load(home / "trailarrd.yaml", providers=providers, environ={"ARR_KEY": KEY})
        opened = listen("127.0.0.1", 0)
        async with (
            start_daemon(settings, providers) as daemon,
            serving(public_application(daemon.asked(), settings.http), opened),
        ):
            yield Stage(arr, server, daemon, f"http://{address_of(opened)}", home)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage_at(tmp_path, Notifications(posts=True)) as stage:
        yield stage


async def test_the_server_tries_the_daemon_and_then_posts_to_it(stage: Stage) -> None:
    ended = await stage.trailarrd("webhook", "register", "movies", "--url", f"{stage.url}/")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"movies: the server posts its events to {stage.url}/hooks/movies\n"
    (made,) = stage.server.saved.values()
    assert made["name"] == "trailarrd movies"
    assert value_of(made, "url") == f"{stage.url}/hooks/movies"
    assert value_of(made, "password") not in ended.out + ended.err


async def test_again_it_is_the_same_webhook_with_a_new_token(stage: Stage) -> None:
    await stage.trailarrd("webhook", "register", "movies", "--url", stage.url)
    (first,) = stage.server.saved.values()
    assert (await stage.trailarrd("webhook", "register", "movies", "--url", stage.url)).code == 0
    (second,) = stage.server.saved.values()
    assert value_of(first, "password") != value_of(second, "password")


async def test_a_server_that_does_not_reach_the_daemon_says_so_and_the_old_token_stays(stage: Stage) -> None:
    await stage.trailarrd("webhook", "register", "movies", "--url", stage.url)
    before = await stage.daemon.store.webhook_digests()
    ended = await stage.trailarrd("webhook", "register", "movies", "--url", "http://127.0.0.1:9")
    assert ended.code == 1
    assert "Radarr does not take the webhook: Unable to send test message" in ended.err
    assert await stage.daemon.store.webhook_digests() == before


async def test_it_is_removed_on_both_sides(stage: Stage) -> None:
    await stage.trailarrd("webhook", "register", "movies", "--url", stage.url)
    ended = await stage.trailarrd("webhook", "remove", "movies")
    assert (ended.code, ended.err) == (0, "movies: the webhook is removed\n")
    assert stage.server.saved == {}
    assert await stage.daemon.store.webhook_digests() == {}
    ended = await stage.trailarrd("webhook", "remove", "movies")
    assert (ended.code, ended.err) == (0, "movies: its server has no webhook of ours\n")


async def test_a_token_for_a_webhook_made_by_hand_is_had_without_asking_the_server(stage: Stage) -> None:
    ended = await stage.trailarrd("webhook", "token", "movies", "--url", f"{stage.url}/", ARR_KEY=None)
    address = ended.out.removesuffix("\n")
    assert (ended.code, address.startswith(f"{stage.url}/hooks/movies/trailarrd_")) == (0, True)
    assert stage.server.saved == {}
    assert [one.path for one in stage.arr.requests if "notification" in one.path] == []
    token = address.rpartition("/")[2]
    assert token not in ended.err
    async with aiohttp.ClientSession() as session:
        for url, headers in ((address, {}), (f"{stage.url}/hooks/movies", basic(token))):
            async with session.post(url, json={"eventType": "Test"}, headers=headers) as answer:
                assert answer.status == 200


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("register", "nobody", "--url", "http://a"), "No connection 'nobody'; configured are: movies."),
        (("register", "movies", "--url", "nas:7979"), "--url must begin with http:// or https://."),
        (("register", "movies"), "Missing option '--url'."),
        (("token", "nobody", "--url", "http://a"), "No connection 'nobody'; configured are: movies."),
    ],
)
async def test_what_makes_no_sense_is_wrong_usage(
    stage: Stage, arguments: tuple[str, ...], said: str
) -> None:
    ended = await stage.trailarrd("webhook", *arguments)
    assert ended.code == 2
    assert said in ended.err
