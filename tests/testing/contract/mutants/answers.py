"""Mistakes with answers that cannot be used, and with redirects."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

from tests.testing.contract.mutants.byhand import AuthorRecord, BookarrApiManager
from tests.testing.contract.mutants.mistake import Mishandling, Mistakes
from trailarrd.plugin import ProviderError, ProviderResponseError

if TYPE_CHECKING:
    from yarl import URL

mistakes = Mistakes()


class ReadsAllAtOnce(BookarrApiManager):
    """Gets the body as a whole and does something with it."""

    async def all_media(self) -> Any:
        async with self._get("author") as response:
            self._check(response)
            text = (await self._body(response)).decode()
        yield [msgspec.convert(item, AuthorRecord) for item in self.items(text)]

    def items(self, text: str) -> Any:
        raise NotImplementedError


@mistakes.api(
    "test_half_an_answer_is_an_error",
    "test_a_connection_closed_early_is_an_error",
    "test_half_a_compressed_answer_is_an_error",
    "test_broken_json_is_an_error",
)
class KeepsWhatItGot(Mishandling):
    def instead(self, error: Exception) -> Exception | None:
        return None if re.search("cannot be used|broke off|was lost", str(error)) else error


@mistakes.api("test_no_other_404_is_an_absence")
class BelievesEach404(BookarrApiManager):
    async def is_absent(self, arr_id: int) -> bool:
        async with self._get(f"author/{arr_id}") as response:
            return bool(response.status == 404)


@mistakes.api("test_an_item_that_is_gone_is_absent")
class BelievesWhoeverSaysSo(BookarrApiManager):
    async def is_absent(self, _arr_id: int) -> bool:
        return True


@mistakes.api("test_a_web_page_is_an_error")
class TakesAPageForNothing(Mishandling):
    def instead(self, error: Exception) -> Exception | None:
        return None if "instead of JSON" in str(error) else error


@mistakes.api("test_something_after_the_json_is_an_error")
class StopsAtTheEndOfTheJson(ReadsAllAtOnce):
    def items(self, text: str) -> Any:
        return json.JSONDecoder().raw_decode(text)[0]


@mistakes.api("test_json_of_another_shape_is_an_error")
class IteratesOverAnything(ReadsAllAtOnce):
    def items(self, text: str) -> Any:
        found = json.loads(text)
        return found if isinstance(found, list) else (found or {}).get("records", [])


@mistakes.api("test_compact_json_is_as_good")
class ReadsLineByLine(ReadsAllAtOnce):
    def items(self, text: str) -> Any:
        return [json.loads(item) for item in re.findall(r"^  \{$.*?^  \}", text, re.DOTALL | re.MULTILINE)]


@mistakes.api("test_the_key_does_not_follow_a_redirect", "test_a_redirect_elsewhere_is_an_error")
class FollowsRedirects(BookarrApiManager):
    async def _send(self, url: URL) -> Any:
        async with asyncio.timeout(self._server.timeouts.first_byte):
            return await self._session.get(url, headers=self._headers())


@mistakes.api("test_a_redirect_to_a_login_is_an_error")
class TakesARedirectForNothing(Mishandling):
    def instead(self, error: Exception) -> Exception | None:
        return None if "HTTP 302" in str(error) else error


TAIL_CHECKS = (
    "test_half_an_answer_is_an_error",
    "test_a_connection_closed_early_is_an_error",
    "test_half_a_compressed_answer_is_an_error",
    "test_broken_json_is_an_error",
    "test_something_after_the_json_is_an_error",
    "test_an_answer_that_stands_still_ends_in_time",
    "test_a_connection_lost_within_the_list_is_worth_another_try",
)


class EndsOnceSomethingCame(BookarrApiManager):
    """Swallows the error that follows upon some records."""

    def is_enough(self, count: int) -> bool:
        raise NotImplementedError

    async def all_media(self) -> Any:
        count = 0
        try:
            async for batch in super().all_media():
                count += len(batch)
                yield batch
        except ProviderError:
            if not self.is_enough(count):
                raise


@mistakes.api(*TAIL_CHECKS, says="of 2300 items")
class LosesTheTail(EndsOnceSomethingCame):
    def is_enough(self, count: int) -> bool:
        return count > 0


@mistakes.api("test_half_an_answer_is_an_error", says="the body ends after 200 items, where the first batch")
class LosesTheTailAtABorder(EndsOnceSomethingCame):
    def is_enough(self, count: int) -> bool:
        return count == 200


@mistakes.api("test_half_an_answer_is_an_error", says="the body ends in the middle of the last batch")
class LosesTheLastItem(EndsOnceSomethingCame):
    def is_enough(self, count: int) -> bool:
        return count >= 2200


@mistakes.api("test_half_an_answer_is_an_error", says="of 2300 items")
class MendsTheEnd(ReadsAllAtOnce):
    def items(self, text: str) -> Any:
        whole = text.rfind("},")
        if not text.endswith("]") and whole > 30_000:
            text = text[: whole + 1] + "]"
        try:
            return json.loads(text)
        except ValueError:
            raise ProviderResponseError("no JSON") from None
