from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from trailarrd.domain.media import MAX_ID
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.report import Outcome
from trailarrd.errors import DatabaseError
from trailarrd.store.tables import UtcDateTime

if TYPE_CHECKING:
    from tests.store.conftest import Library

pytestmark = pytest.mark.shared

SQLITE = sa.create_engine("sqlite://").dialect


async def test_times_come_back_as_the_same_moment_in_utc(library: Library) -> None:
    library.now = datetime(2026, 7, 1, 1, 30, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    await library.refresh(library.item(1))
    seen = (await library.rows())[1].first_seen
    assert seen == library.now
    assert (seen.tzinfo, seen.day, seen.hour) == (UTC, 30, 23)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError, match="without a time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 7, 1), SQLITE)  # noqa: DTZ001  # that is the mistake


def test_an_aware_time_from_the_driver_becomes_utc() -> None:
    """PostgreSQL gives times in the session's zone."""
    berlin = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=1)))
    result = UtcDateTime().process_result_value(berlin, SQLITE)
    assert result == berlin
    assert result is not None
    assert result.tzinfo is UTC


async def test_words_are_stored_as_they_are_shown(library: Library) -> None:
    await library.refresh(library.item(1, TrailerState.PRESENT, "t-trailer.mkv"))
    assert library.sql("SELECT trailer, monitor_reason FROM media") == [("present", "trailer-present")]
    assert library.sql("SELECT outcome FROM refreshes") == [("ok",)]


async def test_the_largest_id_and_any_script_survive(library: Library) -> None:
    title = "千と千尋の神隠し 🎬 Zażółć\u0301 'quoted\" \\"
    await library.refresh(library.item(MAX_ID, title=title, external_ids={"tmdb": "ü"}))
    row = (await library.rows())[MAX_ID]
    assert (row.title, row.external_ids) == (title, {"tmdb": "ü"})
    assert library.sql("SELECT arr_id FROM media") == [(2**63 - 1,)]


async def test_one_living_item_per_arr_id(library: Library) -> None:
    """The database itself holds to it, whatever the program does."""
    start = await library.begin()
    plan = await library.plan(start, [library.item(1)])
    plan.additions.append(next(iter(plan.additions)))
    with pytest.raises(DatabaseError, match=r"UNIQUE constraint failed: media|uq_media_living"):
        await library.store.apply(start, plan, at=library.now, outcome=Outcome.OK)
    assert library.sql("SELECT * FROM media") == []
    assert library.sql("SELECT * FROM history") == []


async def test_numbers_are_never_used_again(library: Library) -> None:
    """History and baselines refer to them after their rows are gone."""
    await library.refresh(library.item(1), library.item(2))
    for table in ("media", "refreshes"):
        library.sql(f"DELETE FROM {table}")
    await library.refresh(library.item(1))
    assert library.sql("SELECT id FROM media") == [(3,)]
    assert library.sql("SELECT id FROM refreshes") == [(2,)]
