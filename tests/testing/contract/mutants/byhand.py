"""An API manager that owes nothing to `ArrApiManager`, as a stranger might write who does it all himself."""

from __future__ import annotations

import asyncio
import codecs
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import msgspec
from yarl import URL

from tests.testing.contract.mutants.items import Items
from trailarrd.plugin import (
    BrokenRecord,
    ProviderRejectedError,
    ProviderResponseError,
    ProviderUnavailableError,
    RemotePath,
    SystemStatus,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence

    from trailarrd.plugin import ArrServer

_BATCH: Final = 200


class AuthorRecord(msgspec.Struct, rename="camel"):
    """What the parser needs."""

    id: int
    author_name: str
    path: str
    monitored: bool = False
    born: int = 0
    foreign_author_id: str = ""


class BookarrApiManager:
    """Authors by `GET /api/v1/author`."""

    record_type: type[Any] = AuthorRecord

    def __init__(self, session: aiohttp.ClientSession, server: ArrServer) -> None:
        self._session = session
        self._server = server
        self._root = URL(server.url) / "api/v1"

    async def system_status(self) -> SystemStatus:
        status = await self._read("system/status", dict)
        if status.get("appName") != "Bookarr":
            raise ProviderRejectedError(f"{self._server.url} is another application than Bookarr")
        return SystemStatus(app_name="Bookarr", version=str(status.get("version")))

    async def root_folders(self) -> Sequence[RemotePath]:
        return [RemotePath(folder["path"]) for folder in await self._read("rootfolder", list)]

    async def media(self, arr_id: int) -> Any:
        async with self._get(f"author/{arr_id}") as response:
            if response.status == 404 and response.content_type.endswith("json"):
                return None
            self._check(response)
            found = self._decoded(await self._body(response), dict)
        return self._record(found, 0)

    async def all_media(self) -> AsyncGenerator[list[Any], None]:
        items, batch, position = Items(), list[Any](), 0
        decoder = codecs.getincrementaldecoder("utf-8")()
        async with self._get("author") as response:
            self._check(response)
            try:
                async for piece in self._pieces(response):
                    for item in items.feed(decoder.decode(piece)):
                        batch.append(self._record(item, position))
                        position += 1
                        if len(batch) == _BATCH:
                            yield batch
                            batch = []
                items.finish()
            except ValueError:
                raise ProviderResponseError("the list cannot be used: it is no JSON array") from None
        yield batch

    def _record(self, item: Any, position: int) -> Any:
        try:
            return msgspec.convert(item, self.record_type)
        except (msgspec.ValidationError, UnicodeEncodeError) as error:
            arr_id = item.get("id") if isinstance(item, dict) else None
            known = arr_id if isinstance(arr_id, int) else None
            return BrokenRecord(position=position, arr_id=known, reason=str(error))

    async def _read(self, path: str, kind: type[Any]) -> Any:
        async with self._get(path) as response:
            self._check(response)
            return self._decoded(await self._body(response), kind)

    def _decoded(self, body: bytes, kind: type[Any]) -> Any:
        try:
            value = json.loads(body)
        except ValueError:
            raise ProviderResponseError("the answer cannot be used: it is no JSON") from None
        if not isinstance(value, kind):
            raise ProviderResponseError(f"the answer cannot be used: it is no {kind.__name__}")
        return value

    def _check(self, response: aiohttp.ClientResponse) -> None:
        said = f"{response.url.path} answered with HTTP {response.status}"
        if response.status in (401, 403):
            raise ProviderRejectedError(f"{said}: Bookarr refuses the API key")
        if response.status == 429 or response.status >= 500:
            seconds = response.headers.get("Retry-After", "")
            raise ProviderUnavailableError(said, retry_after=float(seconds) if seconds.isdigit() else None)
        if response.status != 200:
            raise ProviderResponseError(said)
        if not response.content_type.endswith("json"):
            raise ProviderResponseError(f"{response.url.path} answered with a page instead of JSON")

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        return b"".join([piece async for piece in self._pieces(response)])

    async def _pieces(self, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        while True:
            async with asyncio.timeout(self._server.timeouts.stall):
                piece = await response.content.read(65536)
            if not piece:
                return
            yield piece

    @asynccontextmanager
    async def _get(self, path: str) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            async with await self._send(self._root / path) as response:
                yield response
        except aiohttp.ClientPayloadError:
            raise ProviderUnavailableError(f"the answer to {path} broke off") from None
        except TimeoutError:
            raise ProviderUnavailableError(f"no answer to {path} in time") from None
        except (aiohttp.ClientError, OSError):
            raise ProviderUnavailableError(f"the connection was lost while asking for {path}") from None

    async def _send(self, url: URL) -> aiohttp.ClientResponse:
        async with asyncio.timeout(self._server.timeouts.first_byte):
            return await self._session.get(url, headers=self._headers(), allow_redirects=False)

    def _headers(self) -> dict[str, str]:
        return {"X-Api-Key": self._server.api_key.reveal(), "Accept": "application/json"}
