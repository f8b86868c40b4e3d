"""One HTTP session per Arr server, with its time-outs and its idea of TLS."""

import time
from collections.abc import Callable
from ssl import SSLContext
from types import SimpleNamespace
from typing import Final, TypeAlias

import aiohttp
from yarl import URL

from trailarrd import __version__
from trailarrd.domain.connection import ArrServer
from trailarrd.plugin.tls import context_of

Heard: TypeAlias = Callable[[str, str, float], None]
MAX_HEADER: Final = 2**16
"""Bytes of one header of an answer; proxies send cookies and rules of 12 kB and more."""


def open_session(server: ArrServer, heard: Heard | None = None) -> aiohttp.ClientSession:
    """A session for that server; the caller closes it.

    The API key is not in it: a session's headers follow a redirect to another host, so each request
    carries the key itself and follows none. What the connection's `headers` and `basic` say goes with each
    request to that server, and to no other. `heard` is told of each: its method, the answer's status or
    `error`, and seconds until the answer began.

    Raises:
        ProviderRejectedError: `ca_file` cannot be used.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=_tls(server), limit=4),
        timeout=aiohttp.ClientTimeout(total=None, connect=server.timeouts.connect),
        headers={"User-Agent": f"trailarrd/{__version__}"},
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(gate(server),),
        max_line_size=MAX_HEADER,
        max_field_size=MAX_HEADER,
        trace_configs=[_trace(heard)] if heard else [],
    )


def gate(server: ArrServer) -> aiohttp.ClientMiddlewareType:
    """Shows what stands in front of that server what it wants to see; nobody else sees it."""
    place, shown = _place(URL(server.url)), server.gate_headers

    async def show(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        for name, value in shown.items() if _place(request.url) == place else ():
            # What a request says of its own, such as the key, stays; all of them say a user agent.
            if name not in request.headers or name.lower() == "user-agent":
                request.headers[name] = value.reveal()
        return await send(request)

    return show


def _place(url: URL) -> tuple[str | None, int | None, bool]:
    """The same for a web socket."""
    return url.host, url.port, url.scheme in ("https", "wss")


def _trace(heard: Heard) -> aiohttp.TraceConfig:
    """Times each request; nothing of its address or its headers is looked at."""

    async def began(_session: object, context: SimpleNamespace, _params: object) -> None:
        context.began = time.monotonic()

    async def ended(
        _session: object, context: SimpleNamespace, params: aiohttp.TraceRequestEndParams
    ) -> None:
        heard(params.method, str(params.response.status), time.monotonic() - context.began)

    async def failed(
        _session: object, context: SimpleNamespace, params: aiohttp.TraceRequestExceptionParams
    ) -> None:
        heard(params.method, "error", time.monotonic() - context.began)

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(began)
    trace.on_request_end.append(ended)
    trace.on_request_exception.append(failed)
    return trace


def _tls(server: ArrServer) -> SSLContext | bool:
    """aiohttp's own contexts are made once for all, so they are taken where they do."""
    if not server.verify_tls:
        return False
    return True if server.ca_file is None else context_of(server)
