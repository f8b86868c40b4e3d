"""HTTP to any *arr: the optional base that makes a provider's API manager a few lines."""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

import msgspec

from trailarrd.domain.paths import RemotePath
from trailarrd.domain.secret import Redactor
from trailarrd.errors import ProviderRejectedError, ProviderResponseError, Suspect
from trailarrd.plugin.answer import check, is_json
from trailarrd.plugin.cutter import CutError
from trailarrd.plugin.library import BATCH, RecordStream
from trailarrd.plugin.provider import KEY_HEADER, BrokenRecord, RecordT, SystemStatus
from trailarrd.plugin.webhook import ArrNotifications

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from aiohttp import ClientResponse, ClientSession

    from trailarrd.domain.connection import ArrServer
    from trailarrd.plugin.registration import RegisteredWebhook, WebhookTarget

T = TypeVar("T")

_LARGEST_POSTER: Final = 2**20
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
"""How a JPEG, a PNG and a WebP begin."""


class _Status(msgspec.Struct, rename="camel"):
    app_name: str = ""  # absent in versions of 2021 and before
    version: str = ""


class _RootFolder(msgspec.Struct):
    path: str


class _Tag(msgspec.Struct):
    id: int
    label: str


class _NoSuchItem(msgspec.Struct):
    message: str = ""


