"""Mistakes with a library that is well."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from msgspec.structs import replace

from tests.testing.contract.mutants.byhand import AuthorRecord, BookarrApiManager
from tests.testing.contract.mutants.healthy import parse_author
from tests.testing.contract.mutants.mistake import Mistakes
from trailarrd.plugin import ProviderResponseError, RemotePath

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from trailarrd.plugin import ArrServer, Media

mistakes = Mistakes()


@mistakes.api("test_the_library_is_complete_and_in_order")
class DropsTheLastBatch(BookarrApiManager):
    async def all_media(self) -> Any:
        held = None
        async for batch in super().all_media():
            if held:
                yield held
            held = batch


@mistakes.api("test_the_library_is_complete_and_in_order")
class GivesTheFirstBatchTwice(BookarrApiManager):
    async def all_media(self) -> Any:
        first = True
        async for batch in super().all_media():
            if first:
                yield batch
            first = False
            yield batch


@mistakes.api("test_an_empty_library_is_no_error")
class TakesEmptyForAnError(BookarrApiManager):
    async def all_media(self) -> Any:
        count = 0
        async for batch in super().all_media():
            count += len(batch)
            yield batch
        if not count:
            raise ProviderResponseError("the library is empty")


@mistakes.api("test_the_library_is_an_async_generator")
class ReturnsAList(BookarrApiManager):
    async def all_media(self) -> Any:  # type: ignore[override]  # that is the mistake
        return [batch async for batch in super().all_media()]


@mistakes.api("test_the_library_is_an_async_generator")
class GoesOnWhenClosed(BookarrApiManager):
    async def all_media(self) -> Any:
        try:
            async for batch in super().all_media():
                yield batch
        finally:
            yield []


@mistakes.api("test_batches_are_bounded")
class CollectsAll(BookarrApiManager):
    async def all_media(self) -> Any:
        yield [record async for batch in super().all_media() for record in batch]


@mistakes.api("test_a_huge_library_needs_little_memory")
class DecodesAllAtOnce(BookarrApiManager):
    async def all_media(self) -> Any:
        async with self._get("author") as response:
            self._check(response)
            items = await response.json()
        for start in range(0, len(items), 500):
            yield [msgspec.convert(item, AuthorRecord) for item in items[start : start + 500]]


@mistakes.api("test_a_huge_library_needs_little_memory", says="keep no record")
class HoldsAllRecords(BookarrApiManager):
    async def all_media(self) -> Any:
        for batch in [batch async for batch in super().all_media()]:
            yield batch


@mistakes.api("test_a_huge_library_needs_few_requests")
class AsksForEachItem(BookarrApiManager):
    async def all_media(self) -> Any:
        async for batch in super().all_media():
            yield [await self.media(getattr(record, "id", 0)) for record in batch]


@mistakes.api("test_the_library_is_read_anew_each_time")
class RemembersTheLibrary(BookarrApiManager):
    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        super().__init__(session, server)
        self._known: list[Any] = []

    async def all_media(self) -> Any:
        if not self._known:
            self._known = [batch async for batch in super().all_media()]
        for batch in self._known:
            yield batch


@mistakes.api("test_two_servers_do_not_mix")
class KeepsTheServerInTheClass(BookarrApiManager):
    _last: ClassVar[Any] = None

    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        super().__init__(session, server)
        KeepsTheServerInTheClass._last = (self._root, server)

    async def all_media(self) -> Any:
        self._root, self._server = self._last
        async for batch in super().all_media():
            yield batch


@mistakes.parser("test_unicode_arrives_as_it_is")
def normalises(record: AuthorRecord) -> Media:
    media = parse_author(record)
    return replace(media, title=unicodedata.normalize("NFC", media.title))


@mistakes.parser("test_unicode_arrives_as_it_is")
def writes_ascii(record: AuthorRecord) -> Media:
    media = parse_author(record)
    return replace(media, path=RemotePath(media.path.encode("ascii", "replace").decode()))


@mistakes.api("test_one_item_is_as_in_the_list")
class LeavesOutTheYear(BookarrApiManager):
    async def media(self, arr_id: int) -> Any:
        found = await super().media(arr_id)
        return found and msgspec.structs.replace(found, born=0)


@mistakes.api("test_one_item_is_as_in_the_list")
class AlwaysAsksForTheFirst(BookarrApiManager):
    async def media(self, arr_id: int) -> Any:  # that is the mistake
        return await super().media(1)


@mistakes.api("test_an_item_that_is_gone_is_none")
class TakesGoneForAnError(BookarrApiManager):
    async def media(self, arr_id: int) -> Any:
        found = await super().media(arr_id)
        if found is None:
            raise ProviderResponseError("HTTP 404")
        return found


@mistakes.api("test_root_folders_are_as_the_server_has_them")
class TidiesPaths(BookarrApiManager):
    async def root_folders(self) -> Any:
        return [RemotePath(path.replace("\\", "/")) for path in await super().root_folders()]


class RootsOtherwise(BookarrApiManager):
    """Makes something of the root folders."""

    async def root_folders(self) -> Any:
        return self.made(await self._read("rootfolder", list))

    def made(self, folders: list[dict[str, Any]]) -> list[Any]:
        raise NotImplementedError


@mistakes.api("test_root_folders_are_as_the_server_has_them", says="none left out")
class LeavesOutWhatTheServerCannotRead(RootsOtherwise):
    def made(self, folders: list[dict[str, Any]]) -> list[Any]:
        return [RemotePath(folder["path"]) for folder in folders if folder["accessible"]]


@mistakes.api("test_root_folders_are_as_the_server_has_them", says="/with/a/slash/")
class CutsTheLastSlash(RootsOtherwise):
    def made(self, folders: list[dict[str, Any]]) -> list[Any]:
        return [RemotePath(folder["path"].rstrip("/") or "/") for folder in folders]


@mistakes.api("test_root_folders_are_as_the_server_has_them", says="none left out")
class LeavesOutWhatIsWithin(RootsOtherwise):
    def made(self, folders: list[dict[str, Any]]) -> list[Any]:
        paths = [folder["path"] for folder in folders]
        return [path for path in paths if not any(path.startswith(f"{one}/") for one in paths if one != path)]


@mistakes.api("test_two_servers_do_not_mix", says="keep server, session and key in the instance")
class KeepsTheKeyInTheModule(BookarrApiManager):
    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        super().__init__(session, server)
        LAST["key"] = server.api_key.reveal()

    def _headers(self) -> dict[str, str]:
        return {"X-Api-Key": LAST["key"], "Accept": "application/json"}


LAST: dict[str, str] = {}
"""What the module knows of the last server."""
