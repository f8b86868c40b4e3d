"""The database beside the model: every row, every number, every event."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.refresh.conftest import World
    from tests.safety.model import Model, Row
    from tests.safety.stage import Stage
    from trailarrd.store.listing import MediaRow


async def compare(stage: Stage, model: Model) -> None:
    """The database is what the model says; rows that are new get their numbers in the model."""
    rows = {row.title: row for row in await _stored(stage.world)}
    living = {row.title: row for row in model.living}
    identity = stage.world.provider.identity or ""
    assert {title: _as_values(row, identity) for title, row in rows.items()} == {
        title: _expected_values(row) for title, row in living.items()
    }
    for title, row in rows.items():
        living[title].number = living[title].number or row.id
    assert {title: row.id for title, row in rows.items()} == {
        title: row.number for title, row in living.items()
    }
    _compare_the_removed(stage, model)
    await _compare_the_connection(stage.world, model)
    await _compare_the_history(stage.world, model)


def _expected_values(row: Row) -> dict[str, Any]:
    names = ("intent", "held_at", "vanishing_since", "misnamed")
    return {**row.values, **{name: getattr(row, name) for name in names}}


async def _stored(world: World) -> list[MediaRow]:
    return [row async for page in world.store.media(now=world.now) for row in page]


def _as_values(row: MediaRow, identity_name: str) -> dict[str, Any]:
    identity = row.external_ids.get(identity_name, "0")
    return {
        "arr_id": row.arr_id,
        "year": row.year,
        "identity": int(identity),
        "remote_path": row.remote_path,
        "local_path": row.local_path,
        "monitored_remotely": row.monitored_remotely,
        "has_file": row.has_file,
        "contradicted": row.contradicted,
        "trailer": row.trailer.value,
        "trailer_file": row.trailer_file,
        "monitored": row.monitored,
        "reason": row.monitor_reason.value,
        "intent": row.intent,
        "held_at": row.held_at,
        "vanishing_since": row.vanishing_since,
        "misnamed": row.misnamed,
    }


def _compare_the_removed(stage: Stage, model: Model) -> None:
    stored = stage.database.sql("SELECT id, title, intent FROM media WHERE removed_at IS NOT NULL")
    expected = [(row.number, row.title, row.intent) for row in model.rows.values() if not row.living]
    assert sorted(stored) == sorted(expected)


async def _compare_the_connection(world: World, model: Model) -> None:
    (row,) = await world.store.connections()
    living = model.living
    assert (row.mode, row.baseline, row.last_outcome, row.last_error_kind) == (
        model.mode,
        model.baseline,
        model.outcome,
        model.error,
    )
    assert (row.items, row.contradicted) == (len(living), sum(row.values["contradicted"] for row in living))
    assert row.vanishing == sum(one.vanishing_since is not None for one in living)
    assert row.misnamed == sum(one.misnamed for one in living)
    assert (row.with_trailer, row.monitored, row.held, row.quarantined) == (
        sum(row.values["trailer"] == "present" for row in living),
        sum(row.values["monitored"] for row in living),
        len(model.held),
        model.quarantined,
    )


async def _compare_the_history(world: World, model: Model) -> None:
    events = await world.store.history(limit=100_000)
    assert Counter((row.title, row.event.value) for row in events) == model.events
