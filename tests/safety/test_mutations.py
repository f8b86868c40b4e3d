"""Bad input by the thousand: a record is understood or quarantined, and never stops another.

Records go through the parts of a refresh that read them: cut out of the answer, decoded, parsed. Every
record under test stands between two good ones, which must come through as if it were not there.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.depth import IS_DEEP
from tests.refresh.conftest import did
from tests.safety.conftest import contents
from tests.safety.mutants import GONE, VALUES, mutants, mutated, table
from tests.shipped import shipped_providers
from trailarrd.domain.media import Media
from trailarrd.domain.report import Outcome
from trailarrd.domain.secret import Redactor
from trailarrd.plugin.library import RecordStream
from trailarrd.refresh.library import ProviderLibrary
from trailarrd.testing import RADARR, SONARR, Dialect, SimulatedLibrary

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from tests.refresh.conftest import World
    from trailarrd.domain.quarantine import Quarantined
    from trailarrd.plugin import Provider, RemotePath, SystemStatus


BEFORE, UNDER_TEST, AFTER = 900_001, 900_002, 900_003
LAYOUTS: Final[dict[str, dict[str, Any]]] = {
    "as the servers send it": {"indent": 2, "ensure_ascii": False},
    "compact": {"separators": (",", ":")},
}


def good_records(dialect: Dialect) -> list[dict[str, Any]]:
    """Three records with everything in them that a server sends."""
    library = SimulatedLibrary(dialect, size=40, seed=3)
    rich = max(library.records, key=lambda record: len(json.dumps(record)))
    return [{**rich, "id": arr_id} for arr_id in (BEFORE, UNDER_TEST, AFTER)]


def encoded(records: Sequence[Any], layout: dict[str, Any]) -> bytes:
    """As a server writes it: half a surrogate pair can only be an escape."""
    return json.dumps(records, **layout).encode("utf-8", "backslashreplace")


@dataclass
class Answer:
    """An API manager that has got its answer already."""

    body: bytes
    provider: Provider[Any]
    piece: int = 4096

    async def system_status(self) -> SystemStatus:
        raise NotImplementedError

    async def root_folders(self) -> Sequence[RemotePath]:
        raise NotImplementedError

    async def media(self, arr_id: int) -> Any:
        raise NotImplementedError

    async def all_media(self) -> AsyncGenerator[Sequence[Any], None]:
        stream = RecordStream(self.provider.api_manager.record_type)  # type: ignore[attr-defined]  # ours have one
        for start in range(0, len(self.body), self.piece):
            yield stream.feed(self.body[start : start + self.piece])
        yield stream.finish()


def understand(body: bytes, dialect: Dialect) -> tuple[list[Media], list[Quarantined]]:
    """What a refresh makes of an answer."""
    provider = PROVIDERS[dialect.app_name.lower()]
    library = ProviderLibrary(provider, Answer(body, provider), Redactor())

    async def everything() -> list[Media]:
        return [media async for batch in library.media() for media in batch]

    return asyncio.run(everything()), library.quarantine.records


PROVIDERS = shipped_providers()
dialects = pytest.mark.parametrize("dialect", [RADARR, SONARR], ids=["radarr", "sonarr"])
WHOLE = list(LAYOUTS) if IS_DEEP else ["as the servers send it"]
layouts = pytest.mark.parametrize("layout", [LAYOUTS[name] for name in WHOLE], ids=WHOLE)
EVERY = 1 if IS_DEEP else 5
"""Which of the wrong values go all the way: what is made of a record is shown for each of them anyway."""


def judge(dialect: Dialect, layout: dict[str, Any], record: Any) -> tuple[Media | None, Quarantined | None]:
    """What became of one record between two good ones: exactly one of the two."""
    before, _, after = good_records_of(dialect)
    media, quarantined = understand(encoded([before, record, after], layout), dialect)
    others = [one for one in media if one.arr_id in (BEFORE, AFTER)]
    assert others == understand(encoded([before, after], layout), dialect)[0]
    own = [one for one in media if one not in others]
    assert len(own) + len(quarantined) == 1
    return (own[0], None) if own else (None, quarantined[0])


_GOOD: Final = {RADARR.app_name: good_records(RADARR), SONARR.app_name: good_records(SONARR)}


def good_records_of(dialect: Dialect) -> list[dict[str, Any]]:
    return _GOOD[dialect.app_name]


@pytest.mark.deep
@dialects
@layouts
def test_a_record_with_a_wrong_value_is_read_or_quarantined_with_its_id(
    dialect: Dialect, layout: dict[str, Any]
) -> None:
    """Each value in each field, one at a time: by type, by absence, by size, by nesting."""
    before, good, after = good_records_of(dialect)
    cases = [(name, record) for name, record in table(good) if not name.startswith("id: ")]
    numbered = [{**record, "id": number} for number, (_, record) in enumerate(cases, 1)]
    media, quarantined = understand(encoded([before, *numbered, after], layout), dialect)
    assert {one.arr_id for one in media} & {BEFORE, AFTER} == {BEFORE, AFTER}
    told = [one.arr_id for one in media] + [one.arr_id for one in quarantined]
    assert sorted(number or 0 for number in told) == [*range(1, len(cases) + 1), BEFORE, AFTER]
    assert len(cases) > 1000
    assert all(one.reason for one in quarantined)


@dialects
def test_a_wrong_id_is_an_id_or_none(dialect: Dialect) -> None:
    _, good, _ = good_records_of(dialect)
    for name, value in VALUES.items():
        media, quarantined = judge(dialect, LAYOUTS["compact"], mutated(good, ("id",), value))
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if is_number and 1 <= value < 2**63:
            assert media, name
            assert media.arr_id == value
        else:
            assert quarantined, name
            assert quarantined.position == 1, name
            assert quarantined.arr_id in ({value, None} if is_number else {None}), name


@dialects
def test_whatever_stands_in_place_of_a_record_is_quarantined(dialect: Dialect) -> None:
    for name, value in VALUES.items():
        if value is not GONE:
            media, quarantined = judge(dialect, LAYOUTS["compact"], value)
            assert media is None, name
            assert quarantined, name
            assert (quarantined.position, quarantined.arr_id) == (1, None), name


@dialects
@settings(deadline=None)
@given(data=st.data(), layout=st.sampled_from(list(LAYOUTS.values())))
def test_no_mutant_stops_another_record(
    dialect: Dialect, layout: dict[str, Any], data: st.DataObject
) -> None:
    record = data.draw(mutants(good_records_of(dialect)[1]))
    media, quarantined = judge(dialect, layout, record)
    if media is not None:
        assert isinstance(media, Media)
    else:
        assert quarantined
        assert (quarantined.position, bool(quarantined.reason)) == (1, True)


@pytest.mark.deep
async def test_a_library_of_mutants_is_refreshed_to_its_end_and_the_next_refresh_changes_nothing(
    world: World,
) -> None:
    """All of it: the wire, the disk, the decisions, the database."""
    before = await world.refresh()
    assert before.outcome is Outcome.OK
    _, good, _ = good_records_of(world.shelf.library.dialect)
    for number, (name, record) in enumerate(islice(table(good), 0, None, EVERY), 1000):
        changed = record if name.startswith("id: ") else {**record, "id": number}
        world.shelf.library.replace(number, changed)
    total = len(world.shelf.library)
    report = await world.refresh()
    assert report.error is None
    assert report.fetched + report.quarantined == total > 1500 // EVERY
    assert report.removed == 0
    assert {"Alpha", "Beta", "Gamma"} <= set((await world.each("title")).values())
    first = await contents(world)
    report = await world.refresh()
    assert did(report) == {
        "fetched": report.fetched,
        "unchanged": report.fetched,
        "quarantined": total - report.fetched,
    }
    assert await contents(world) == first
    listed = await world.store.quarantine(world.name)
    assert len(listed) == total - report.fetched
    assert all(row.reason for row in listed)
