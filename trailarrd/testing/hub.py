"""The hub of a simulated server: greets whoever listens, tells what it has to tell, and closes.

It is ASP.NET Core SignalR over a web socket, protocol `json`, as all servers of the *arr family have it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
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


class News(NamedTuple):
    """What a hub tells: what happened to one of its server's things."""

    name: str
    """What it is: `movie`, `moviefile`, `queue`."""
    action: str
    """`updated`, `deleted`, `sync`."""
    resource: Mapping[str, object] | None = None
    """The thing itself, with its `id`; None where only the action is told."""


async def speak(request: web.BaseRequest, news: Sequence[News]) -> web.StreamResponse:
    """Opens the web socket and tells all of it; a listener that leaves early is none of our business."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    with suppress(ConnectionError, TypeError):  # TypeError: what came instead of a handshake is no text
        await socket.receive_str()
        await socket.send_str("{}" + _END)
        for one in news:
            await socket.send_str(_frame(_message(one)))
        await socket.send_str(_frame(_CLOSE))
        await socket.close()
    return socket


def _message(news: News) -> dict[str, object]:
    body: dict[str, object] = {"action": news.action}
    if news.resource is not None:
        body["resource"] = news.resource
    return {"type": 1, "target": "receiveMessage", "arguments": [{"name": news.name, "body": body}]}


def _frame(value: object) -> str:
    return json.dumps(value) + _END
