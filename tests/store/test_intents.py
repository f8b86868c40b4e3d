from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from trailarrd.domain.monitoring import MonitorMode, MonitorReason, TrailerState

if TYPE_CHECKING:
    from tests.store.conftest import Library

pytestmark = pytest.mark.shared

USER = MonitorReason.USER


async def test_a_wish_is_stored_decided_and_told(library: Library) -> None:
    await library.refresh(library.item(1), mode=MonitorMode.NONE)
    library.now += timedelta(hours=1)
    result = await library.store.set_intent([1], intent=True, at=library.now)
    row = (await library.rows())[1]
    assert (result.changed, result.unchanged, result.unknown) == ([1], [], [])
    assert (row.intent, row.intent_at, row.monitored, row.monitor_reason) == (True, library.now, True, USER)
    assert row.last_changed == library.now
    (monitored, intent, _) = await library.store.history()
    assert (intent.event, intent.detail, intent.refresh_id) == ("intent-set", {"intent": [None, True]}, None)
    assert (monitored.event, monitored.detail) == (
        "monitored",
        {"monitored": [False, True], "monitor_reason": ["mode-none", "user"]},
    )


async def test_a_dropped_wish_leaves_the_decision_to_the_mode(library: Library) -> None:
    await library.refresh(library.item(1), library.item(2, monitored_remotely=False), mode=MonitorMode.SYNC)
    await library.store.set_intent([1, 2], intent=False, at=library.now)
    await library.store.set_intent([1, 2], intent=None, at=library.now)
    rows = await library.rows()
    assert [(row.intent, row.intent_at, row.monitored) for row in rows.values()] == [
        (None, None, True),
        (None, None, False),
    ]
    assert {row.monitor_reason for row in rows.values()} == {MonitorReason.MODE_SYNC}
    assert await library.events(2) == ["added", "intent-set", "intent-dropped"]


async def test_in_mode_new_it_depends_on_the_baseline(library: Library) -> None:
    new = MonitorMode.NEW
    await library.refresh(library.item(1), mode=new)
    await library.refresh(library.item(1), library.item(2), mode=new)
    await library.store.set_intent([1], intent=True, at=library.now)
    await library.store.set_intent([2], intent=False, at=library.now)
    await library.store.set_intent([1, 2], intent=None, at=library.now)
    rows = await library.rows()
    assert [(row.monitored, row.monitor_reason) for row in rows.values()] == [
        (False, MonitorReason.MODE_NEW),
        (True, MonitorReason.MODE_NEW),
    ]


async def test_a_trailer_that_is_there_outranks_a_wish(library: Library) -> None:
    await library.refresh(library.item(1, TrailerState.PRESENT, "x"))
    await library.store.set_intent([1], intent=True, at=library.now)
    row = (await library.rows())[1]
    assert (row.intent, row.monitored, row.monitor_reason) == (True, False, MonitorReason.TRAILER_PRESENT)
    assert await library.events() == ["added", "intent-set"]


async def test_unknown_and_removed_items_are_named_and_the_others_done(library: Library) -> None:
    await library.refresh(library.item(1), library.item(2), library.item(3))
    await library.refresh(library.item(1), library.item(3))
    await library.store.set_intent([3], intent=True, at=library.now)
    result = await library.store.set_intent([99, 3, 2, 1, 1], intent=True, at=library.now)
    assert (result.changed, result.unchanged, result.unknown) == ([1], [3], [99, 2])


async def test_the_same_wish_again_changes_nothing(library: Library) -> None:
    await library.refresh(library.item(1))
    await library.store.set_intent([1], intent=True, at=library.now)
    before = library.sql("SELECT * FROM media")
    await library.store.set_intent([1], intent=True, at=library.now + timedelta(hours=1))
    assert library.sql("SELECT * FROM media") == before
    assert await library.events() == ["added", "intent-set"]


async def test_a_wish_survives_refreshes_and_removal(library: Library) -> None:
    await library.refresh(library.item(1), library.item(2))
    await library.store.set_intent([1], intent=False, at=library.now)
    await library.refresh(library.item(2))
    await library.refresh(library.item(1, title="Back"), library.item(2))
    row = (await library.rows())[1]
    assert (row.title, row.intent, row.monitored, row.monitor_reason) == ("Back", False, False, USER)
