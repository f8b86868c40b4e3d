"""HTTP to one Arr server: the key in its header, redirects not followed, errors in the contract's words."""

import asyncio
import os
import re
import socket
from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import aiohttp
import msgspec
from aiohttp import ClientResponse, ClientSession
from yarl import URL

from trailarrd import errors
from trailarrd.domain.connection import ArrServer
from trailarrd.plugin import tls
from trailarrd.plugin.answer import check

_CHUNK_BYTES: Final = 2**16
_SMALL_ANSWER_BYTES: Final = 8 * 2**20
"""Of what is decoded in one step, which holds up all others."""
_LOOPBACK: Final = ("127.", "localhost", "::1")


class ArrClient:
    """Asks one Arr server. Whatever goes wrong is one of the three provider errors."""

    def __init__(
        self,
        session: ClientSession,
        server: ArrServer,
        app_name: str,
        root: str,
        *,
        key_header: str,
    ) -> None:
        self.session = session
        self.server = server
        self.app_name = app_name
        self.key_header = key_header
        self.root = _without_double_slashes(URL(server.url)) / root
        """What every path is below."""

    async def read(self, path: str, kind: Any, *, method: str = "GET", body: object = None) -> Any:
        """The answer, decoded as `kind`."""
        async with self.request(path, method=method, body=body) as response:
            await check(response, self.server)
            return self.decode(path, await self.body(response), kind)

    async def body(self, response: ClientResponse, *, most: int = _SMALL_ANSWER_BYTES) -> bytes:
        body = bytearray()
        async for piece in self.pieces(response):
            body += piece
            if len(body) > most:
                raise errors.ProviderResponseError(f"the answer from {response.url.path} has no end")
        return bytes(body)

    def decode(self, path: str, body: bytes, kind: Any) -> Any:
        """A body that is JSON of this kind, or the error that says what is wrong with it."""
        try:
            return msgspec.json.decode(body.removeprefix(BOM_UTF8), type=kind)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise errors.ProviderResponseError(f"the answer to {path} cannot be used: {error}") from error

    async def pieces(self, response: ClientResponse) -> AsyncIterator[bytes]:
        """The body as it arrives; bounded by its progress, not by a total."""
        stall = self.server.timeouts.stall
        while True:
            try:
                async with asyncio.timeout(stall):
                    piece = await response.content.read(_CHUNK_BYTES)
            except TimeoutError:
                raise errors.ProviderUnavailableError(
                    f"the answer from {response.url.path} stood still for {stall:g} s"
                ) from None
            if not piece:
                return
            yield piece

    @asynccontextmanager
    async def request(
        self, path: str, *, method: str = "GET", query: Mapping[str, str] | None = None, body: object = None
    ) -> AsyncIterator[ClientResponse]:
        """One request; `body` is sent as JSON. The answer's status is the caller's to judge."""
        url = self.root / path
        with translated(url):
            async with await self._sent(method, url, query, body) as response:
                yield response

    def headers(self, url: URL) -> dict[str, str]:
        """With the key. Compression costs more than it saves on the same host, and wins to any other."""
        local = (url.host or "").startswith(_LOOPBACK)
        api_key = self.server.api_key.reveal()
        if not api_key.isprintable():
            raise errors.ProviderRejectedError(
                "api_key has a line end or another control character in it", suspect=errors.Suspect.KEY
            )
        return {
            self.key_header: api_key,
            "Accept": "application/json",
            "Accept-Encoding": "identity" if local else "gzip",
        }

    async def _sent(
        self, method: str, url: URL, query: Mapping[str, str] | None, body: object
    ) -> ClientResponse:
        try:
            return await self._send(method, url, query, body)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            await self._look_for_a_reason(url, error)
            raise

    async def _look_for_a_reason(self, url: URL, error: aiohttp.ClientConnectionError) -> None:
        """Raise it, if a connection was lost for one that TLS tells only to who waits for it."""
        if url.scheme != "https" or isinstance(error, aiohttp.ClientConnectorError):
            return
        if await tls.wants_certificate(url.host or "", url.port or 0, self.server):
            raise tls.wanted(_place(url)) from None

    async def _send(
        self, method: str, url: URL, query: Mapping[str, str] | None, body: object
    ) -> ClientResponse:
        first_byte = self.server.timeouts.first_byte
        try:
            async with asyncio.timeout(first_byte):
                return await self.session.request(
                    method, url, params=query, json=body, headers=self.headers(url), allow_redirects=False
                )
        except aiohttp.ServerTimeoutError:
            connect = self.server.timeouts.connect
            raise errors.ProviderUnavailableError(
                f"no connection to {url.host}:{url.port} within {connect:g} s"
            ) from None
        except TimeoutError:
            raise errors.ProviderUnavailableError(
                f"no answer from {url.host}:{url.port} within {first_byte:g} s"
            ) from None


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """What aiohttp raises becomes what the contract allows.

    Causes are cut off (`from None`): some carry the request's headers, and so the key.
    """
    try:
        yield
    except aiohttp.ClientConnectorCertificateError as error:
        raise tls.trouble_of(_place(url), error.certificate_error) from None
    except aiohttp.ClientConnectorSSLError as error:
        raise tls.trouble_of(_place(url), error.os_error) from None
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
        raise errors.ProviderResponseError(
            f"{url.host} is no usable address: check url", suspect=errors.Suspect.ADDRESS
        ) from None
    except aiohttp.ClientResponseError as error:
        raise errors.ProviderResponseError(
            f"{_place(url)} does not speak HTTP ({type(error).__name__})", suspect=errors.Suspect.ADDRESS
        ) from None
    except (aiohttp.ClientError, OSError) as error:
        raise _unavailable(url, error) from None


def _without_double_slashes(url: URL) -> URL:
    """Servers take a path with `//` in it for a page of their user interface."""
    return url.with_path(re.sub(r"/{2,}", "/", url.raw_path), encoded=True)


def _place(url: URL) -> str:
    return f"{url.host}:{url.port}"


def _unavailable(url: URL, error: Exception) -> errors.ProviderError:
    match error:
        case aiohttp.ClientConnectorError():
            return errors.ProviderUnavailableError(
                f"cannot connect to {_place(url)}: {reason_of(error.os_error)}"
            )
        case aiohttp.ClientPayloadError():
            return errors.ProviderUnavailableError(f"the answer from {url.path} broke off")
        case aiohttp.ServerDisconnectedError():
            return errors.ProviderUnavailableError(f"{_place(url)} closed the connection without an answer")
    why = reason_of(error) if isinstance(error, OSError) and error.errno else type(error).__name__
    return errors.ProviderUnavailableError(f"the connection to {_place(url)} was lost ({why})")


def reason_of(error: OSError) -> str:
    """In the system's words; asyncio's own ones repeat the address instead."""
    if isinstance(error, ConnectionError) and not error.errno:
        return "it was closed before it stood"
    if isinstance(error, socket.gaierror) or not error.errno:
        return (error.strerror or type(error).__name__).lower()
    return os.strerror(error.errno).lower()
