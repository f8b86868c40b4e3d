"""Mistakes that show when calls are made at once, or again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.testing.contract.mutants.byhand import BookarrApiManager
from tests.testing.contract.mutants.mistake import Mistakes
from trailarrd.plugin import ProviderRejectedError, ProviderUnavailableError

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from trailarrd.plugin import ArrServer

mistakes = Mistakes()


@mistakes.api("test_several_items_can_be_asked_for_at_once", says="in its own variables")
class KeepsItsBatchInSelf(BookarrApiManager):
    async def all_media(self) -> Any:
        async for self._batch in super().all_media():
            await asyncio.sleep(0)
            yield self._batch


class Keeps(BookarrApiManager):
    """Has something of its own beside session and server."""

    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        super().__init__(session, server)
        self._lock = asyncio.Lock()
        self._kept: dict[Any, Any] = {}
        self._id = 0


@mistakes.api("test_an_item_can_be_asked_for_while_the_list_is_read", says="hold no lock while you yield")
class HoldsALock(Keeps):
    async def all_media(self) -> Any:
        async with self._lock:
            async for batch in super().all_media():
                yield batch

    async def media(self, arr_id: int) -> Any:
        async with self._lock:
            return await super().media(arr_id)


@mistakes.api("test_an_item_can_be_asked_for_while_the_list_is_read", says="200 and 2 came")
class EndsTheListForAnItem(Keeps):
    async def all_media(self) -> Any:
        self._id = 0
        async for batch in super().all_media():
            yield batch
            if self._id:
                return

    async def media(self, arr_id: int) -> Any:
        self._id = arr_id
        return await super().media(arr_id)


@mistakes.api("test_several_items_can_be_asked_for_at_once", says="nothing of it in self")
class KeepsTheIdInSelf(Keeps):
    async def media(self, arr_id: int) -> Any:
        self._id = arr_id
        await asyncio.sleep(0)
        return await super().media(self._id)


@mistakes.api("test_several_items_can_be_asked_for_at_once", says="lists that were read at once")
class KeepsTheListInSelf(Keeps):
    async def all_media(self) -> Any:
        self._kept[""] = []
        async for batch in super().all_media():
            self._kept[""] += batch
        await asyncio.sleep(0.02)
        yield self._kept[""]


@mistakes.api("test_every_answer_is_fresh", says="system_status(): the version is '99.0.0.1'")
class RemembersTheStatus(Keeps):
    async def system_status(self) -> Any:
        if "status" not in self._kept:
            self._kept["status"] = await super().system_status()
        return self._kept["status"]


@mistakes.api("test_every_answer_is_fresh", says="root_folders() is ['/elsewhere'] on the server by now")
class RemembersTheRoots(Keeps):
    async def root_folders(self) -> Any:
        if "roots" not in self._kept:
            self._kept["roots"] = await super().root_folders()
        return self._kept["roots"]


@mistakes.api("test_every_answer_is_fresh", says="media(1): the title is 'Another Title'")
class RemembersItems(Keeps):
    async def media(self, arr_id: int) -> Any:
        if arr_id not in self._kept:
            self._kept[arr_id] = await super().media(arr_id)
        return self._kept[arr_id]


@mistakes.api("test_every_answer_is_fresh", says="media(2), which is gone is None")
class RemembersWhatIsGone(Keeps):
    async def media(self, arr_id: int) -> Any:
        found = await super().media(arr_id)
        self._kept[arr_id] = found or self._kept.get(arr_id)
        return self._kept[arr_id]


@mistakes.api("test_a_refusal_is_not_asked_again_and_again", says="was refused by 401, and sent 5 requests")
class TriesFiveTimes(BookarrApiManager):
    async def system_status(self) -> Any:
        for _ in range(4):
            try:
                return await super().system_status()
            except ProviderRejectedError:
                await asyncio.sleep(0.01)
        return await super().system_status()


@mistakes.api("test_a_refusal_is_not_asked_again_and_again", "test_a_wrong_key_is_rejected", says="the core")
class TriesForEver(BookarrApiManager):
    async def media(self, arr_id: int) -> Any:
        while True:
            try:
                return await super().media(arr_id)
            except ProviderRejectedError:
                await asyncio.sleep(0.5)


@mistakes.api("test_a_second_try_gives_no_record_twice", says="2300 different ones")
class BeginsTheListAnew(BookarrApiManager):
    async def all_media(self) -> Any:
        try:
            async for batch in super().all_media():
                yield batch
        except ProviderUnavailableError:
            async for batch in super().all_media():
                yield batch


@mistakes.api("test_a_failure_is_forgotten", says="media(1) raised ProviderUnavailableError")
class TakesOffence(Keeps):
    async def media(self, arr_id: int) -> Any:
        if "failed" in self._kept:
            raise ProviderUnavailableError("it did not work before")
        try:
            return await super().media(arr_id)
        except ProviderUnavailableError:
            self._kept["failed"] = True
            raise
