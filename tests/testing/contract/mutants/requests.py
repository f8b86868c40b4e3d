"""Mistakes with single requests, and with the session that all of them share."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any

from aiohttp import ClientTimeout

from tests.testing.contract.mutants.byhand import BookarrApiManager
from tests.testing.contract.mutants.mistake import Mistakes

if TYPE_CHECKING:
    from yarl import URL

mistakes = Mistakes()


class Sends(BookarrApiManager):
    """Sends with further options."""

    async def _send(self, url: URL) -> Any:
        options: dict[str, Any] = {"headers": self._headers(), "allow_redirects": False} | self.options(url)
        async with asyncio.timeout(self._server.timeouts.first_byte):
            return await self._session.get(url, **options)

    def options(self, url: URL) -> dict[str, Any]:
        raise NotImplementedError


@mistakes.api("test_certificates_are_the_sessions_business", says="was sent with ssl=False")
class TrustsAnybody(Sends):
    def options(self, url: URL) -> dict[str, Any]:
        return {"ssl": False}


@mistakes.api("test_certificates_are_the_sessions_business", says="GET /api/v1/author/1 was sent with ssl=")
class TrustsOthers(Sends):
    def options(self, url: URL) -> dict[str, Any]:
        return {"ssl": ssl.create_default_context()} if url.name.isdecimal() else {}


@mistakes.api("test_no_request_follows_redirects", says="GET /api/v1/rootfolder would follow a redirect")
class FollowsSomeRedirects(Sends):
    def options(self, url: URL) -> dict[str, Any]:
        return {"allow_redirects": url.name == "rootfolder"}


@mistakes.api("test_no_request_has_a_total_time", says="may take no longer than 30 s in all")
class HasAMinute(Sends):
    def options(self, url: URL) -> dict[str, Any]:
        return {"timeout": ClientTimeout(total=30)}


@mistakes.api("test_no_request_has_a_total_time", says="GET /api/v1/author may take no longer than 300")
class HasFiveMinutesForTheList(Sends):
    def options(self, url: URL) -> dict[str, Any]:
        return {"timeout": ClientTimeout(total=300, sock_read=30)} if url.name == "author" else {}


@mistakes.api("test_the_session_is_left_as_it_is", says="changed the session's headers")
class GivesTheSessionItsKey(Sends):
    def options(self, url: URL) -> dict[str, Any]:
        self._session.headers.update(self._headers())
        return {}


@mistakes.api("test_the_session_is_left_as_it_is", says="changed the session's certificates")
class MakesTheSessionTrustAnybody(Sends):
    def options(self, url: URL) -> dict[str, Any]:
        connector: Any = self._session.connector
        connector._ssl = False
        return {}


@mistakes.api("test_an_answer_that_trickles_is_read_to_its_end", says="never standing still")
class BoundsTheWholeList(BookarrApiManager):
    async def all_media(self) -> Any:
        async with asyncio.timeout(2 * self._server.timeouts.stall):
            batches = [batch async for batch in super().all_media()]
        for batch in batches:
            yield batch


@mistakes.api("test_another_status_than_200_is_an_error", says="a list comes with status 206")
class TakesAPartForAll(BookarrApiManager):
    def _check(self, response: Any) -> None:
        if response.status != 206:
            super()._check(response)


@mistakes.api("test_no_list_is_bounded_as_a_whole", says="still runs when half of it has come")
class GivesTheListAnHour(BookarrApiManager):
    async def all_media(self) -> Any:
        async with asyncio.timeout(3600):
            async for batch in super().all_media():
                yield batch
