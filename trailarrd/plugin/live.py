"""What a server tells of itself while it happens: the hub of any *arr, read as hints.

The hub speaks ASP.NET Core SignalR, protocol `json`: frames end with byte 0x1E, several may share a
message; the server pings every 15 s and drops whom it has not heard for 30 s. It stores nothing, so
whatever happened before the connection was made is only in the whole library.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import msgspec
from aiohttp import ClientSession, ClientWebSocketResponse

from trailarrd.domain.connection import ArrServer
from trailarrd.domain.media import is_arr_id
from trailarrd.errors import ProviderRejectedError, ProviderResponseError, ProviderUnavailableError
from trailarrd.plugin.answer import check
from trailarrd.plugin.client import KEY_HEADER, ArrClient, translated
from trailarrd.plugin.provider import Provider, WebhookHint
from trailarrd.plugin.session import MAX_HEADER, gate, open_session

CONNECTED: Final = WebhookHint(event="connected", whole=True)
"""What the hub tells first: whatever happened until now, it did not tell."""

_END: Final = "\x1e"
_HANDSHAKE: Final = '{"protocol":"json","version":1}' + _END
_PING: Final = '{"type":6}' + _END
_SILENCE: Final = 30.0
"""Seconds without a word after which a hub is dead."""
_GOODBYE: Final = 1.0
"""Seconds that a hub has to answer our goodbye."""
_MAX_MESSAGE: Final = 16 * 2**20
_COMMAND: Final = "command"
_ENDED: Final = ("completed", "failed", "aborted")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrLive:
    """Reads the hub of a server of the *arr family; a provider says under which names it tells of items::

        Provider(..., live=ArrLive(item="movie", parts={"moviefile": "movieId"}))

    An item's own message says which one changed or went; that of a part only to which item it belongs, if
    it says it (a part that is deleted has 0 there). That of a command, once it has ended, at which items it
    was at work: those that its body has as `movieId`, as `movieIds`, or as `movieId` within a list. Commands
    look at disks, and move files, also where nothing changes for the server itself, so that no item's own
    message comes.
    """

    item: str
    """The name of messages about an item: `movie`, `series`, `artist`."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Names of messages about parts of an item, and the field with the item's id in them."""
    whole_library: Collection[str] = frozenset()
    """Names of commands after which all items may be others, if they name none: `RefreshMovie`."""
    key_header: str = KEY_HEADER
    """The header in which the server wants its key."""
    silence: float = _SILENCE
    """Seconds without a word after which the hub is taken for dead; half of it is between our own words."""

    async def __call__(self, session: ClientSession, server: ArrServer) -> AsyncGenerator[WebhookHint, None]:
        """Hints for as long as the hub is there, beginning with `CONNECTED`.

        Raises:
            ProviderUnavailableError: the hub cannot be reached, or was lost.
            ProviderRejectedError: it refuses the API key.
            ProviderResponseError: there is no such hub.
        """
        async with aclosing(self.overheard(session, server)) as messages:
            async for _, hint in messages:
                if hint:
                    yield hint

    async def overheard(
        self, session: ClientSession, server: ArrServer
    ) -> AsyncGenerator[tuple[Mapping[str, Any], WebhookHint | None], None]:
        """Every message, with the hint that it gives, for who wants to see how a server speaks.

        Raises the same.
        """
        client = ArrClient(session, server, "the server", "signalr/messages", key_header=self.key_header)
        async with _hub(client, self.silence / 2) as hub:
            await hub.send_str(_HANDSHAKE)
            greeted = False
            async for frame in self._frames(hub):
                if not greeted:
                    if frame.error:
                        raise ProviderResponseError("the hub refuses the protocol")
                    greeted = True
                    yield {}, CONNECTED
                for message in self._messages(frame):
                    yield message, self._hint(message.get("name"), message.get("body"))

    async def _frames(self, hub: ClientWebSocketResponse) -> AsyncIterator[_Frame]:
        while True:
            try:
                message = await hub.receive(timeout=self.silence)
            except TimeoutError:
                raise ProviderUnavailableError(f"the hub was silent for {self.silence:g} s") from None
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise ProviderUnavailableError("the hub closed the connection")
            for text in filter(None, message.data.split(_END)):
                frame = _decode(text)
                if frame.type == _CLOSE:
                    raise ProviderUnavailableError("the hub says that it closes")
                yield frame

    @staticmethod
    def _messages(frame: _Frame) -> Iterator[Mapping[str, Any]]:
        if frame.type == _INVOCATION and frame.target == "receiveMessage":
            yield from (message for message in frame.arguments if isinstance(message, dict))

    def _hint(self, name: object, body: object) -> WebhookHint | None:
        """What a message is about; None for what is none of our business."""
        if not isinstance(body, dict):
            return None
        action, resource = body.get("action"), body.get("resource")
        if name == _COMMAND:
            return self._of_command(resource) if isinstance(resource, dict) else None
        id_field = "id" if name == self.item else self.parts.get(str(name))
        if id_field is None:
            return None
        if action == "sync":
            return WebhookHint(event=f"{name} sync", whole=True)
        arr_id = resource.get(id_field) if isinstance(resource, dict) else None
        if not is_arr_id(arr_id):
            return None
        deleted = name == self.item and action == "deleted"
        return WebhookHint(event=f"{name} {action}", arr_ids=frozenset({arr_id}), deleted=deleted)

    def _of_command(self, command: Mapping[str, Any]) -> WebhookHint | None:
        """What one that has ended is about: also one that failed may have moved something."""
        name, status, body = str(command.get("name")), command.get("status"), command.get("body")
        if status not in _ENDED or not isinstance(body, dict):
            return None
        arr_ids = frozenset(filter(is_arr_id, self._items_of(body)))
        if not arr_ids and name not in self.whole_library:
            return None
        return WebhookHint(event=f"{name} {status}", arr_ids=arr_ids, whole=not arr_ids)

    def _items_of(self, body: Mapping[str, Any]) -> Iterator[object]:
        one, many = f"{self.item}Id", f"{self.item}Ids"
        yield body.get(one)
        for name, value in body.items():
            if isinstance(value, list):
                yield from value if name == many else (_field(inner, one) for inner in value)


def _field(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


async def feed_of(provider: Provider[Any], server: ArrServer) -> AsyncGenerator[WebhookHint, None]:
    """What that server tells, by a session of its own.

    Raises:
        ProviderError: it cannot be heard, or not any more.
    """
    if provider.live is None:
        raise ProviderRejectedError(f"provider {provider.name} cannot listen: delete live")
    async with open_session(server) as session, aclosing(provider.live(session, server)) as feed:
        async for hint in feed:
            yield hint


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
