"""A hub as an Arr server has it, and as it should not be."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

END = "\x1e"


def told(name: str, action: str, resource: Mapping[str, Any] | None = None) -> str:
    """A message of the hub about something of its server."""
    body = {"action": action} if resource is None else {"resource": resource, "action": action}
    return json.dumps({"type": 1, "target": "receiveMessage", "arguments": [{"body": body, "name": name}]})


@dataclass
class Hub:
    """Greets whoever comes, says what it is told to say, and remembers what it heard."""

    key: str
    greeting: str = "{}" + END
    words: list[str] = field(default_factory=list)
    """Sent after the greeting, each as one message of the web socket."""
    binary: bytes | None = None
    """Sent after those."""
    stays: bool = False
    """Whether it keeps the connection open then, for what it is made to `say`."""
    negotiation: web.Response | None = None
    """Its answer instead of a negotiation."""
    instead: web.Response | None = None
    """Its answer instead of a web socket."""
    heard: list[Any] = field(default_factory=list)
    headers: list[tuple[str, Mapping[str, str], str]] = field(default_factory=list)
    """Path, headers and query of every request."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    _listening: list[web.WebSocketResponse] = field(default_factory=list)

    async def negotiate(self, request: web.Request) -> web.StreamResponse:
        self._note(request)
        if request.headers.get("X-Api-Key") != self.key:
            return web.Response(status=401)
        return self.negotiation or web.json_response({"connectionId": "a", "connectionToken": "the token"})

    async def socket(self, request: web.Request) -> web.StreamResponse:
        self._note(request)
        if self.instead is not None:
            return self.instead
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.heard.append(await socket.receive_str())
        await socket.send_str(self.greeting)
        for word in self.words:
            await socket.send_str(word)
        if self.binary is not None:
            await socket.send_bytes(self.binary)
        if self.stays:
            self._listening.append(socket)
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self.heard.append(message.data)
            self._listening.remove(socket)
        await socket.close()
        self.gone.set()
        return socket

    async def say(self, word: str) -> None:
        """Tell all who listen to a hub that stays."""
        for socket in self._listening:
            await socket.send_str(word)

    def _note(self, request: web.Request) -> None:
        self.headers.append((request.path, request.headers, request.query_string))


@asynccontextmanager
async def open_hub(hub: Hub, base: str = "") -> AsyncIterator[str]:
    """Its server's url."""
    application = web.Application()
    application.router.add_post(f"{base}/signalr/messages/negotiate", hub.negotiate)
    application.router.add_get(f"{base}/signalr/messages", hub.socket)
    async with TestServer(application) as server:
        yield str(server.make_url(base or "/"))