def _names(said: bytes, arr_id: int) -> bool:
    """Whether it says in its own words that there is nothing of this very id."""
    try:
        message = msgspec.json.decode(said, type=_NoSuchItem).message
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return False
    return re.search(rf"\bID {arr_id}\b", message) is not None


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
    """Where the API begins below the server's URL, without slashes around it."""
    list_query: ClassVar[Mapping[str, str]] = {}
    """Query parameters of the list request, and of no other."""
    webhook_switches: ClassVar[tuple[str, ...]] = ()
    """The events that a webhook made by `trailarrd webhook register` gets, as the server's API names them."""
    key_header: ClassVar[str] = KEY_HEADER
    """The header in which the server wants its key."""
    status_path: ClassVar[str] = "system/status"
    """Where the server says who it is, below the API root; `read_status` reads its answer."""
    roots_path: ClassVar[str | None] = "rootfolder"
    """Where the server lists its root folders, below the API root; None: it has none."""
    poster_paths: ClassVar[tuple[str, ...]] = (
        "mediacover/{arr_id}/poster-250.jpg",
        "mediacover/{resource}/{arr_id}/poster-250.jpg",
        "mediacover/{resource}/{arr_id}/poster-250.png",
    )
    """Where the server has an item's small poster, below the API root; the first that is there counts."""
    record_type: type[RecordT]
    """A `msgspec.Struct` with the fields that the parser needs; the rest is skipped."""

    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        from trailarrd.plugin.client import ArrClient  # noqa: PLC0415  # with aiohttp, for who asks

        self._server = server
        self._client = ArrClient(session, server, self.app_name, self.api_root, key_header=self.key_header)

    async def system_status(self) -> SystemStatus:
        """Ask who the server is; another application is refused."""
        answer = await self._client.read(self.status_path, dict[str, Any])
        try:
            status = self.read_status(answer)
        except (msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
            raise ProviderResponseError(
                f"the answer to {self.status_path} cannot be used: {error}"
            ) from error
        if status.app_name and status.app_name != self.app_name:
            raise ProviderRejectedError(
                f"{self._server.url} is {self._told(status.app_name)}, not {self.app_name}:"
                " check provider and url",
                suspect=Suspect.APPLICATION,
                actual=self._told(status.app_name),
            )
        if not status.version:
            raise ProviderResponseError(f"{self._server.url} does not say which version it is")
        return SystemStatus(app_name=status.app_name or self.app_name, version=status.version)

    def read_status(self, answer: Mapping[str, Any]) -> SystemStatus:
        """Name and version, empty if they are not said; for a status of another form, override it.

        What it raises for an answer that it cannot read becomes a `ProviderResponseError`.
        """
        status = msgspec.convert(answer, _Status)
        return SystemStatus(app_name=status.app_name, version=status.version)

    def _told(self, name: str) -> str:
        """A name from the server, cut to be shown; cleaned before, as nobody knows half a key again."""
        return Redactor(self._server.secrets).clean(name)[:40]

    async def root_folders(self) -> Sequence[RemotePath]:
        """The server's root folders, as the server sees them; none where it has no such thing.

        More than `limits.roots` are not read to their end: nobody takes them.
        """
        found: list[RemotePath] = []
        if self.roots_path is None:
            return found
        async with aclosing(self._listed(self.roots_path, _RootFolder)) as batches:
            async for batch in batches:
                for folder in batch:
                    if isinstance(folder, BrokenRecord):
                        raise ProviderResponseError(
                            f"the answer to {self.roots_path} cannot be used: {folder.reason}"
                        )
                    found.append(RemotePath(folder.path))
                if len(found) > self._server.limits.roots:
                    break
        return found

    async def tags(self) -> Mapping[int, str]:
        """The server's tags by id."""
        return {tag.id: tag.label for tag in await self._client.read("tag", list[_Tag])}

    async def all_media(self) -> AsyncGenerator[Sequence[RecordT | BrokenRecord], None]:
        """The whole library in batches of 750; ends normally only after the closing bracket."""
        async with aclosing(self._listed(self.resource, self.record_type, self.list_query)) as batches:
            async for batch in batches:
                yield batch

    async def _listed(
        self, path: str, kind: type[T], query: Mapping[str, str] | None = None
    ) -> AsyncGenerator[Sequence[T | BrokenRecord], None]:
        """All that a list holds, decoded while it arrives."""
        async with self._client.request(path, query=query) as response:
            await check(response, self._server)
            stream = RecordStream(kind, self._server.limits)
            try:
                async for piece in self._client.pieces(response):
                    batch = stream.feed(piece)
                    while batch:
                        yield batch
                        await asyncio.sleep(0)  # a fast server must not keep the loop for itself
                        batch = stream.more()
                rest = stream.finish()
                for start in range(0, len(rest), BATCH):
                    yield rest[start : start + BATCH]
            except CutError as error:
                raise ProviderResponseError(f"the answer to {path} cannot be used: {error}") from error

    async def media(self, arr_id: int) -> RecordT | None:
        """One item; None if the server itself says that it does not exist."""
        path = f"{self.resource}/{arr_id}"
        async with self._client.request(path) as response:
            if await self._says_absent(response, arr_id):
                return None
            await check(response, self._server)
            body = await self._client.body(response, most=self._server.limits.item_bytes)
            record: RecordT = self._client.decode(path, body, self.record_type)
            return record

    async def is_absent(self, arr_id: int) -> bool:
        """Whether the server itself says that it has no such item: a 404 with its own sign."""
        async with self._client.request(f"{self.resource}/{arr_id}") as response:
            if await self._says_absent(response, arr_id):
                return True
            await check(response, self._server)
            return False

    async def poster(self, arr_id: int) -> bytes | None:
        """An item's small poster: JPEG, PNG or WebP, at most 1 MiB; None if the server has none."""
        for path in self.poster_paths:
            async with self._client.request(path.format(arr_id=arr_id, resource=self.resource)) as response:
                if response.status == HTTPStatus.NOT_FOUND:
                    continue
                if response.status != HTTPStatus.OK:
                    await check(response, self._server)
                picture = await self._client.body(response, most=_LARGEST_POSTER)
                return picture if picture.startswith(_PICTURES) else None
        return None

    async def _says_absent(self, response: ClientResponse, arr_id: int) -> bool:
        """Whether a 404 is the application's word about that item, and not a proxy's about anything.

        Radarr and Sonarr sign it by a header, as all they say; Lidarr's has none, but names the id. One
        about a path that does not exist is signed as well, and empty.
        """
        if response.status != HTTPStatus.NOT_FOUND or not is_json(response):
            return False
        said = await self._client.body(response)
        if not said.strip():
            return False
        return bool(response.headers.get("X-Application-Version")) or _names(said, arr_id)

    async def put_webhook(self, target: WebhookTarget, *, tested: bool = True) -> None:
        """Make the server post its events there, or bring that webhook up to date."""
        if not self.webhook_switches:
            raise ProviderRejectedError(f"{self.app_name} cannot be told by its provider to send events")
        await ArrNotifications(self._client, self.webhook_switches).put(target, tested=tested)

    async def read_webhook(self, target: WebhookTarget) -> RegisteredWebhook | None:
        """The webhook of that name, or that posts there; None: the server has none."""
        return await ArrNotifications(self._client, self.webhook_switches).read(target)

    async def test_webhook(self, target: WebhookTarget) -> None:
        """Let the server post a Test by the webhook as it has it saved; it keeps the password to itself."""
        await ArrNotifications(self._client, self.webhook_switches).test(target)

    async def remove_webhook(self, target: WebhookTarget) -> bool:
        """Take that webhook away; whether there was one."""
        return await ArrNotifications(self._client, self.webhook_switches).remove(target)
