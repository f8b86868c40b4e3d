"""HTTP to any *arr: the optional base that makes a provider's API manager a few lines."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic

import aiohttp
import msgspec
from yarl import URL

from trailarrd.domain.paths import RemotePath
from trailarrd.domain.secret import Redactor
from trailarrd.errors import (
    ProviderError,
    ProviderRejectedError,
    ProviderResponseError,
    ProviderUnavailableError,
    Suspect,
)
from trailarrd.plugin.answer import check, is_json
from trailarrd.plugin.cutter import CutError
from trailarrd.plugin.library import RecordStream
from trailarrd.plugin.provider import BrokenRecord, RecordT, SystemStatus

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence

    from aiohttp import ClientResponse, ClientSession

    from trailarrd.domain.connection import ArrServer

_CHUNK_BYTES: Final = 2**16
_SMALL_ANSWER_BYTES: Final = 64 * 2**20
_LOOPBACK: Final = ("127.", "localhost", "::1")


class _Status(msgspec.Struct, rename="camel"):
    app_name: str = ""  # absent in versions of 2021 and before
    version: str = ""


class _RootFolder(msgspec.Struct):
    path: str


class ArrApiManager(Generic[RecordT]):
    """An API manager for every server of the *arr family; a subclass names what differs::

        class RadarrApiManager(ArrApiManager[MovieRecord]):
            app_name = "Radarr"
            resource = "movie"
            record_type = MovieRecord

    The key is sent as the `X-Api-Key` header and nowhere else, redirects are not followed, the
    list is decoded while it arrives, and every failure is one of the three provider errors.
    """

    app_name: ClassVar[str]
    """What `system/status` calls the application."""
    resource: ClassVar[str]
    """The library's resource below the API root: `movie`, `series`, `artist`."""
    api_root: ClassVar[str] = "api/v3"
    list_query: ClassVar[Mapping[str, str]] = {}
    """Query parameters of the list request, and of no other."""
    record_type: type[RecordT]
    """A `msgspec.Struct` with the fields that the parser needs; the rest is skipped."""

    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        self._session = session
        self._server = server
        self._root = _without_double_slashes(URL(server.url)) / self.api_root

    async def system_status(self) -> SystemStatus:
        """Ask who the server is; another application is refused."""
        status = await self._read("system/status", _Status)
        if status.app_name and status.app_name != self.app_name:
            raise ProviderRejectedError(
                f"{self._server.url} is {self._told(status.app_name)}, not {self.app_name}:"
                " check provider and url",
                suspect=Suspect.APPLICATION,
            )
        if not status.version:
            raise ProviderResponseError(f"{self._server.url} does not say which version it is")
        return SystemStatus(app_name=status.app_name or self.app_name, version=status.version)

    def _told(self, name: str) -> str:
        """A name from the server, cut to be shown; cleaned before, as nobody knows half a key again."""
        return Redactor([self._server.api_key]).clean(name)[:40]

    async def root_folders(self) -> Sequence[RemotePath]:
        """The server's root folders, as the server sees them."""
        folders = await self._read("rootfolder", list[_RootFolder])
        return [RemotePath(folder.path) for folder in folders]

    async def all_media(self) -> AsyncGenerator[Sequence[RecordT | BrokenRecord], None]:
        """The whole library in batches of about 500; ends normally only after the closing bracket."""
        async with self._get(self.resource, self.list_query) as response:
            await check(response, self._server, self.app_name)
            stream = RecordStream(self.record_type)
            try:
                async for piece in self._pieces(response):
                    if batch := stream.feed(piece):
                        yield batch
                    await asyncio.sleep(0)  # a fast server must not keep the loop for itself
                yield stream.finish()
            except CutError as error:
                raise ProviderResponseError(
                    f"the answer to {self.resource} cannot be used: {error}"
                ) from error

    async def media(self, arr_id: int) -> RecordT | None:
        """One item; None if the server itself says that it does not exist."""
        path = f"{self.resource}/{arr_id}"
        async with self._get(path) as response:
            if response.status == HTTPStatus.NOT_FOUND and is_json(response):
                return None
            await check(response, self._server, self.app_name)
            return self._decode(path, await self._body(response), self.record_type)

    async def _read(self, path: str, kind: Any) -> Any:
        async with self._get(path) as response:
            await check(response, self._server, self.app_name)
            return self._decode(path, await self._body(response), kind)

    async def _body(self, response: ClientResponse) -> bytes:
        body = bytearray()
        async for piece in self._pieces(response):
            body += piece
            if len(body) > _SMALL_ANSWER_BYTES:
                raise ProviderResponseError(f"the answer from {response.url.path} has no end")
        return bytes(body)

    def _decode(self, path: str, body: bytes, kind: type[RecordT]) -> RecordT:
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise ProviderResponseError(f"the answer to {path} cannot be used: {error}") from error

    async def _pieces(self, response: ClientResponse) -> AsyncIterator[bytes]:
        """The body as it arrives; bounded by its progress, not by a total."""
        stall = self._server.timeouts.stall
        while True:
            try:
                async with asyncio.timeout(stall):
                    piece = await response.content.read(_CHUNK_BYTES)
            except TimeoutError:
                raise ProviderUnavailableError(
                    f"the answer from {response.url.path} stood still for {stall:g} s"
                ) from None
            if not piece:
                return
            yield piece

    @asynccontextmanager
    async def _get(self, path: str, query: Mapping[str, str] | None = None) -> AsyncIterator[ClientResponse]:
        """One GET with the key in its header; what aiohttp raises becomes what the contract allows.

        Causes are cut off (`from None`): some carry the request's headers, and so the key.
        """
        url = self._root / path
        try:
            async with await self._send(url, query) as response:
                yield response
        except aiohttp.ClientConnectorCertificateError:
            raise ProviderRejectedError(
                f"the certificate of {url.host} is not trusted: "
                "set ca_file to the authority that signed it, or verify_tls: false",
                suspect=Suspect.CERTIFICATE,
            ) from None
        except aiohttp.ClientSSLError:
            raise ProviderRejectedError(
                f"{url.host}:{url.port} does not speak TLS: should url begin with http?",
                suspect=Suspect.TLS,
            ) from None
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            raise ProviderRejectedError(
                f"{url.host} is no usable address: check url", suspect=Suspect.ADDRESS
            ) from None
        except aiohttp.ClientResponseError as error:
            raise ProviderResponseError(
                f"{url.host}:{url.port} does not speak HTTP ({type(error).__name__})",
                suspect=Suspect.ADDRESS,
            ) from None
        except (aiohttp.ClientError, OSError) as error:
            raise _unavailable(url, error) from None

    async def _send(self, url: URL, query: Mapping[str, str] | None) -> ClientResponse:
        first_byte = self._server.timeouts.first_byte
        try:
            async with asyncio.timeout(first_byte):
                return await self._session.get(
                    url, params=query, headers=self._headers(url), allow_redirects=False
                )
        except aiohttp.ServerTimeoutError:
            connect = self._server.timeouts.connect
            raise ProviderUnavailableError(
                f"no connection to {url.host}:{url.port} within {connect:g} s"
            ) from None
        except TimeoutError:
            raise ProviderUnavailableError(
                f"no answer from {url.host}:{url.port} within {first_byte:g} s"
            ) from None

    def _headers(self, url: URL) -> dict[str, str]:
        """Compression costs more than it saves on the same host, and wins on the way to any other."""
        local = (url.host or "").startswith(_LOOPBACK)
        api_key = self._server.api_key.reveal()
        if not api_key.isprintable():
            raise ProviderRejectedError(
                "api_key has a line end or another control character in it", suspect=Suspect.KEY
            )
        return {
            "X-Api-Key": api_key,
            "Accept": "application/json",
            "Accept-Encoding": "identity" if local else "gzip",
        }


def _without_double_slashes(url: URL) -> URL:
    """Servers take a path with `//` in it for a page of their user interface."""
    return url.with_path(re.sub(r"/{2,}", "/", url.raw_path), encoded=True)


def _unavailable(url: URL, error: Exception) -> ProviderError:
    match error:
        case aiohttp.ClientConnectorError():
            return ProviderUnavailableError(
                f"cannot connect to {url.host}:{url.port}: {_reason(error.os_error)}"
            )
        case aiohttp.ClientPayloadError():
            return ProviderUnavailableError(f"the answer from {url.path} broke off")
    return ProviderUnavailableError(
        f"the connection to {url.host}:{url.port} was lost ({type(error).__name__})"
    )


def _reason(error: OSError) -> str:
    """In the system's words; asyncio's own ones repeat the address instead."""
    if isinstance(error, socket.gaierror) or not error.errno:
        return (error.strerror or type(error).__name__).lower()
    return os.strerror(error.errno).lower()
