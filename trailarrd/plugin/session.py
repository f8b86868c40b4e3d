"""One HTTP session per Arr server, with its time-outs and its idea of TLS."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from trailarrd import __version__
from trailarrd.errors import ProviderRejectedError, Suspect

if TYPE_CHECKING:
    from trailarrd.domain.connection import ArrServer


def open_session(server: ArrServer) -> ClientSession:
    """A session for that server; the caller closes it.

    The API key is not in it: a session's headers follow a redirect to another host, so each request
    carries the key itself and follows none.

    Raises:
        ProviderRejectedError: `ca_file` cannot be used.
    """
    return ClientSession(
        connector=TCPConnector(ssl=_tls(server), limit=4),
        timeout=ClientTimeout(total=None, connect=server.timeouts.connect),
        headers={"User-Agent": f"trailarrd/{__version__}"},
        cookie_jar=DummyCookieJar(),
    )


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
