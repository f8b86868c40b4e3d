"""Mistakes with servers that do not answer."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Any

from tests.testing.contract.mutants.byhand import BookarrApiManager
from tests.testing.contract.mutants.mistake import Mishandling, Mistakes
from trailarrd.plugin import ProviderError, ProviderResponseError, ProviderUnavailableError

mistakes = Mistakes()


@mistakes.api("test_no_such_api_is_no_empty_library")
class TakesNotFoundForEmpty(Mishandling):
    def instead(self, error: Exception) -> Exception | None:
        return None if "HTTP 404" in str(error) else error


@mistakes.api("test_a_server_error_is_worth_another_try")
class GivesUpOnABadGateway(Mishandling):
    def instead(self, error: Exception) -> Exception:
        return ProviderResponseError("bad gateway") if "HTTP 502" in str(error) else error


@mistakes.api("test_too_many_requests_is_worth_another_try")
class DoesNotKnow429(Mishandling):
    def instead(self, error: Exception) -> Exception:
        return ProviderResponseError("status 429") if "HTTP 429" in str(error) else error


@mistakes.api("test_retry_after_is_passed_on")
class ForgetsRetryAfter(Mishandling):
    def instead(self, error: Exception) -> Exception:
        return ProviderUnavailableError(str(error)) if isinstance(error, ProviderUnavailableError) else error


@mistakes.api("test_a_retry_after_that_is_a_date_does_no_harm")
class TakesEveryRetryAfterForSeconds(BookarrApiManager):
    def _check(self, response: Any) -> None:
        if response.status == 503:
            seconds = float(response.headers.get("Retry-After", "60"))
            raise ProviderUnavailableError("later", retry_after=seconds)
        super()._check(response)


@mistakes.api("test_every_error_says_what_happened")
class QuotesTheClientOnly(BookarrApiManager):
    async def _send(self, url: Any) -> Any:
        try:
            return await super()._send(url)
        except TimeoutError as error:
            raise ProviderUnavailableError(str(error)) from None


@mistakes.api("test_a_slow_answer_ends_in_time")
class WaitsForTheFirstByte(BookarrApiManager):
    async def _send(self, url: Any) -> Any:
        return await self._session.get(url, headers=self._headers(), allow_redirects=False)


@mistakes.api("test_an_answer_that_stands_still_ends_in_time")
class WaitsForTheNextByte(BookarrApiManager):
    async def _pieces(self, response: Any) -> Any:
        async for piece in response.content.iter_any():
            yield piece


@mistakes.api("test_a_refused_connection_is_worth_another_try")
class LetsTheClientsErrorThrough(BookarrApiManager):
    @asynccontextmanager
    async def _get(self, path: str) -> Any:
        async with await self._send(self._root / path) as response:
            yield response


@mistakes.api("test_a_reset_connection_is_worth_another_try")
class TakesAResetForGood(Mishandling):
    def instead(self, error: Exception) -> Exception:
        return ProviderResponseError("reset") if "was lost" in str(error) else error


@mistakes.api("test_a_connection_lost_within_the_list_is_worth_another_try")
class EndsTheListWhereTheConnectionEnds(Mishandling):
    def instead(self, error: Exception) -> Exception | None:
        return None if isinstance(error, ProviderUnavailableError) else error


@mistakes.api("test_an_item_that_cannot_be_asked_for_is_not_gone")
class TakesEveryErrorForGone(BookarrApiManager):
    async def media(self, arr_id: int) -> Any:
        try:
            return await super().media(arr_id)
        except ProviderError:
            return None
