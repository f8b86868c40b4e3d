"""Mistakes with the API key."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, SecretStr

from tests.testing.contract.mutants.byhand import BookarrApiManager
from tests.testing.contract.mutants.healthy import HEALTHY
from tests.testing.contract.mutants.mistake import Mishandling, Mistakes
from trailarrd.plugin import BrokenRecord, ProviderResponseError, ProviderUnavailableError

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from yarl import URL

    from trailarrd.plugin import ArrServer

mistakes = Mistakes()


@mistakes.api("test_no_error_tells_the_key")
class SaysWhatItSent(Mishandling):
    def instead(self, error: Exception) -> Exception:
        if not isinstance(error, ProviderUnavailableError):
            return error
        return ProviderUnavailableError(f"{error} (sent: {self._headers()})")


@mistakes.api("test_no_error_tells_the_key")
class AddsANote(Mishandling):
    def instead(self, error: Exception) -> Exception:
        error.add_note(f"key: {self._server.api_key.reveal()}")
        return error


class Options(BaseModel):
    """A second secret, which only this provider has."""

    password: SecretStr = SecretStr("hunter2-of-the-proxy")


class SaysItsOptions(Mishandling):
    def instead(self, error: Exception) -> Exception:
        password = self._server.options_as(Options).password.get_secret_value()
        return ProviderUnavailableError(f"{error} (asked with {password})")


mistakes.add(
    "says_its_options",
    "test_no_error_tells_the_key",
    replace(HEALTHY, api_manager=SaysItsOptions, options=Options),
)


@mistakes.api("test_no_traceback_tells_the_key")
class KeepsTheCause(BookarrApiManager):
    async def system_status(self) -> Any:
        try:
            return await super().system_status()
        except ProviderResponseError:
            cause = RuntimeError(f"no answer to {self._headers()}")
            raise ProviderResponseError("see above") from cause


@mistakes.api("test_what_the_server_says_is_cleaned")
class QuotesTheServer(BookarrApiManager):
    @asynccontextmanager
    async def _get(self, path: str) -> Any:
        async with super()._get(path) as response:
            if response.status == 500:
                raise ProviderUnavailableError(f"the server says: {await response.text()}")
            yield response


@mistakes.api("test_no_repr_tells_the_key")
class KeepsItsHeaders(BookarrApiManager):
    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        super().__init__(session, server)
        self._kept = {"X-Api-Key": server.api_key.reveal()}


@mistakes.api("test_no_repr_tells_the_key")
class IntroducesItself(BookarrApiManager):
    def __repr__(self) -> str:
        return f"<Bookarr with {self._server.api_key.reveal()}>"


@mistakes.api("test_nothing_is_written_that_tells_the_key")
class LogsItsHeaders(BookarrApiManager):
    async def _send(self, url: URL) -> Any:
        logging.getLogger("bookarr").debug("GET %s %s", url, self._headers())
        return await super()._send(url)


@mistakes.api("test_nothing_is_written_that_tells_the_key")
class PrintsWhatItSends(BookarrApiManager):
    async def _send(self, url: URL) -> Any:
        print(f"{url} {self._headers()}")
        return await super()._send(url)


@mistakes.api("test_no_broken_record_tells_the_key", says="nothing of how it was asked for")
class TellsHowItAsked(BookarrApiManager):
    def _record(self, item: Any, position: int) -> Any:
        record = super()._record(item, position)
        if isinstance(record, BrokenRecord):
            return replace(record, reason=f"{record.reason} (asked with {self._headers()})")
        return record
