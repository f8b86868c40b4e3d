"""The daemon of a real household, asked over real sockets."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.blank import lay_blank
from tests.household import Household, open_household
from tests.shipped import shipped_plugins
from tests.web.hooks import token
from trailarrd.config import load
from trailarrd.config.model import HttpSettings
from trailarrd.daemon.daemon import Daemon, start_daemon
from trailarrd.discovery.plugins import providers_by_name
from trailarrd.domain.apikey import digest_of, new_token
from trailarrd.log import LogMemory
from trailarrd.store.credentials import ApiKey
from trailarrd.web.application import public_application
from trailarrd.web.server import address_of, listen, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from multidict import CIMultiDictProxy


__all__ = ["token"]


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    headers: CIMultiDictProxy[str]
    content: bytes
    document: Any
    """From JSON; None if it is none."""


@dataclass
class Client:
    """Asks one server, with or without a key."""

    session: aiohttp.ClientSession
    url: str
    """Up to the port."""
    headers: dict[str, str] = field(default_factory=dict)

    def knowing(self, token: str) -> Client:
        """The same, with that key."""
        return Client(self.session, self.url, {**self.headers, "X-Api-Key": token})

    def saying(self, **headers: str) -> Client:
        """The same, with these headers in every request."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(self.session, self.url, {**self.headers, **told})

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        """Any request; a path that begins with no slash is below the API's root."""
        headers = {**self.headers, **options.pop("headers", {})}
        full = path if path.startswith("/") else f"/api/v1/{path}"
        async with self.session.request(method, f"{self.url}{full}", headers=headers, **options) as answer:
            content = await answer.read()
        is_json = answer.content_type.endswith("json") and content
        return Answer(answer.status, answer.headers, content, json.loads(content) if is_json else None)

    async def get(self, path: str, **query: object) -> Answer:
        """GET with these parameters."""
        return await self.ask("GET", path, params={name: str(value) for name, value in query.items()})

    async def post(self, path: str, body: object = None) -> Answer:
        """POST with that body as JSON."""
        return await self.ask("POST", path, **({} if body is None else {"json": body}))


@dataclass
class Stage:
    """A daemon that has refreshed everything once, and servers in front of it."""

    household: Household
    daemon: Daemon
    session: aiohttp.ClientSession

    @asynccontextmanager
    async def client(self, **settings: Any) -> AsyncIterator[Client]:
        """One that asks a server with these settings below `http:`."""
        opened = listen("127.0.0.1", 0)
        application = public_application(self.daemon.asked(), HttpSettings(**settings))
        async with serving(application, opened):
            yield Client(self.session, f"http://{address_of(opened)}")

    async def key(self, name: str = "test", *, may_write: bool = True) -> str:
        """A new API key."""
        token = new_token()
        await self.daemon.store.add_api_key(ApiKey(name, digest_of(token), may_write, datetime.now(UTC)))
        return token

    @property
    def movie(self) -> int:
        """The number of the first movie: which server is the first to be refreshed is left to chance."""
        ((number,),) = self.household.database.sql("SELECT id FROM media WHERE kind = 'movie' AND arr_id = 1")
        return int(number)

    async def settle(self) -> None:
        """Every connection was refreshed once, as a daemon does when it starts."""
        async with asyncio.timeout(60):
            while any(poller.state.last is None for poller in self.daemon.pollers.values()):
                await asyncio.sleep(0.005)

    async def refresh(self) -> None:
        """Everything once more."""
        for poller in self.daemon.pollers.values():
            await poller.request()


@pytest.fixture
def home(tmp_path: Path) -> AbstractAsyncContextManager[Household]:
    return open_household(tmp_path / "home")


@pytest.fixture
async def stage(home: AbstractAsyncContextManager[Household]) -> AsyncIterator[Stage]:
    async with home as household, aiohttp.ClientSession() as session:
        household.http = "{enabled: false}"
        household.write_config()
        lay_blank(household.database.path)
        plugins = shipped_plugins()
        providers = providers_by_name(plugins)
        settings = load(household.config, providers=providers, environ=household.environ)
        async with start_daemon(settings, providers, plugins, memory=LogMemory()) as daemon:
            stage = Stage(household, daemon, session)
            await stage.settle()
            yield stage


@pytest.fixture
async def client(stage: Stage) -> AsyncIterator[Client]:
    """From this host, without a key; there is none."""
    async with stage.client(rate_limit=0) as client:
        yield client


@pytest.fixture
async def owner(stage: Stage, client: Client) -> Client:
    """One with a key that may do everything."""
    return client.knowing(await stage.key())
