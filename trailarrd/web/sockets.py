"""The sockets of clients: how many there may be, and for how long each may hold one without a request.

aiohttp has no deadline for a request's headers and no bound for how many connect, and each socket is a
descriptor, which the daemon needs for its own work.
"""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_network
from pathlib import Path
from socket import inet_ntoa
from struct import pack
from typing import TYPE_CHECKING, Final, cast

import structlog
from aiohttp import web

from trailarrd.web.authentication import Access
from trailarrd.web.limits import Limiter
from trailarrd.web.origin import ORIGIN, Network, is_in, network_of
from trailarrd.web.problem import ProblemError
from trailarrd.web.security import needed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from aiohttp.typedefs import Handler, Middleware


log = structlog.get_logger()

_KEPT_BACK: Final = 256
"""Descriptors for the daemon's own work: databases, servers, folders, commands."""
_WANTED: Final = 65_536
"""Descriptors; more are never asked for, as some hosts allow a thousand million."""
_ROUTES: Final = Path("/proc/net/route")
_NOWHERE: Final = "00000000"
_MASK: Final = 7
"""The column of that file."""
_HELD: Final = 64
"""Sockets that are refused late, so that who calls again at once costs little; more are refused at once."""
_BUSY: Final = b"HTTP/1.1 %d %b\r\nConnection: close\r\nRetry-After: 10\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """How many, and seconds."""

    most: int = 512
    of_one: int = 32
    """Of one client, unless many clients come through it: a trusted proxy, a container's gateway."""
    headers: float = 10.0
    """From the first byte of a request until its headers are whole."""
    idle: float = 75.0
    """Without a byte, before the first request or after one."""
    refusal: float = 0.5
    """Until who is refused hears it."""


