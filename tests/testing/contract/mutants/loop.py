"""Bad manners on the event loop."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from aiohttp import ClientSession

from tests.testing.contract.mutants.byhand import BookarrApiManager
from tests.testing.contract.mutants.mistake import Mistakes
from trailarrd.plugin import ProviderUnavailableError, RemotePath

if TYPE_CHECKING:
    from yarl import URL

    from trailarrd.plugin import ArrServer

mistakes = Mistakes()


@mistakes.api("test_the_event_loop_is_never_blocked", "test_the_given_session_is_used")
class Blocks(BookarrApiManager):
    async def root_folders(self) -> Any:
        url = self._root / "rootfolder"
        with urlopen(Request(str(url), headers=self._headers())) as response:
            return [RemotePath(folder["path"]) for folder in json.load(response)]


@mistakes.api("test_cancelling_ends_a_call")
class SwallowsCancellation(BookarrApiManager):
    async def root_folders(self) -> Any:
        try:
            return await super().root_folders()
        except BaseException as error:
            raise ProviderUnavailableError("not now") from error


@mistakes.api("test_cancelling_ends_a_call")
class EndsSlowly(BookarrApiManager):
    async def media(self, arr_id: int) -> Any:
        try:
            return await super().media(arr_id)
        finally:
            await asyncio.sleep(3.5)


@mistakes.api("test_connections_are_given_back")
class KeepsAnswersOpen(BookarrApiManager):
    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        super().__init__(session, server)
        self._kept: list[Any] = []

    @asynccontextmanager
    async def _get(self, path: str) -> Any:
        response = await self._send(self._root / path)
        self._kept.append(response)
        yield response


@mistakes.api("test_the_given_session_is_used")
class OpensItsOwnSession(BookarrApiManager):
    @asynccontextmanager
    async def _get(self, path: str) -> Any:
        url = self._root / path
        async with ClientSession() as session, session.get(url, headers=self._headers()) as response:
            yield response


@mistakes.api("test_the_session_is_left_open")
class ClosesTheSession(BookarrApiManager):
    async def media(self, arr_id: int) -> Any:
        async with self._session:
            return await super().media(arr_id)


@mistakes.api("test_building_an_api_manager_asks_nothing")
class AsksWhenItIsBuilt(BookarrApiManager):
    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        super().__init__(session, server)
        self._first = asyncio.ensure_future(self.system_status())


@mistakes.api("test_the_event_loop_is_never_blocked", says="ms of all_media()")
class SleepsBeforeEachBatch(BookarrApiManager):
    async def all_media(self) -> Any:
        async for batch in super().all_media():
            time.sleep(0.06)  # noqa: ASYNC251  # that is the mistake
            yield batch


@mistakes.api("test_the_event_loop_is_never_blocked", says="ms of system_status()")
class SleepsBeforeEachRequest(BookarrApiManager):
    async def _send(self, url: URL) -> Any:
        time.sleep(0.06)  # noqa: ASYNC251  # that is the mistake
        return await super()._send(url)


@mistakes.api("test_the_event_loop_is_never_blocked", says="ms of all_media()")
class ThinksAboutTheWholeList(BookarrApiManager):
    async def all_media(self) -> Any:
        records = [record async for batch in super().all_media() for record in batch]
        until = time.thread_time() + len(records) * 2e-5
        while time.thread_time() < until:
            pass
        for start in range(0, len(records), 500):
            yield records[start : start + 500]


@mistakes.api("test_cancelling_leaves_nothing_running", says="media(1) was cancelled, and 1 tasks")
class Shields(BookarrApiManager):
    async def media(self, arr_id: int) -> Any:
        return await asyncio.shield(super().media(arr_id))


@mistakes.api("test_cancelling_leaves_nothing_running", says="system_status() was cancelled")
class WaitsBesideItsTask(BookarrApiManager):
    async def system_status(self) -> Any:
        task = asyncio.ensure_future(super().system_status())
        await asyncio.wait([task])
        return task.result()


@mistakes.api("test_the_session_is_left_open", says="the session is closed")
class ClosesTheSessionAfterAnError(BookarrApiManager):
    async def root_folders(self) -> Any:
        try:
            return await super().root_folders()
        except ProviderUnavailableError:
            await self._session.close()
            raise
