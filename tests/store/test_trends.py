"""How the numbers went over time; each row is a refresh, and what is expected is added up by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from trailarrd.store.store import Store
from trailarrd.store.trends import TrendPoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.world import DatabaseFile

pytestmark = pytest.mark.shared

NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.fixture
def file(tmp_path: Path) -> DatabaseFile:
    from tests.world import DatabaseFile

    return DatabaseFile(tmp_path / "trailarrd.db")


@pytest.fixture
async def store(file: DatabaseFile) -> AsyncIterator[Store]:
    async with Store.open(file.url) as store:
        for name, active in (("movies", 1), ("series", 1), ("old", 0)):
            file.sql(
                "INSERT INTO connections (name, provider, kind, active, failures)"
                f" VALUES ('{name}', 'radarr', 'movie', {active}, 0)"
            )
        yield store


def refreshed(
    file: DatabaseFile, connection: int, at: datetime, counts: str = "NULL, NULL, NULL", items: str = "NULL"
) -> None:
    """A refresh that ended then, with its present, monitored and unknown."""
    file.sql(
        "INSERT INTO refreshes (connection_id, items, started_at, finished_at, outcome,"
        " trailers_present, monitored, trailers_unknown) VALUES"
        f" ({connection}, {items}, '{at:%Y-%m-%d %H:%M:%S}', '{at:%Y-%m-%d %H:%M:%S}', 'ok', {counts})"
    )


async def test_there_is_nothing_before_the_first_refresh(store: Store) -> None:
    assert await store.trend(NOW, MONTH) == []


async def test_each_point_adds_up_what_every_connection_had_last(store: Store, file: DatabaseFile) -> None:
    first, second = NOW - timedelta(days=20), NOW - timedelta(days=10)
    refreshed(file, 1, first, "5, 3, 1")
    refreshed(file, 2, second, "10, 20, 0")
    assert await store.trend(NOW, MONTH) == [TrendPoint(first, 5, 3, 1), TrendPoint(second, 15, 23, 1)]


async def test_it_begins_with_what_was_known_before_the_span(store: Store, file: DatabaseFile) -> None:
    refreshed(file, 1, NOW - timedelta(days=50), "1, 1, 1")
    refreshed(file, 1, NOW - timedelta(days=40), "5, 3, 1")
    assert await store.trend(NOW, MONTH) == [TrendPoint(NOW - MONTH, 5, 3, 1)]


async def test_failures_revisits_and_what_is_not_configured_any_more_do_not_count(
    store: Store, file: DatabaseFile
) -> None:
    at = NOW - timedelta(days=3)
    refreshed(file, 1, at, "5, 3, 1")
    refreshed(file, 1, at + timedelta(days=1))
    refreshed(file, 1, at + timedelta(days=1), "1, 0, 0", items="1")
    refreshed(file, 3, at + timedelta(days=1), "100, 100, 100")
    assert await store.trend(NOW, MONTH) == [TrendPoint(at, 5, 3, 1)]


async def test_of_many_refreshes_close_together_the_last_one_counts(store: Store, file: DatabaseFile) -> None:
    at = datetime(2026, 5, 20, tzinfo=UTC)  # a cut of a month is six hours, and one begins at midnight
    for minute in range(50):
        refreshed(file, 1, at + timedelta(minutes=minute), f"{minute}, 0, 0")
        refreshed(file, 2, at + timedelta(minutes=minute), "0, 7, 0")
    assert await store.trend(NOW, MONTH) == [TrendPoint(at + timedelta(minutes=49), 49, 7, 0)]


async def test_one_connection_is_told_alone_and_what_its_refreshes_took(
    file: DatabaseFile, store: Store
) -> None:
    at = NOW - timedelta(days=2)
    refreshed(file, 1, at, "5, 3, 1")
    refreshed(file, 1, at + timedelta(minutes=1), "5, 3, 1")
    refreshed(file, 2, at, "50, 30, 10")
    refreshed(file, 2, at, "7, 7, 7", items="1")  # single items are no refresh of the library
    file.sql(f"UPDATE refreshes SET started_at = '{at - timedelta(seconds=1.5):%Y-%m-%d %H:%M:%S.%f}'")
    assert await store.trend(NOW, MONTH, "movies") == [TrendPoint(at + timedelta(minutes=1), 5, 3, 1)]
    (movies,) = await store.costs(NOW, MONTH, "movies")
    assert (movies.refreshes, round(movies.seconds, 3), round(movies.longest, 3)) == (2, 31.5, 61.5)
    (both,) = await store.costs(NOW, MONTH)
    assert (both.at, both.refreshes, round(both.seconds, 3)) == (at + timedelta(minutes=1), 3, 21.5)
    assert await store.costs(NOW, timedelta(days=1)) == []
    assert await store.first_reading() == at
