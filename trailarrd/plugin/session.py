"""One HTTP session per Arr server, with its time-outs and its idea of TLS."""

from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING

import aiohttp

from trailarrd import __version__
from trailarrd.errors import ProviderRejectedError, Suspect

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    Heard = Callable[[str, str, float], None]

    from trailarrd.domain.connection import ArrServer


def open_session(server: ArrServer, heard: Heard | None = None) -> aiohttp.ClientSession:
    """A session for that server; the caller closes it.

    The API key is not in it: a session's headers follow a redirect to another host, so each request
    carries the key itself and follows none. `heard` is told of each: its method, the answer's status or
    `error`, and seconds until the answer began.

    Raises:
        ProviderRejectedError: `ca_file` cannot be used.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=_tls(server), limit=4),
        timeout=aiohttp.ClientTimeout(total=None, connect=server.timeouts.connect),
        headers={"User-Agent": f"trailarrd/{__version__}"},
        cookie_jar=aiohttp.DummyCookieJar(),
        trace_configs=[_trace(heard)] if heard else [],
    )


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


def _tls(server: ArrServer) -> ssl.SSLContext | bool:
    """aiohttp's own contexts are made once for all, so they are taken where they do."""
    if not server.verify_tls:
        return False
    return True if server.ca_file is None else tls_context(server)


def tls_context(server: ArrServer) -> ssl.SSLContext:
    """What that server's certificate is held against.

    Raises:
        ProviderRejectedError: `ca_file` cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=server.ca_file)
    except OSError as error:
        raise ProviderRejectedError(
            f"ca_file {server.ca_file} cannot be used: {error}", suspect=Suspect.CERTIFICATE
        ) from error
    if not server.verify_tls:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
