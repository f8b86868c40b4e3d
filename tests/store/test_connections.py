from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from trailarrd.domain.media import MediaKind
from trailarrd.domain.monitoring import MonitorMode, TrailerState
from trailarrd.domain.report import ErrorKind, Outcome, RefreshError
from trailarrd.errors import ConfigError, DatabaseError
from trailarrd.store.filter import MediaFilter
from trailarrd.store.foretold import ForetoldChoice

if TYPE_CHECKING:
    from tests.store.conftest import Library

pytestmark = pytest.mark.shared

MOVIES = ("movies", "radarr", MediaKind("movie"))
SHOWS = ("shows", "sonarr", MediaKind("series"))


async def active(library: Library) -> dict[str, bool]:
    return {row.name: row.active for row in await library.store.connections()}


async def test_a_connection_that_is_dropped_keeps_its_items_and_comes_back_with_them(
    library: Library,
) -> None:
    await library.refresh(library.item(1), library.item(2))
    await library.store.register([SHOWS])
    assert await active(library) == {"movies": False, "shows": True}
    assert len(await library.rows(MediaFilter(connection="movies"))) == 2
    await library.store.register([SHOWS, MOVIES])
    assert await active(library) == {"movies": True, "shows": True}
    assert (await library.refresh(library.item(1), library.item(2))).unchanged == 2


async def test_registering_the_same_again_writes_nothing(library: Library) -> None:
    library.forbid_writing("connections")
    await library.store.register([MOVIES])
    with pytest.raises(DatabaseError, match="written"):
        await library.store.register([SHOWS])


async def test_a_name_stays_with_its_provider(library: Library) -> None:
    """The ids of another application mean other items: everything would look removed."""
    await library.refresh(library.item(1))
    with pytest.raises(ConfigError) as caught:
        await library.store.register([("movies", "sonarr", MediaKind("series")), SHOWS])
    assert str(caught.value) == (
        "connection 'movies' is stored as one of provider 'radarr', not 'sonarr';"
        " give the new one another name, or take it out of the file first and then 'trailarrd forget movies'"
    )
    assert await active(library) == {"movies": True}


async def test_a_connection_that_is_not_stored_cannot_be_forgotten(library: Library) -> None:
    with pytest.raises(DatabaseError, match="no connection named 'moveis' is stored"):
        await library.store.forget("moveis")


async def test_forgetting_leaves_the_history_and_the_others(library: Library) -> None:
    await library.store.register([MOVIES, SHOWS])
    await library.refresh(library.item(1), library.item(2))
    await library.refresh(library.item(1))
    await library.refresh(library.item(7), name="shows")
    await library.store.register([SHOWS])
    choice = ForetoldChoice(
        connection="movies",
        arr_id=9,
        external_ids={"tmdb": "9"},
        title="Nine",
        intent=True,
        url=None,
        by="you",
    )
    await library.store.foretell([choice, replace(choice, connection="shows")])
    assert await library.store.forget("movies") == 2  # the removed one too
    assert await library.store.foretold() == 1  # and what was chosen for items that were not met yet
    assert await active(library) == {"shows": True}
    assert list(await library.rows()) == [7]
    assert await library.events() == ["added", "added", "removed", "added"]


async def test_the_overview_counts_living_items(library: Library) -> None:
    await library.store.register([MOVIES, SHOWS])
    with_trailer = library.item(1, TrailerState.PRESENT, "x-trailer.mkv")
    await library.refresh(with_trailer, library.item(2), library.item(3))
    await library.refresh(with_trailer, library.item(2))
    movies, shows = await library.store.connections()
    assert (movies.items, movies.with_trailer, movies.monitored) == (2, 1, 1)
    assert (shows.items, shows.with_trailer, shows.monitored) == (0, 0, 0)
    assert (shows.mode, shows.last_started, shows.last_success) == (None, None, None)
    assert (shows.provider, shows.kind) == ("sonarr", "series")


async def test_state_tells_the_last_success_and_the_last_failure(library: Library) -> None:
    first = library.now
    await library.refresh(library.item(1))
    library.now = first + timedelta(hours=1)
    start = await library.begin()
    later = first + timedelta(hours=2)
    await library.store.fail_refresh(start, RefreshError(ErrorKind.UNAVAILABLE, "no answer"), at=later)
    (row,) = await library.store.connections()
    assert (row.last_started, row.last_finished, row.last_success) == (library.now, later, first)
    assert (row.last_outcome, row.last_error_kind, row.last_error) == (
        Outcome.FAILED,
        ErrorKind.UNAVAILABLE,
        "no answer",
    )
    await library.refresh(library.item(1), mode=MonitorMode.SYNC)
    (row,) = await library.store.connections()
    assert (row.last_outcome, row.last_error_kind, row.last_error) == (Outcome.OK, None, None)
    assert row.mode is MonitorMode.SYNC
