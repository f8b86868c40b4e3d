"""Root folders as they were last found, which directories they were, and the folders below them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from trailarrd.domain.guard import Guard
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.plan import RefreshPlan
from trailarrd.domain.report import Outcome
from trailarrd.domain.roots import Remembered, RootObservation, RootState
from trailarrd.errors import DatabaseError

if TYPE_CHECKING:
    from tests.store.conftest import Library

pytestmark = pytest.mark.shared

MOVIES = RootObservation(path=LocalPath("/mnt/movies"), state=RootState.OK, directory_hash=-(2**63))
STRANGE = RootObservation(
    path=LocalPath("/mnt/strange"), state=RootState.OTHER_DEVICE, directory_hash=4711, unseen=3
)
GONE = RootObservation(path=LocalPath("/mnt/gone"), state=RootState.MISSING)


async def find(library: Library, *roots: RootObservation) -> None:
    """A refresh of nothing that found these roots."""
    start = await library.begin()
    await library.store.apply(start, RefreshPlan(), at=library.now, outcome=Outcome.OK, roots=roots)


async def test_roots_are_kept_as_the_last_refresh_found_them(library: Library) -> None:
    await find(library, STRANGE, GONE)
    await find(library, MOVIES, GONE)
    assert await library.store.roots() == {"movies": [GONE, MOVIES]}


async def test_the_hashes_are_those_of_the_roots_that_have_one(library: Library) -> None:
    await find(library, MOVIES, STRANGE, GONE)
    history = await library.store.root_history(await library.begin())
    assert history.directory_hashes == {"/mnt/movies": -(2**63), "/mnt/strange": 4711}
    assert history.doubted == {"/mnt/strange", "/mnt/gone"}


async def test_trusting_forgets_the_hashes_of_strange_roots_alone(library: Library) -> None:
    await find(library, MOVIES, STRANGE, GONE)
    assert await library.store.trust_roots("movies") == 1
    assert (await library.store.root_history(await library.begin())).directory_hashes == {
        "/mnt/movies": -(2**63)
    }
    await find(library, MOVIES)
    assert await library.store.trust_roots("movies") == 0


async def test_a_root_that_was_caught_lying_stays_so_for_every_connection(library: Library) -> None:
    lying = replace(MOVIES, caught_lying=True)
    await find(library, lying, GONE)
    library.now += timedelta(days=1)
    await find(library, lying)
    history = await library.store.root_history(await library.begin())
    assert history.caught == {"/mnt/movies"}
    assert await library.store.roots() == {"movies": [lying]}
    assert library.sql("SELECT count(*) FROM roots WHERE caught_lying < checked_at") == [(1,)]


async def test_trusting_roots_of_an_unknown_connection_is_an_error(library: Library) -> None:
    with pytest.raises(DatabaseError, match="nobody"):
        await library.store.trust_roots("nobody")


async def test_folders_are_remembered_of_living_items_that_were_seen(library: Library) -> None:
    """Not of one that was removed, nor of one whose removal is held, nor of one never seen."""
    absent, present = library.item(1), library.item(2, TrailerState.PRESENT, "a.mkv")
    unseen, removed = library.item(3, TrailerState.UNKNOWN), library.item(4)
    await library.refresh(absent, present, unseen, removed)
    await library.refresh(absent, present, unseen)
    assert list(await (await library.store.root_history(await library.begin())).folders()) == [
        Remembered(LocalPath("/mnt/Film 1"), had_trailer=False),
        Remembered(LocalPath("/mnt/Film 2"), had_trailer=True),
    ]
    await library.refresh(absent, guard=Guard(max_items=0, max_fraction=0))
    assert list(await (await library.store.root_history(await library.begin())).folders()) == [
        Remembered(LocalPath("/mnt/Film 1"), had_trailer=False)
    ]
