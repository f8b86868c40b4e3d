"""A list that every API manager hands on in several batches, and the places at which it can break."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from trailarrd.testing.draft import Record, join
from trailarrd.testing.library import SimulatedLibrary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import ClientSession

    from trailarrd.plugin import ApiManager
    from trailarrd.testing.contract.trial import Trial

SEVERAL: Final = 2300
"""Items that fit into no two batches of the size that is allowed."""

_MARK: Final = 4815162342
"""In place of each item's id, until the item is written."""

_AS_USUAL: Final[Mapping[int, object]] = MappingProxyType({})


class LongList(SimulatedLibrary):
    """Tiny records, which have no more than an item must have: written many times as fast as others.

    `instead` is what stands in place of some of them, by their position in the list; `padding` is in a
    field of each that nobody knows.
    """

    def __init__(
        self,
        trial: Trial,
        size: int = SEVERAL,
        *,
        instead: Mapping[int, object] = _AS_USUAL,
        padding: str = "",
    ) -> None:
        super().__init__(trial.dialect, size=size, seed=1, roots=(trial.dialect.root,))
        self._least = {**({"unknownToEverybody": padding} if padding else {}), **_least(trial)}
        self._instead = instead
        self._written: list[bytes] = []

    def elements(self, *, covers: bool) -> list[bytes]:
        """Written once; without images there are no covers to leave out."""
        del covers
        if not self._written:
            least = self.layout.element(self._least)
            mark = str(_MARK).encode()
            self._written = [least.replace(mark, b"%d" % arr_id) for arr_id in self.ids]
            for position, value in self._instead.items():
                self._written[position] = self.layout.element(value)
        return self._written

    def _made(self, arr_id: int) -> Record:
        record: Record = json.loads(json.dumps(self._least).replace(str(_MARK), str(arr_id)))
        return record


class Place(NamedTuple):
    """Somewhere in the answer, as the author knows it and as a fault does."""

    what: str
    at: float


async def batch_sizes(api: ApiManager[Any], _session: ClientSession) -> list[int]:
    """How many records came in each batch."""
    async with aclosing(api.all_media()) as batches:
        return [len(batch) async for batch in batches]


def borders(trial: Trial, library: LongList) -> Sequence[int]:
    """The positions at which this provider's batches begin, but for the first."""
    with trial.server(library) as server:
        found = trial.run(server.url, batch_sizes)
    return sorted({end for end in accumulate(found) if 0 < end < SEVERAL}) or [SEVERAL // 2]


def places(trial: Trial, library: LongList) -> Iterator[Place]:
    """Beginning, batches' borders, the middle of a batch, and the end."""
    elements, layout = library.elements(covers=False), library.layout
    sizes = (len(one) + len(layout.between) for one in elements)
    begins = list(accumulate(sizes, initial=len(layout.opening)))[:-1]
    end_of_list = begins[-1] + len(elements[-1])
    total = end_of_list + len(layout.closing)
    found = borders(trial, library)
    first, last, middle = found[0], found[-1], found[0] // 2
    for what, offset in (
        ("before its first item", 0),
        ("within its first item", begins[0] + len(elements[0]) // 2),
        ("in the middle of the first batch", begins[middle] + 5),
        (f"after {first} items, where the first batch ends", begins[first]),
        ("before the comma at which the last batch begins", begins[last] - len(layout.between)),
        ("in the middle of the last batch", begins[(last + SEVERAL) // 2] + 5),
        ("within its last item", begins[-1] + len(elements[-1]) // 2),
        ("after its last item, before the closing bracket", end_of_list),
    ):
        yield Place(what, (offset + 0.5) / total)


def _least(trial: Trial) -> Record:
    """What no record can do without, with marks where items differ."""
    fields, sample = trial.dialect.fields, trial.samples[0]
    record: Record = {
        fields.title: f"Item {_MARK}",
        fields.path: join(trial.dialect.root, f"Item {_MARK}"),
        fields.monitored: sample.get(fields.monitored, True),
    }
    known = sample.get(trial.dialect.identity)
    if known:
        record[trial.dialect.identity] = _MARK if isinstance(known, int) else f"{known}-{_MARK}"
    return {**record, "id": _MARK}
