"""Mistakes with records that are not as they should be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
from msgspec import structs

from tests.testing.contract.mutants.byhand import AuthorRecord, BookarrApiManager
from tests.testing.contract.mutants.healthy import parse_author
from tests.testing.contract.mutants.mistake import Mistakes, reading
from trailarrd.plugin import BrokenRecord, Media, ProviderResponseError, RemotePath

mistakes = Mistakes()


@mistakes.api("test_an_absent_field_is_one_records_trouble", "test_a_wrong_type_is_one_records_trouble")
class RefusesTheWholeList(BookarrApiManager):
    async def all_media(self) -> Any:
        async for batch in super().all_media():
            for record in batch:
                if isinstance(record, BrokenRecord):
                    raise ProviderResponseError(record.reason)
            yield batch


@mistakes.api("test_a_null_is_one_records_trouble", "test_what_is_no_record_is_one_records_trouble")
class LeavesOutTheBroken(BookarrApiManager):
    async def all_media(self) -> Any:
        async for batch in super().all_media():
            yield [record for record in batch if not isinstance(record, BrokenRecord)]


@mistakes.api("test_a_broken_record_is_known_by_its_id")
class ForgetsTheId(BookarrApiManager):
    def _record(self, item: Any, position: int) -> Any:
        record = super()._record(item, position)
        return replace(record, arr_id=None) if isinstance(record, BrokenRecord) else record


@mistakes.parser("test_every_sample_becomes_its_media")
def shouts(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), title=record.author_name.upper())


@mistakes.parser("test_every_sample_becomes_its_media")
def skips_the_unmonitored(record: AuthorRecord) -> Any:
    return parse_author(record) if record.monitored else None


@mistakes.parser("test_zero_and_empty_mean_unknown")
def takes_zero_for_a_year(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), year=record.born)


class Exact(AuthorRecord, forbid_unknown_fields=True):
    """As the version of today has it."""

    status: str = ""
    ended: bool = False
    genres: Any = None
    images: Any = None
    ratings: Any = None
    statistics: Any = None


class Demanding(AuthorRecord, kw_only=True):
    """Wants a field that the parser does not even need."""

    status: str


class Undemanding(msgspec.Struct, rename="camel"):
    """Wants nothing at all."""

    id: int | None = None
    author_name: str | None = None
    path: str | None = None
    monitored: bool = False


def invents(record: Undemanding) -> Media:
    arr_id = record.id or 1
    return Media(
        arr_id=arr_id,
        title=record.author_name or f"Author {arr_id}",
        path=RemotePath(record.path or f"/books/{arr_id}"),
        monitored_remotely=record.monitored,
    )


mistakes.add("forbids_unknown_fields", "test_an_unknown_field_is_skipped", reading(Exact))
mistakes.add("wants_what_it_does_not_need", "test_a_field_that_is_left_out_costs_no_item", reading(Demanding))
mistakes.add("invents_what_is_missing", "test_nothing_is_invented", reading(Undemanding, invents))


class Numbered(msgspec.Struct, rename={"number": "id", "author_name": "authorName", "path": "path"}):
    """Calls the id something else."""

    number: int
    author_name: str
    path: str


def parse_numbered(record: Numbered) -> Media:
    return Media(
        arr_id=record.number,
        title=record.author_name,
        path=RemotePath(record.path),
        monitored_remotely=True,
    )


mistakes.add(
    "calls_the_id_something_else",
    "test_a_refused_record_is_known_by_its_id",
    reading(Numbered, parse_numbered),
    says="call the field `id` in your record type",
)


@mistakes.api("test_a_broken_record_says_where_it_stood", says="over all batches")
class CountsWithinTheBatch(BookarrApiManager):
    def _record(self, item: Any, position: int) -> Any:
        return super()._record(item, position % 200)


@mistakes.api("test_a_broken_record_says_where_it_stood", says="in its place")
class PutsTheBrokenLast(BookarrApiManager):
    async def all_media(self) -> Any:
        broken = []
        async for batch in super().all_media():
            broken += [record for record in batch if isinstance(record, BrokenRecord)]
            yield [record for record in batch if not isinstance(record, BrokenRecord)]
        yield broken


@mistakes.api("test_a_broken_record_says_where_it_stood", says="2299 came")
class LosesTheBrokenOfTheLastBatch(BookarrApiManager):
    async def all_media(self) -> Any:
        async for batch in super().all_media():
            kept = len(batch) == 200
            yield [record for record in batch if kept or not isinstance(record, BrokenRecord)]
