"""Mistakes with the key, the address and the application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from tests.testing.contract.mutants.byhand import BookarrApiManager
from tests.testing.contract.mutants.mistake import Mishandling, Mistakes
from trailarrd.plugin import (
    ProviderRejectedError,
    ProviderUnavailableError,
    SystemStatus,
)

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from trailarrd.plugin import ArrServer

mistakes = Mistakes()


@mistakes.api("test_a_server_that_is_well_can_be_read")
class AsksAnotherVersion(BookarrApiManager):
    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        super().__init__(session, server)
        self._root = URL(server.url) / "api/v3"


@mistakes.api("test_a_server_that_is_well_can_be_read")
class IsNotFinished(BookarrApiManager):
    async def root_folders(self) -> Any:
        raise NotImplementedError


@mistakes.api("test_the_key_is_sent_as_a_header")
class ShowsNoKey(BookarrApiManager):
    def _headers(self) -> dict[str, str]:
        return {"Accept": "application/json"}


@mistakes.api("test_the_key_is_in_no_address")
class KeyInTheAddress(BookarrApiManager):
    async def _send(self, url: URL) -> Any:
        return await super()._send(url.update_query(apikey=self._server.api_key.reveal()))


@mistakes.api("test_the_key_is_in_no_second_header")
class KeyInACookie(BookarrApiManager):
    def _headers(self) -> dict[str, str]:
        return {**super()._headers(), "Cookie": f"key={self._server.api_key.reveal()}"}


@mistakes.api("test_nothing_is_changed_on_the_server")
class AsksForARescan(BookarrApiManager):
    async def root_folders(self) -> Any:
        url = self._root / "command"
        async with self._session.post(url, json={"name": "RescanFolders"}, headers=self._headers()):
            return await super().root_folders()


@mistakes.api("test_the_url_base_is_kept")
class LosesTheUrlBase(BookarrApiManager):
    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        super().__init__(session, server)
        self._root = URL(server.url).join(URL("/api/v1"))


@mistakes.api("test_a_wrong_key_is_rejected")
class TriesAWrongKeyAgain(Mishandling):
    def instead(self, error: Exception) -> Exception:
        return ProviderUnavailableError("later") if isinstance(error, ProviderRejectedError) else error


@mistakes.api("test_a_403_is_an_error")
class Knows401Only(Mishandling):
    def instead(self, error: Exception) -> Exception:
        return PermissionError("forbidden") if "HTTP 403" in str(error) else error


@mistakes.api("test_what_opens_a_gate_is_sent")
class HasASessionOfItsOwn(BookarrApiManager):
    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        connector = session.connector
        own = aiohttp.ClientSession(connector=connector, connector_owner=False, timeout=session.timeout)
        super().__init__(own, server)


@mistakes.api("test_another_application_is_rejected")
class TakesAnyApplication(BookarrApiManager):
    async def system_status(self) -> SystemStatus:
        try:
            return await super().system_status()
        except ProviderRejectedError as error:
            if "refuses" in str(error):
                raise
            return SystemStatus(app_name="Bookarr", version="1.0.0.0")


@mistakes.api("test_the_status_says_who_answers")
class GuessesTheVersion(BookarrApiManager):
    async def system_status(self) -> SystemStatus:
        await super().system_status()
        return SystemStatus(app_name="Bookarr", version="unknown")


@mistakes.api("test_the_status_says_who_answers")
class ReturnsTheJson(BookarrApiManager):
    async def system_status(self) -> Any:
        status = await super().system_status()
        return {"appName": status.app_name, "version": status.version}
