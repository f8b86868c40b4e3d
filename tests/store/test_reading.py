"""How much of the database a list reads, by what the database itself tells: SQLite, as of files."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from trailarrd.domain.details import Details, ReleaseStatus
from trailarrd.domain.monitoring import MediaStatus, MonitorReason, TrailerState
from trailarrd.domain.want import Years
from trailarrd.store import listing, refreshes
from trailarrd.store.filter import EVERYTHING, MediaFilter, MediaOrder

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.store.conftest import Library

pytestmark = pytest.mark.shared("sqlite")

FACTS = Details(genres=("Drama",), tags=("4k",), original_language="English", status=ReleaseStatus.RELEASED)
ORDERED = re.compile(r"SCAN media USING INDEX ix_media_titles|SCAN media USING COVERING INDEX ix_media_\w+")


async def fill(library: Library, count: int) -> None:
    await library.refresh(*(library.item(number, details=FACTS, has_file=True) for number in range(1, count)))


def asked(library: Library, work: Callable[[sa.Connection], object]) -> tuple[list[str], int]:
    """How SQLite goes about it, and how many of its steps that takes."""
    told: list[tuple[str, Any]] = []
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    engine = sa.create_engine(f"sqlite:///{library.path}")
    with engine.connect() as db:
        raw: Any = db.connection.dbapi_connection
        sa.event.listen(db, "before_cursor_execute", lambda *told_of: told.append((told_of[2], told_of[3])))
        raw.set_progress_handler(step, 10)
        work(db)
        raw.set_progress_handler(None, 0)
        plans = [raw.execute(f"EXPLAIN QUERY PLAN {statement}", given) for statement, given in told]
        lines = [row[3] for plan in plans for row in plan]
    engine.dispose()
    return lines, steps


async def test_no_order_sorts_and_nothing_counts_more_than_it_shows(library: Library) -> None:
    claimed = MediaFilter(status=MediaStatus.DOWNLOADING)
    work: dict[str, Callable[[sa.Connection], object]] = {
        order: partial(listing.found, which=EVERYTHING, order=order, limit=20, now=library.now)
        for order in MediaOrder
    }
    work["claims"] = partial(listing.page, which=claimed, now=library.now)

    def steps() -> dict[str, int]:
        return {name: asked(library, one)[1] for name, one in work.items()}

    await fill(library, 200)
    before = steps()
    await fill(library, 1000)
    assert {name: count for name, count in steps().items() if count > 1.2 * before[name]} == {}


async def test_a_hint_costs_the_same_however_many_came_before(library: Library) -> None:
    await library.refresh(library.item(1))

    def hints(count: int) -> int:
        library.sql(
            "WITH RECURSIVE hint (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM hint"
            f" WHERE number < {count}) INSERT INTO refreshes (connection_id, items, started_at, finished_at,"
            " outcome) SELECT connections.id, 1, connections.last_started, connections.last_started, 'ok'"
            " FROM hint, connections"
        )
        begin = partial(refreshes.begin, connection=library.connection(), at=library.now, only=frozenset({1}))
        return asked(library, begin)[1]

    few = hints(10)
    assert hints(2000) < 1.2 * few


async def test_no_filter_reads_the_whole_table(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trailarrd.store.listing._NEAR", 50)
    monkeypatch.setattr("trailarrd.store.listing._FEW", 1)
    await fill(library, 1000)
    library.sql("ANALYZE media")
    filters: list[dict[str, Any]] = [
        {"text": "1999"},
        {"connection": "nowhere"},
        {"kind": "artist"},
        {"trailer": TrailerState.PRESENT},
        {"monitored": False},
        {"reason": MonitorReason.USER},
        {"contradicted": True},
        {"held": True},
        {"vanishing": True},
        {"quarantined": True},
        {"has_file": False},
        {"tag": "rare"},
        {"genre": "Noir"},
        {"language": "Basque"},
        {"release": ReleaseStatus.DELETED},
        {"years": Years(1901, 1902)},
        {"added_since": library.now},
        {"changed_since": library.now + timedelta(days=1)},
        {"genre": "Noir", "trailer": TrailerState.PRESENT, "years": Years(1901, 1902)},
        *({"status": status} for status in MediaStatus),
    ]
    for words in filters:
        which = MediaFilter(**words)
        for work in (
            lambda db, which=which: listing.count(db, which, now=library.now),
            lambda db, which=which: listing.selection(
                db, which, order=MediaOrder.TITLE, limit=20, now=library.now
            ),
        ):
            lines, _ = asked(library, work)
            assert [line for line in lines if "SCAN media" in line and not ORDERED.match(line)] == [], words
