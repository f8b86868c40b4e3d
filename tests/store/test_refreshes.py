from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trailarrd.domain.connection import Connection
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.quarantine import Quarantined
from trailarrd.domain.report import ErrorKind, Outcome, RefreshError
from trailarrd.errors import DatabaseError

if TYPE_CHECKING:
    from tests.store.conftest import Library

pytestmark = pytest.mark.shared

NEW = MonitorMode.NEW


async def baseline(library: Library) -> int | None:
    (row,) = await library.store.connections()
    return row.baseline


async def test_numbers_grow(library: Library) -> None:
    assert [(await library.begin()).number for _ in range(3)] == [1, 2, 3]


async def test_the_first_complete_refresh_in_mode_new_is_the_baseline(library: Library) -> None:
    await library.refresh(library.item(1), mode=MonitorMode.MISSING)
    assert await baseline(library) is None
    await library.refresh(library.item(1), mode=NEW)
    await library.refresh(library.item(1), library.item(2), mode=NEW)
    assert await baseline(library) == 2
    assert {row.arr_id: row.monitored for row in (await library.rows()).values()} == {1: False, 2: True}


async def test_a_failed_or_incomplete_refresh_is_no_baseline(library: Library) -> None:
    start = await library.begin(NEW)
    await library.store.fail_refresh(start, RefreshError(ErrorKind.RESPONSE, "cut"), at=library.now)
    start = await library.begin(NEW)
    plan = await library.plan(start, [library.item(1)])
    await library.store.apply(start, plan, at=library.now, outcome=Outcome.PARTIAL, complete=False)
    assert await baseline(library) is None
    await library.refresh(library.item(1), mode=NEW)
    assert await baseline(library) == 3


async def test_changing_the_mode_to_new_sets_the_baseline_anew(library: Library) -> None:
    await library.refresh(library.item(1), mode=NEW)
    await library.refresh(library.item(1), library.item(2), mode=MonitorMode.NONE)
    start = await library.begin(NEW)
    assert start.baseline is None
    await library.refresh(library.item(1), library.item(2), mode=NEW)
    assert await baseline(library) == 4
    assert not any(row.monitored for row in (await library.rows()).values())


async def test_a_refresh_that_failed_is_recorded_and_changes_nothing_else(library: Library) -> None:
    await library.refresh(library.item(1))
    before = library.sql("SELECT * FROM media")
    start = await library.begin()
    await library.store.fail_refresh(start, RefreshError(ErrorKind.REJECTED, "wrong key"), at=library.now)
    assert library.sql("SELECT outcome, error_kind, error_message, fetched FROM refreshes WHERE id = 2") == [
        ("failed", "rejected", "wrong key", None)
    ]
    assert library.sql("SELECT * FROM media") == before


async def test_counts_are_kept(library: Library) -> None:
    await library.refresh(library.item(1), library.item(2))
    start = await library.begin()
    plan = await library.plan(start, [library.item(1, title="Other"), library.item(3)])
    broken = [Quarantined(position=n, arr_id=None, reason="odd") for n in range(4)]
    await library.store.apply(start, plan, at=library.now, outcome=Outcome.PARTIAL, quarantined=broken)
    columns = "fetched, added, updated, unchanged, removed, restored, held, quarantined, trailers_absent"
    assert library.sql(f"SELECT outcome, {columns}, monitored FROM refreshes WHERE id = 2") == [
        ("partial", 2, 1, 1, 0, 1, 0, 0, 4, 2, 2)
    ]


async def test_a_connection_that_was_never_registered_cannot_be_refreshed(library: Library) -> None:
    with pytest.raises(DatabaseError, match="no connection named 'shows' is stored"):
        await library.store.begin_refresh(Connection(name="shows", provider="sonarr"), at=library.now)


async def test_a_connection_forgotten_during_its_refresh_stays_forgotten(library: Library) -> None:
    start = await library.begin()
    plan = await library.plan(start, [])
    await library.store.register([])
    await library.store.forget("movies")
    with pytest.raises(DatabaseError, match="'movies' was forgotten during its refresh"):
        await library.store.apply(start, plan, at=library.now, outcome=Outcome.OK)
    assert await library.store.connections() == []
