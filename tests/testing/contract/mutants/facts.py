"""Mistakes with facts, tags and posters."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import aiohttp
from msgspec import field, structs

from tests.testing.contract.mutants.byhand import AuthorRecord, BookarrApiManager
from tests.testing.contract.mutants.healthy import HEALTHY, ShortApiManager, parse_author
from tests.testing.contract.mutants.mistake import Mistakes, reading
from trailarrd.plugin import Details, ProviderError, ReleaseStatus
from trailarrd.testing.picture import poster

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trailarrd.plugin import Media

mistakes = Mistakes()


class FactualRecord(AuthorRecord):
    """With facts that cost their item when they are odd."""

    status: str | None = None
    genres: tuple[str, ...] | None = None


def parsed(record: Any, **facts: Any) -> Media:
    """The healthy parser's Media with these facts."""
    return structs.replace(parse_author(record), details=Details(**facts))


def telling(name: str, check: str, says: str = "", **facts: Any) -> None:
    """A parser that gives facts by these functions of the record."""

    def parse(record: FactualRecord) -> Media:
        return parsed(record, **{fact: told(record) for fact, told in facts.items()})

    mistakes.add(name, check, reading(FactualRecord, parse), says)


FITS = "test_every_fact_fits"
telling("tells_a_time_of_no_zone", FITS, "a time with its zone", added=lambda _: datetime.min)  # noqa: DTZ901  # the mistake
telling("tells_genres_as_one_text", FITS, "a tuple of texts", genres=lambda one: ", ".join(one.genres or "-"))
telling("tells_a_status_of_its_own", FITS, "a ReleaseStatus", status=lambda _: "still alive")
telling("tells_a_length_in_words", FITS, runtime=lambda _: "90 min")
telling("tells_an_endless_overview", FITS, "longer", overview=lambda _: "and so on " * 1000)

WORDS = "test_facts_are_the_servers_words"
telling(
    "tidies_genres_up", WORDS, "no strip()", genres=lambda one: tuple(g.strip() for g in one.genres or ())
)
telling("translates", WORDS, "no words of yours", studio=lambda _: "Various publishers")
telling("joins_names", WORDS, "no join()", slug=lambda one: f"{one.id}-{one.author_name}")

telling("makes_text_of_nothing", "test_nothing_is_no_fact", "no str(…)", studio=lambda one: str(one.status))

SAID = "test_what_is_not_said_is_not_known"
telling("calls_all_released", SAID, "no default", status=lambda _: ReleaseStatus.RELEASED)
telling("guesses_a_language", SAID, original_language=lambda _: "English")


@mistakes.parser(SAID)
def guesses_a_year(record: Any) -> Media:
    return structs.replace(parse_author(record), year=record.born or 1900)


ODD = "test_a_fact_of_another_type_costs_no_item"
telling("refuses_an_odd_fact", ODD, "Fact[str]", genres=lambda one: one.genres)
telling("stumbles_over_a_fact", ODD, studio=lambda one: one.status and {"continuing": "-"}[one.status])


def by_files(record: Any) -> Media:
    return structs.replace(parse_author(record), has_file=record.statistics.get("bookCount", 0) > 0)


class CountingRecord(AuthorRecord):
    """With what counts books that were ever written, not those on disk."""

    statistics: dict[str, Any] = field(default_factory=dict)


mistakes.add("takes_what_exists_for_a_file", "test_the_own_file_is_the_servers_word",
             reading(CountingRecord, by_files), "what the server says of files")  # fmt: skip


def by_number(record: Any) -> Media:
    return parsed(record, tags=(1,))


NAMES = "test_tags_are_known_by_name"
mistakes.add("names_no_tags", NAMES, replace(HEALTHY, parser=by_number), "define `async def tags(self)`")


@mistakes.api(NAMES, says="as the server has it now")
class KeepsTags(ShortApiManager):
    known: Mapping[int, str] | None = None

    async def tags(self) -> Mapping[int, str]:
        self.known = self.known or await super().tags()
        return self.known


@mistakes.api("test_tags_that_cannot_be_had_are_an_error", says="raise what the other methods raise")
class HasNoTagsInNeed(ShortApiManager):
    async def tags(self) -> Mapping[int, str]:
        try:
            return await super().tags()
        except ProviderError:
            return {}


@mistakes.api("test_tags_and_posters_are_asked_as_all_else", says="with the key as a header")
class LinksToPosters(BookarrApiManager):
    async def poster(self, arr_id: int) -> bytes | None:
        url = self._root / f"mediacover/{arr_id}/poster-250.jpg"
        key = {"apikey": self._server.api_key.reveal()}
        async with self._session.get(url.with_query(key), allow_redirects=False) as response:
            return await self._body(response) if response.status == 200 else None


@mistakes.api("test_tags_and_posters_are_asked_as_all_else", says="that api_manager gets")
class FetchesPostersByItself(BookarrApiManager):
    async def poster(self, arr_id: int) -> bytes | None:
        url = self._root / f"mediacover/{arr_id}/poster-250.jpg"
        async with aiohttp.request("GET", url, headers=self._headers(), allow_redirects=False) as response:
            return await self._body(response) if response.status == 200 else None


@mistakes.api("test_nothing_is_printed", says="logging.getLogger")
class TellsOfTags(ShortApiManager):
    async def tags(self) -> Mapping[int, str]:
        found = await super().tags()
        print(f"{len(found)} tags")  # the mistake
        return found


class WithPoster(BookarrApiManager):
    """Asks for a poster as it asks for all else, and looks at nothing."""

    async def poster(self, arr_id: int) -> bytes | None:
        async with self._get(f"mediacover/{arr_id}/poster-250.jpg") as response:
            return await self._body(response) if response.status == 200 else None


@mistakes.api("test_a_poster_is_a_picture", says="look at how the answer begins")
class TakesAPageForAPoster(WithPoster):
    pass


@mistakes.api("test_a_poster_comes_from_the_server", says="allow_redirects=False")
class FollowsPosters(WithPoster):
    async def poster(self, arr_id: int) -> bytes | None:
        url = self._root / f"mediacover/{arr_id}/poster-250.jpg"
        async with self._session.get(url, headers=self._headers()) as response:
            return poster("Any") if response.status == 200 else None
