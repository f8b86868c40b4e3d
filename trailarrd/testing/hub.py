"""The hub of a simulated server: greets whoever listens and tells what it has to tell.

It is ASP.NET Core SignalR over a web socket, protocol `json`, as all servers of the *arr family have it.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from aiohttp import web

HUB: Final = "/signalr/messages"
"""Its route; below it a client negotiates first."""
NEGOTIATED: Final = {
    "negotiateVersion": 1,
    "connectionId": "7gk2PZ0mS1",
    "connectionToken": "dPZ0mS17gk2",
    "availableTransports": [{"transport": "WebSockets", "transferFormats": ["Text", "Binary"]}],
}
_END: Final = "\x1e"
_CLOSE: Final = {"type": 7}
_PING: Final[dict[str, object]] = {"type": 6}
_VERSION: Final = "6.3.0.10514"


class News(NamedTuple):
    """What a hub tells: what happened to one of its server's things."""

    name: str
    """What it is: `movie`, `moviefile`, `queue`."""
    action: str
    """`updated`, `deleted`, `sync`."""
    resource: Mapping[str, object] | None = None
    """The thing itself, with its `id`; None where only the action is told."""


NOISE: Final = (
    News("queue", "sync"),
    News("queue/details", "sync"),
    News("system/task", "sync"),
    News("queue/status", "updated", {"totalCount": 0, "errors": False}),
    News("health", "sync"),
    News("connection", "created", {"enable": True, "name": "trailarrd", "id": 1}),
    News("wanted/missing", "updated", {"id": 1}),
    News("wanted/cutoff", "updated", {"id": 1}),
)
"""What a real hub tells all day, and what is news of no item."""


def command(name: str, body: Mapping[str, object], status: str = "completed") -> News:
    """The news of a command, which one of these has ended: completed, failed or aborted."""
    told = {"name": name, "body": {**body, "name": name, "trigger": "manual"}, "status": status, "id": 62}
    return News("command", "updated", told)


@dataclass
class Hub:
    """A hub that stays with whoever listens, and tells what it is made to `say`."""

    versions: Sequence[int] = ()
    """Each of its messages comes once for each of these, as Sonarr 5 tells it for its API 3 and for 5."""
    version: str = _VERSION
    """What it tells everybody when somebody begins to listen."""
    greets_after: float | None = 0.0
    """Seconds after which it greets who comes; None: it never says a word."""
    listening: list[web.WebSocketResponse] = field(default_factory=list)
    """Who listens now."""

    async def say(self, *news: News) -> None:
        """Tell all who listen."""
        for one in news:
            for frame in self._frames(one):
                await self._tell(frame)

    async def lose(self) -> None:
        """Lose all who listen, as when the server restarts or a proxy cuts idle sockets."""
        for socket in [*self.listening]:
            await socket.close()

    async def speak(self, request: web.BaseRequest) -> web.StreamResponse:
        """Opens the web socket, and keeps it."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        with suppress(ConnectionError, TypeError):  # TypeError: what came instead of a handshake is no text
            await socket.receive_str()
            if self.greets_after is not None:
                await asyncio.sleep(self.greets_after)
                await socket.send_str("{}" + _END)
                self.listening.append(socket)
                await self._tell(_frame(_invocation("version", {"version": self.version})))
            async for _ in socket:  # a real one pings by its own clock, as often as who listens does
                await socket.send_str(_frame(_PING))
        with suppress(ValueError):
            self.listening.remove(socket)
        return socket

    def _frames(self, news: News) -> list[str]:
        body = _body(news)
        if not self.versions:
            return [_frame(_invocation(news.name, body))]
        return [_frame(_invocation(news.name, body, version=one)) for one in self.versions]

    async def _tell(self, frame: str) -> None:
        for socket in [*self.listening]:
            with suppress(ConnectionError):
                await socket.send_str(frame)


async def speak(request: web.BaseRequest, news: Sequence[News]) -> web.StreamResponse:
    """Opens the web socket, tells all of it, and closes; a listener may leave earlier."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    with suppress(ConnectionError, TypeError):  # TypeError: what came instead of a handshake is no text
        await socket.receive_str()
        await socket.send_str("{}" + _END)
        await socket.send_str(_frame(_invocation("version", {"version": _VERSION})))
        for one in news:
            await socket.send_str(_frame(_invocation(one.name, _body(one))))
        await socket.send_str(_frame(_CLOSE))
        await socket.close()
    return socket


def _body(news: News) -> dict[str, object]:
    body: dict[str, object] = {"action": news.action}
    if news.resource is not None:
        body["resource"] = news.resource
    return body


def _invocation(name: str, body: Mapping[str, object], **more: object) -> dict[str, object]:
    return {"type": 1, "target": "receiveMessage", "arguments": [{"body": body, "name": name, **more}]}


def _frame(value: object) -> str:
    return json.dumps(value) + _END