class Sockets:
    """All that are open on one application."""

    def __init__(self, limits: SocketLimits, shared: Collection[Network]) -> None:
        self.limits = limits
        self._shared = shared
        self._of: Counter[str] = Counter()
        self._open: dict[asyncio.BaseTransport, _Socket] = {}
        self._held: set[asyncio.Transport] = set()
        self._told = Limiter(1 / 60)

    def guarded(self, make: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """For `loop.create_server`: what `make` makes, behind these limits."""
        return lambda: _Socket(self, make())

    def admit(self, socket: _Socket, transport: asyncio.Transport, client: str) -> bool:
        """Whether there is room; else it is told so and closed."""
        is_full = len(self._open) >= self.limits.most
        is_greedy = self._of[client] >= self.limits.of_one and not self.is_shared(client)
        if is_full or is_greedy:
            self._refuse(transport, client, is_full=is_full)
            return False
        self._of[client] += 1
        self._open[transport] = socket
        return True

    def forget(self, transport: asyncio.BaseTransport, client: str) -> None:
        del self._open[transport]
        self._of[client] -= 1
        if not self._of[client]:
            del self._of[client]

    def is_shared(self, client: str) -> bool:
        """Whether many clients come through that address."""
        return is_in(client, self._shared)

    @contextmanager
    def working(self, transport: asyncio.BaseTransport | None) -> Iterator[None]:
        """A request of this socket is being answered."""
        socket = self._open.get(transport) if transport else None
        if socket:
            socket.work()
        try:
            yield
        finally:
            if socket:
                socket.rest()

    def _refuse(self, transport: asyncio.Transport, client: str, *, is_full: bool) -> None:
        if not self._told.wait("" if is_full else client):
            log.warning(
                "http.crowded", client=client, sockets=len(self._open), of_this_client=self._of[client]
            )
        said = _BUSY % ((503, b"Service Unavailable") if is_full else (429, b"Too Many Requests"))
        if len(self._held) < _HELD:
            self._held.add(transport)
            transport.pause_reading()
            asyncio.get_running_loop().call_later(self.limits.refusal, self._turn_away, transport, said)
        else:
            self._turn_away(transport, said)

    def _turn_away(self, transport: asyncio.Transport, said: bytes) -> None:
        self._held.discard(transport)
        transport.write(said)
        transport.close()


class _Socket(asyncio.Protocol):
    """Passes everything on to aiohttp's own protocol, and closes when nothing comes."""

    def __init__(self, all_: Sockets, inner: asyncio.Protocol) -> None:
        self._all = all_
        self._inner = inner
        self._transport: asyncio.Transport | None = None
        self._client = ""
        self._timer: asyncio.TimerHandle | None = None
        self._is_idle = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast("asyncio.Transport", transport)
        self._client = network_of(_peer(transport))
        if self._all.admit(self, transport, self._client):
            self._transport = transport
            self._inner.connection_made(transport)
            self.rest()

    def data_received(self, data: bytes) -> None:
        if self._transport is None:
            return
        if self._is_idle:
            self._is_idle = False
            self._wait(self._all.limits.headers)
        self._inner.data_received(data)

    def work(self) -> None:
        """A request is whole but for its body: how long that may take is its handler's business."""
        self._is_idle = False
        self._stop()

    def rest(self) -> None:
        """The request was answered."""
        self._is_idle = True
        self._wait(self._all.limits.idle)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received() if self._transport else None

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        if self._transport:
            self._all.forget(self._transport, self._client)
            self._transport = None
            self._inner.connection_lost(exc)

    def _wait(self, seconds: float) -> None:
        self._stop()
        if self._transport:
            unsent = self._transport.get_write_buffer_size()
            self._timer = asyncio.get_running_loop().call_later(seconds, self._expire, seconds, unsent)

    def _expire(self, seconds: float, unsent: int) -> None:
        """Time is over, unless the client is still reading an answer."""
        if not self._transport:
            return
        if unsent and self._transport.get_write_buffer_size() != unsent:
            self._wait(seconds)
        else:
            self._transport.abort()

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None


SOCKETS: Final = web.AppKey("sockets", Sockets)
"""Those of an application that strangers can reach."""


def watch(sockets: Sockets) -> Middleware:
    """Tells each socket when it has a request; one client has at most `of_one` in progress, events aside.

    That counts clients behind a trusted proxy, too, whose sockets are the proxy's.
    """
    in_progress: Counter[str] = Counter()

    @web.middleware
    async def watched(request: web.Request, handler: Handler) -> web.StreamResponse:
        client, most = request[ORIGIN].network, sockets.limits.of_one
        # A server that is refused an event stops posting them.
        is_limited = needed(request) is not Access.POST and not sockets.is_shared(request[ORIGIN].address)
        if is_limited and in_progress[client] >= most:
            message = f"{most} requests from this address are being answered already"
            raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, message, headers={"Retry-After": "10"})
        in_progress[client] += 1
        try:
            with sockets.working(request.transport):
                return await handler(request)
        finally:
            in_progress[client] -= 1
            if not in_progress[client]:
                del in_progress[client]

    return watched


def room_for(wanted: int) -> int:
    """How many sockets there can be beside the daemon's own work; raises the soft limit as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _WANTED if hard == resource.RLIM_INFINITY else min(hard, _WANTED)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return wanted if soft == resource.RLIM_INFINITY else min(wanted, max(soft - _KEPT_BACK, soft // 4))


def gateways(routes: Path = _ROUTES) -> list[Network]:
    """The addresses by which this host reaches the world: a container sees all clients as that one."""
    try:
        lines = routes.read_text().splitlines()[1:]
    except OSError:
        return []
    fields = [line.split() for line in lines]
    found = [one[2] for one in fields if len(one) > _MASK and one[1] == one[_MASK] == _NOWHERE]
    return [ip_network(inet_ntoa(pack("=L", int(gateway, 16)))) for gateway in found if gateway != _NOWHERE]


def _peer(transport: asyncio.Transport) -> str:
    """The address of who connects; all who come by a Unix socket are one."""
    name = transport.get_extra_info("peername")
    return str(name[0]) if isinstance(name, tuple) else ""
