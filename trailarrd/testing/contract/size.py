"""Libraries that are large, and items that look alike."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from trailarrd.plugin import BrokenRecord
from trailarrd.testing.asked import Phase
from trailarrd.testing.contract.calls import ITEM
from trailarrd.testing.contract.long_list import LongList
from trailarrd.testing.contract.verdict import require
from trailarrd.testing.faults import Stall

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from trailarrd.plugin import ApiManager
    from trailarrd.testing.contract.trial import Trial

_LARGE: Final = 10_500
_ARRIVING: Final = 6000
_SOON: Final = 5.0


class SizeChecks:
    """Size: large libraries, and items that look alike."""

    def test_a_large_library_is_complete(self, trial: Trial) -> None:
        """A library of more than 10,000 items comes whole: there is no page, no limit and no largest id."""
        with trial.server(LongList(trial, _LARGE)) as server:
            records = trial.records(server)
        broken = sum(isinstance(record, BrokenRecord) for record in records)
        require(
            len(records) == _LARGE and not broken,
            f"the server lists {_LARGE} items, {len(records)} came, {broken} of them broken",
            do="read the list to its end: no pageSize, no limit, no break",
            why="what is missing in a complete answer is taken for removed",
        )

    def test_items_that_look_alike_are_several(self, trial: Trial) -> None:
        """Items of the same title, with no id elsewhere, each come as an item of its own."""
        fields, sample = trial.dialect.fields, trial.samples[0]
        alike = {name: value for name, value in sample.items() if name != trial.dialect.identity}
        listed = [{**alike, fields.path: f"{sample[fields.path]} {n}", "id": n} for n in (1, 2, 3)]
        seen = trial.parsed(listed, when="three of its items have the same title and no id elsewhere")
        ids = [getattr(media, "arr_id", None) for media in seen]
        require(
            ids == [1, 2, 3],
            f"three items have the same title and no id elsewhere, and of them came {ids}",
            do="tell items apart by the record's id alone: no dict by title or by an id elsewhere",
            why="remakes have the same title, and what is missing is taken for removed",
        )

    def test_batches_come_while_the_list_arrives(self, trial: Trial) -> None:
        """The first batch is there long before the list's last byte."""
        with trial.server(LongList(trial, _ARRIVING)) as server:
            server.fault = Stall(seconds=60, at=0.9, phase=Phase.LIST)

            async def first(api: ApiManager[Any], _session: ClientSession) -> bool:
                try:
                    async with asyncio.timeout(_SOON), aclosing(api.all_media()) as batches:
                        return bool(await anext(batches, None))
                except TimeoutError:
                    return False

            came = trial.run(server.url, first)
        require(
            came,
            f"nine of ten parts of {_ARRIVING} items had arrived, and within {_SOON:g} s no batch came",
            do="yield a batch whenever some hundred records have arrived, not after the last",
            why="some libraries have 100,000 items, which must never be in memory at once",
        )

    def test_one_item_costs_no_list(self, trial: Trial) -> None:
        """`media` asks for the item alone."""
        with trial.server() as server:
            trial.get(server, ITEM)
            asked = [request.path for request in server.requests if request.phase is not Phase.ITEM]
        require(
            not asked,
            f"for media(1) the server was asked {', '.join(asked)}",
            do=f"ask for {trial.dialect.resource}/1, and for nothing else",
            why="events come by the hundred, and each would cost the server a whole list",
        )
