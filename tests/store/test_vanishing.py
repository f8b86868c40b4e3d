"""Trailers that vanish by the dozen: kept per item, confirmed by a second look, or by the user's word."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.report import Outcome
from trailarrd.store.filter import MediaFilter

if TYPE_CHECKING:
    from tests.domain.library import Listed
    from tests.store.conftest import Library

pytestmark = pytest.mark.shared

ALL = range(1, 21)
LONG, SHORT = timedelta(minutes=10), timedelta(minutes=9, seconds=59)


def _items(library: Library, *, seen: int = 0, file: bool = True, misnamed: bool = False) -> list[Listed]:
    """Trailers are seen of the first so many; the others show `file`, their own, or none that is known."""
    items = []
    for number in ALL:
        one = library.item(number, TrailerState.PRESENT, f"{number}-trailer.mkv", has_file=file or None)
        if number > seen:
            shown = one.seen._replace(trailer=TrailerState.ABSENT, file=None, counted_before=misnamed)
            one = one._replace(seen=shown._replace(own_file=True if file else None))
        items.append(one)
    return items


async def _vanishing(library: Library) -> list[int]:
    return sorted(await library.rows(MediaFilter(vanishing=True)))


@pytest.fixture
async def vanishing(library: Library) -> Library:
    """Twenty trailers were seen; then none."""
    await library.refresh(*_items(library, seen=20))
    assert (await library.refresh(*_items(library))).vanishing == 20
    return library


async def test_they_stay_as_they_were_with_one_event_each(vanishing: Library) -> None:
    rows = await vanishing.rows()
    assert {(row.trailer, row.monitored, row.vanishing_since) for row in rows.values()} == {
        (TrailerState.PRESENT, False, vanishing.now)
    }
    assert [row.trailer_file for row in rows.values()] == [f"{number}-trailer.mkv" for number in ALL]
    (row,) = await vanishing.store.connections()
    assert (row.vanishing, row.misnamed, row.with_trailer) == (20, 0, 20)
    vanishing.forbid_writing()
    assert (await vanishing.refresh(*_items(vanishing))).unchanged == 20
    assert await vanishing.events(1) == ["added", "trailer-vanishing"]


@pytest.mark.parametrize(("later", "believed"), [(SHORT, 0), (LONG, 20)])
async def test_a_second_look_ten_minutes_later_is_believed(
    vanishing: Library, later: timedelta, believed: int
) -> None:
    vanishing.now += later
    counts = await vanishing.refresh(*_items(vanishing))
    assert (counts.updated, counts.vanishing, counts.monitored) == (believed, 20 - believed, believed)
    assert len(await _vanishing(vanishing)) == 20 - believed
    told = ["trailer-vanished", "monitored"] if believed else []
    assert await vanishing.events(1) == ["added", "trailer-vanishing", *told]


async def test_without_a_witness_they_wait_for_the_user(library: Library) -> None:
    await library.refresh(*_items(library, seen=20, file=False))
    await library.refresh(*_items(library, file=False))
    library.now += timedelta(days=9)
    assert (await library.refresh(*_items(library, file=False))).vanishing == 20
    library.now += LONG
    assert await library.store.approve_vanished("movies", library.now) == 20
    assert await library.store.approve_vanished("movies", library.now) == 0
    rows = await library.rows()
    assert {(row.trailer, row.trailer_file, row.monitored, row.vanishing_since) for row in rows.values()} == {
        (TrailerState.ABSENT, None, True, None)
    }
    assert await library.events(1) == ["added", "trailer-vanishing", "trailer-vanished", "monitored"]
    (_, vanished, *_) = await library.store.history(media_id=1)
    assert vanished.detail == {
        "trailer": ["present", "absent"],
        "trailer_file": ["1-trailer.mkv", None],
        "approved": True,
    }
    assert (await library.refresh(*_items(library, file=False))).updated == 0


async def test_what_is_seen_again_vanishes_no_more_and_is_no_event(vanishing: Library) -> None:
    assert (await vanishing.refresh(*_items(vanishing, seen=5))).vanishing == 15
    assert await _vanishing(vanishing) == [*range(6, 21)]
    assert await vanishing.events(1) == ["added", "trailer-vanishing"]


async def test_what_is_discarded_is_kept_until_the_next_refresh_decides_anew(vanishing: Library) -> None:
    assert await vanishing.store.discard_vanished("movies") == 20
    assert await _vanishing(vanishing) == []
    assert {row.trailer for row in (await vanishing.rows()).values()} == {TrailerState.PRESENT}
    vanishing.now += LONG
    assert (await vanishing.refresh(*_items(vanishing))).vanishing == 20


async def test_a_choice_of_the_user_counts_once_the_trailer_is_gone(vanishing: Library) -> None:
    numbers = [row.id for row in (await vanishing.rows()).values()]
    await vanishing.store.set_intent(numbers[:1], intent=False, at=vanishing.now)
    await vanishing.store.approve_vanished("movies", vanishing.now)
    rows = await vanishing.rows()
    assert [rows[number].monitored for number in (1, 2)] == [False, True]


async def test_what_is_approved_during_a_refresh_stays_approved(vanishing: Library) -> None:
    start = await vanishing.begin()
    renamed = [
        vanishing.item(number, title="Another", has_file=True)._replace(seen=one.seen)
        for number, one in zip(ALL, _items(vanishing), strict=True)
    ]
    plan = await vanishing.plan(start, renamed)
    assert await vanishing.store.approve_vanished("movies", vanishing.now) == 20
    await vanishing.store.apply(start, plan, at=vanishing.now, outcome=Outcome.OK)
    rows = await vanishing.rows()
    assert {(row.title, row.trailer, row.monitored) for row in rows.values()} == {
        ("Another", TrailerState.ABSENT, True)
    }
    assert await _vanishing(vanishing) == []


async def test_a_name_that_no_longer_counts_is_no_event_and_waits_for_the_user(library: Library) -> None:
    await library.refresh(*_items(library, seen=20))
    assert (await library.refresh(*_items(library, seen=19, misnamed=True))).vanishing == 1
    library.now += timedelta(days=9)
    assert (await library.refresh(*_items(library, seen=19, misnamed=True))).vanishing == 1
    (row,) = await library.store.connections()
    assert (row.vanishing, row.misnamed, await library.events(20)) == (1, 1, ["added"])
    assert await library.store.approve_vanished("movies", library.now) == 1
    assert (await library.rows())[20].monitored


async def test_a_look_at_some_items_alone_is_no_second_look(vanishing: Library) -> None:
    vanishing.now += LONG
    start = await vanishing.store.begin_refresh(vanishing.connection(), at=vanishing.now, only=frozenset({1}))
    (known, *_) = await vanishing.store.known_like(start, [_items(vanishing)[0].item.keys])
    assert known.vanishing.name == "GONE"
