"""The hub of any Arr server on the wire: its messages, as long as it is there.

It speaks ASP.NET Core SignalR, protocol `json`: frames end with byte 0x1E, several may share a
message; the server pings every 15 s and drops whom it has not heard for 30 s. It stores nothing, so
whatever happened before the connection was made is only in the whole library.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import msgspec
from aiohttp import ClientSession, ClientWebSocketResponse

from trailarrd.domain.connection import ArrServer
from trailarrd.errors import ProviderResponseError, ProviderUnavailableError
from trailarrd.plugin.answer import check
from trailarrd.plugin.client import ArrClient, translated
from trailarrd.plugin.session import MAX_HEADER, gate

_END: Final = "\x1e"
_HANDSHAKE: Final = '{"protocol":"json","version":1}' + _END
_PING: Final = '{"type":6}' + _END
_GOODBYE: Final = 1.0
"""Seconds that a hub has to answer our goodbye."""
_MAX_MESSAGE: Final = 16 * 2**20
_INVOCATION: Final = 1
_CLOSE: Final = 7


class _Negotiated(msgspec.Struct, rename="camel"):
    connection_id: str = ""
    connection_token: str = ""


class _Frame(msgspec.Struct):
    type: int = 0
    target: str = ""
    arguments: list[Any] = []
    error: str | None = None


async def messages_of(
    session: ClientSession, server: ArrServer, *, key_header: str, silence: float
) -> AsyncGenerator[Mapping[str, Any] | None, None]:
    """None once the hub has greeted, and then each message; after `silence` seconds it is dead.

    Raises:
        ProviderError: as `ArrLive` has them.
    """
    client = ArrClient(session, server, "the server", "signalr/messages", key_header=key_header)
    async with _hub(client, silence / 2) as hub:
        await hub.send_str(_HANDSHAKE)
        greeted = False
        async for frame in _frames(hub, silence):
            if not greeted:
                if frame.error:
                    raise ProviderResponseError("the hub refuses the protocol")
                greeted = True
                yield None
            for message in _messages(frame):
                yield message


async def _frames(hub: ClientWebSocketResponse, silence: float) -> AsyncIterator[_Frame]:
    while True:
        try:
            message = await hub.receive(timeout=silence)
        except TimeoutError:
            raise ProviderUnavailableError(f"the hub was silent for {silence:g} s") from None
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise ProviderUnavailableError("the hub closed the connection")
        for text in filter(None, message.data.split(_END)):
            frame = _decode(text)
            if frame.type == _CLOSE:
                raise ProviderUnavailableError("the hub says that it closes")
            yield frame


def _messages(frame: _Frame) -> Iterator[Mapping[str, Any]]:
    if frame.type == _INVOCATION and frame.target == "receiveMessage":
        yield from (message for message in frame.arguments if isinstance(message, dict))


def _decode(text: str) -> _Frame:
    try:
        return msgspec.json.decode(text, type=_Frame)
    except (msgspec.MsgspecError, RecursionError):
        raise ProviderResponseError("the hub sends what is no SignalR message") from None


@asynccontextmanager
async def _hub(client: ArrClient, ping_every: float) -> AsyncIterator[ClientWebSocketResponse]:
    """A connection to the hub that says from time to time that it is there."""
    token = await _negotiate(client)
    with translated(client.root):
        async with _session(client) as session:
            hub = await _connect(session, client, token)
            pinging = asyncio.create_task(_ping(hub, ping_every), name="hub ping")
            try:
                yield hub
            finally:
                pinging.cancel()
                await hub.close()


async def _negotiate(client: ArrClient) -> str:
    path = "negotiate"
    async with client.request(path, method="POST", query={"negotiateVersion": "1"}) as response:
        await check(response, client.server)
        found: _Negotiated = client.decode(path, await client.body(response), _Negotiated)
    return found.connection_token or found.connection_id


def _session(client: ArrClient) -> aiohttp.ClientSession:
    """Goes nowhere else: aiohttp lets a web socket follow redirects, with the key in its headers."""
    return aiohttp.ClientSession(
        connector=client.session.connector,
        connector_owner=False,
        timeout=client.session.timeout,
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(_stay, gate(client.server)),
        max_line_size=MAX_HEADER,
        max_field_size=MAX_HEADER,
    )


async def _stay(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    response = await send(request)
    if response.status != HTTPStatus.SWITCHING_PROTOCOLS:
        response.close()
        raise ProviderResponseError(f"the hub answers a web socket with HTTP {response.status}")
    return response


async def _connect(session: aiohttp.ClientSession, client: ArrClient, token: str) -> ClientWebSocketResponse:
    within = client.server.timeouts.first_byte
    try:
        async with asyncio.timeout(within):
            return await session.ws_connect(
                client.root,
                params={"id": token},
                headers=client.headers(client.root),
                max_msg_size=_MAX_MESSAGE,
                timeout=aiohttp.ClientWSTimeout(ws_close=_GOODBYE),
            )
    except TimeoutError:
        raise ProviderUnavailableError(f"the hub did not answer within {within:g} s") from None


async def _ping(hub: ClientWebSocketResponse, every: float) -> None:
    with suppress(ConnectionError, aiohttp.ClientError):  # whoever reads notices it too
        while not hub.closed:
            await asyncio.sleep(every)
            await hub.send_str(_PING)
