"""A client that hides nothing: no retries of its own, no redirects followed."""

from __future__ import annotations

import gc
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, ClientTimeout, TCPConnector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from trailarrd.testing import SimulatedArr


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer that was read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0]

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Asks a simulated server; every request has a connection of its own."""

    def __init__(self, session: ClientSession) -> None:
        self.session = session

    def ask(self, arr: SimulatedArr, path: str, method: str = "GET", **options: Any) -> Any:
        """The request context, for tests that look at how an answer arrives."""
        options.setdefault("headers", {"X-Api-Key": arr.api_key})
        return self.session.request(method, arr.url + path, allow_redirects=False, **options)

    async def get(
        self,
        arr: SimulatedArr,
        path: str,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Reply:
        """The whole answer; without `key`, the server's own one is sent."""
        shown = {"X-Api-Key": arr.api_key if key is None else key, **(headers or {})}
        async with self.ask(arr, path, headers=shown, **options) as response:
            body = await response.read()
            return Reply(status=response.status, headers=response.headers, body=body)

    async def json(self, arr: SimulatedArr, path: str) -> Any:
        """The JSON of an answer that must be a good one."""
        reply = await self.get(arr, path)
        assert (reply.status, reply.content_type) == (200, "application/json")
        return reply.json()


@pytest.fixture
def left_tidy() -> Iterator[None]:
    """What a mistake has left lying about is complained of at the end of its test, and in no other one."""
    gc.freeze()  # all that was there before need not be looked through
    yield
    gc.collect()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    connector = TCPConnector(force_close=True)
    async with ClientSession(connector=connector, timeout=ClientTimeout(total=10)) as session:
        yield Client(session)
