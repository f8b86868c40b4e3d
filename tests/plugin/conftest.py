"""Both first-party API managers and the servers that they talk to: simulated ones, and a raw one."""

from __future__ import annotations

import asyncio
import traceback
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar
from urllib.parse import quote, quote_plus

import pytest

from tests.depth import in_turn
from trailarrd.plugin import ArrApiManager, ArrServer, Secret, Timeouts
from trailarrd.plugin.session import open_session
from trailarrd.testing import RADARR, SONARR, Dialect, SimulatedArr, SimulatedLibrary
from trailarrd_radarr.api import RadarrApiManager
from trailarrd_sonarr.api import SonarrApiManager

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable
    from types import TracebackType
    from typing import TypeAlias

    from trailarrd.plugin import ProviderError

    Api: TypeAlias = ArrApiManager[Any]
    Call: TypeAlias = Callable[[Api], Awaitable[object]]

ErrorT = TypeVar("ErrorT", bound="ProviderError")

KEY = "k3y/of+the&server=1"
"""Looks different when it is quoted for a URL."""


class Connect(Protocol):
    """Makes an API manager for a URL, with a session that ends with the test."""

    async def __call__(self, url: str, *, key: str = ..., timeouts: Timeouts = ..., **tls: Any) -> Api: ...


class ErrorOf(Protocol):
    """The error that a call ends with: exactly of that class, and the key nowhere in it."""

    async def __call__(self, asking: Awaitable[object], expected: type[ErrorT]) -> ErrorT: ...


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One application, as it is simulated and as it is asked."""

    dialect: Dialect
    manager: type[Api]

    @property
    def list_path(self) -> str:
        return f"/api/v3/{self.dialect.resource}"


KINDS = in_turn(
    radarr=Kind(dialect=RADARR, manager=RadarrApiManager),
    sonarr=Kind(dialect=SONARR, manager=SonarrApiManager),
)


async def _everything(api: Api) -> list[Any]:
    return [record async for batch in api.all_media() for record in batch]


CALLS: dict[str, Call] = {
    "system_status": lambda api: api.system_status(),
    "root_folders": lambda api: api.root_folders(),
    "all_media": _everything,
    "media": lambda api: api.media(1),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """One of the first-party providers."""
    kind: Kind = request.param
    return kind


@pytest.fixture(params=CALLS)
def call(request: pytest.FixtureRequest) -> Call:
    """Each question that an API manager can ask, in turn."""
    return CALLS[request.param]


@pytest.fixture
async def arr(kind: Kind) -> AsyncIterator[SimulatedArr]:
    """A server of this kind with a library of twenty."""
    library = SimulatedLibrary(kind.dialect, size=20, seed=1)
    async with SimulatedArr(library, api_key=KEY) as server:
        yield server


@pytest.fixture
async def connect(kind: Kind) -> AsyncIterator[Connect]:
    async with AsyncExitStack() as stack:

        async def make(url: str, *, key: str = KEY, timeouts: Timeouts | None = None, **tls: Any) -> Api:
            server = ArrServer(url=url, api_key=Secret(key), timeouts=timeouts or Timeouts(), **tls)
            return kind.manager(await stack.enter_async_context(open_session(server)), server)

        yield make


@pytest.fixture
async def api(arr: SimulatedArr, connect: Connect) -> Api:
    """An API manager for that server, with the right key and patience enough."""
    return await connect(arr.url)


@pytest.fixture
def error_of() -> ErrorOf:
    async def catch(asking: Awaitable[object], expected: type[ErrorT]) -> ErrorT:
        with pytest.raises(expected) as caught:
            await asking
        assert type(caught.value) is expected
        shown = "".join([repr(caught.value), *traceback.format_exception(caught.value)])
        assert [form for form in (KEY, quote(KEY, safe=""), quote_plus(KEY)) if form in shown] == []
        return caught.value

    return catch


class RawServer:
    """Says the same bytes to whoever asks, and then nothing until the client leaves.

    `trickle` are further bytes, sent one by one with so many seconds before each.
    """

    def __init__(
        self,
        reply: bytes,
        *,
        trickle: tuple[bytes, float] = (b"", 0.0),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.heads: list[bytes] = []
        """What was asked, from the request line to the last header."""
        self.left = asyncio.Event()
        """A client has closed its connection."""
        self.url = ""
        self.reply = reply
        self._trickle = trickle
        self._tls = tls
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                await self._answer(writer)
        self.left.set()
        writer.close()

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        writer.write(self.reply)
        for byte in self._trickle[0]:
            await asyncio.sleep(self._trickle[1])
            writer.write(bytes([byte]))


@pytest.fixture
def raw_server() -> type[RawServer]:
    return RawServer
