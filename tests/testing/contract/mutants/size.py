"""Mistakes that a small library does not show."""

from __future__ import annotations

from typing import Any

from tests.testing.contract.mutants.byhand import BookarrApiManager
from tests.testing.contract.mutants.mistake import Mistakes

mistakes = Mistakes()


@mistakes.api("test_a_large_library_is_complete", says="10000 came")
class HasALimit(BookarrApiManager):
    async def all_media(self) -> Any:
        count = 0
        async for batch in super().all_media():
            yield batch
            count += len(batch)
            if count >= 10_000:
                return


@mistakes.api("test_items_that_look_alike_are_several", says="although three of its items")
class KeepsOneOfEachTitle(BookarrApiManager):
    async def all_media(self) -> Any:
        known = set()
        async for batch in super().all_media():
            kept = [record for record in batch if getattr(record, "author_name", record) not in known]
            yield list({getattr(record, "author_name", record): record for record in kept}.values())
            known |= {getattr(record, "author_name", record) for record in kept}


@mistakes.api("test_batches_come_while_the_list_arrives", says="not after the last")
class CollectsBeforeItYields(BookarrApiManager):
    async def all_media(self) -> Any:
        records = [record async for batch in super().all_media() for record in batch]
        for start in range(0, len(records), 500):
            yield records[start : start + 500]


@mistakes.api("test_one_item_costs_no_list", says="for media(1) the server was asked /api/v1/author")
class LooksForItemsInTheList(BookarrApiManager):
    async def media(self, arr_id: int) -> Any:
        found = None
        async for batch in super().all_media():
            for record in batch:
                found = record if record.id == arr_id else found
        return found
