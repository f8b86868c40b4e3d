"""HTTP to any *arr: the optional base that makes a provider's API manager a few lines."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from http import HTTPStatus
from typing import ClassVar, Generic

import msgspec
from aiohttp import ClientSession

from trailarrd.domain.connection import ArrServer
from trailarrd.domain.paths import RemotePath
from trailarrd.domain.secret import Redactor
from trailarrd.errors import ProviderRejectedError, ProviderResponseError, Suspect
from trailarrd.plugin.answer import check, is_json
from trailarrd.plugin.client import ArrClient
from trailarrd.plugin.cutter import CutError
from trailarrd.plugin.library import BATCH, RecordStream
from trailarrd.plugin.provider import BrokenRecord, RecordT, SystemStatus, WebhookTarget
from trailarrd.plugin.webhook import ArrNotifications


class _Status(msgspec.Struct, rename="camel"):
    app_name: str = ""  # absent in versions of 2021 and before
    version: str = ""


class _RootFolder(msgspec.Struct):
    path: str


class _Tag(msgspec.Struct):
    id: int
    label: str


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
    record_type: type[RecordT]
    """A `msgspec.Struct` with the fields that the parser needs; the rest is skipped."""

    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        self._server = server
        self._client = ArrClient(session, server, self.app_name, self.api_root)

    async def system_status(self) -> SystemStatus:
        """Ask who the server is; another application is refused."""
        status = await self._client.read("system/status", _Status)
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

    def _told(self, name: str) -> str:
        """A name from the server, cut to be shown; cleaned before, as nobody knows half a key again."""
        return Redactor(self._server.secrets).clean(name)[:40]

    async def root_folders(self) -> Sequence[RemotePath]:
        """The server's root folders, as the server sees them."""
        folders = await self._client.read("rootfolder", list[_RootFolder])
        return [RemotePath(folder.path) for folder in folders]

    async def tags(self) -> Mapping[int, str]:
        """The server's tags by id."""
        return {tag.id: tag.label for tag in await self._client.read("tag", list[_Tag])}

    async def all_media(self) -> AsyncGenerator[Sequence[RecordT | BrokenRecord], None]:
        """The whole library in batches of 750; ends normally only after the closing bracket."""
        async with self._client.request(self.resource, query=self.list_query) as response:
            await check(response, self._server)
            stream = RecordStream(self.record_type, self._server.limits)
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
                raise ProviderResponseError(
                    f"the answer to {self.resource} cannot be used: {error}"
                ) from error

    async def media(self, arr_id: int) -> RecordT | None:
        """One item; None if the server itself says that it does not exist."""
        path = f"{self.resource}/{arr_id}"
        async with self._client.request(path) as response:
            if response.status == HTTPStatus.NOT_FOUND and is_json(response):
                return None
            await check(response, self._server)
            record: RecordT = self._client.decode(path, await self._client.body(response), self.record_type)
            return record

    async def put_webhook(self, target: WebhookTarget, *, tested: bool = True) -> None:
        """Make the server post its events there, or bring that webhook up to date."""
        if not self.webhook_switches:
            raise ProviderRejectedError(f"{self.app_name} cannot be told by its provider to send events")
        await ArrNotifications(self._client, self.webhook_switches).put(target, tested=tested)

    async def remove_webhook(self, target: WebhookTarget) -> bool:
        """Take that webhook away; whether there was one."""
        return await ArrNotifications(self._client, self.webhook_switches).remove(target)
