from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from trailarrd.domain.media import MediaKind
from trailarrd.domain.monitoring import MediaStatus, TrailerState
from trailarrd.store.filter import MediaFilter

if TYPE_CHECKING:
    from tests.store.conftest import Library

pytestmark = pytest.mark.shared

PRESENT = TrailerState.PRESENT

# arr id: 1 has a trailer, 2 wants one, 3 and 4 are being downloaded (4's claim is over), 5 is unwanted
CASES = [
    (MediaFilter(), [1, 2, 3, 4, 5]),
    (MediaFilter(trailer=PRESENT), [1]),
    (MediaFilter(trailer=TrailerState.ABSENT), [2, 3, 4, 5]),
    (MediaFilter(monitored=True), [2, 3, 4]),
    (MediaFilter(monitored=False), [1, 5]),
    (MediaFilter(status=MediaStatus.DOWNLOADED), [1]),
    (MediaFilter(status=MediaStatus.DOWNLOADING), [3]),
    (MediaFilter(status=MediaStatus.MONITORED), [2, 4]),
    (MediaFilter(status=MediaStatus.MISSING), [5]),
    (MediaFilter(connection="movies"), [1, 2, 3, 4, 5]),
    (MediaFilter(connection="shows"), []),
    (MediaFilter(kind="movie", monitored=True, status=MediaStatus.DOWNLOADING), [3]),
    (MediaFilter(kind="series"), []),
    (MediaFilter(ids=[2, 5, 99]), [2, 5]),
    (MediaFilter(ids=[]), []),
    (MediaFilter(ids=[1, 2], monitored=True), [2]),
]


async def fill(library: Library) -> None:
    """Ids and arr ids are the same here."""
    await library.refresh(library.item(1, PRESENT, "x"), *(library.item(n) for n in (2, 3, 4, 5, 6)))
    await library.refresh(library.item(1, PRESENT, "x"), *(library.item(n) for n in (2, 3, 4, 5)))
    hour = timedelta(hours=1)
    store, now = library.store, library.now
    assert await store.claim(3, "loader", until=now + hour, now=now)
    assert await store.claim(4, "loader", until=now, now=now - hour)
    await store.set_intent([5], intent=False, at=now)


@pytest.mark.parametrize(("which", "expected"), CASES)
async def test_filters(library: Library, which: MediaFilter, expected: list[int]) -> None:
    await fill(library)
    assert list(await library.rows(which)) == expected
    if which.ids is None:  # ids are looked up, and never counted
        assert await library.store.count(which, now=library.now) == len(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alien", [1]),
        ("ALIEN romulus", [1]),
        ("348", [1]),
        ("TT0078748", [1]),
        ("34", []),
        ("tmdb", []),
        (":", [1]),
        (",", []),
        ('"', []),
        ("1986", [2]),
    ],
)
async def test_words_are_looked_for_in_titles_ids_and_years(
    library: Library, text: str, expected: list[int]
) -> None:
    """Part of a title, but the whole of an id: of its name nothing, nor of how a database writes it."""
    ids = {"tmdb": "348", "imdb": "tt0078748"}
    await library.refresh(
        library.item(1, title="Alien : Romulus", external_ids=ids, year=2024),
        library.item(2, title="Predator", external_ids={"tmdb": "349"}, year=1986),
    )
    assert list(await library.rows(MediaFilter(text=text))) == expected


async def test_a_status_asked_for_is_the_status_shown(library: Library) -> None:
    await fill(library)
    for status in MediaStatus:
        rows = (await library.rows(MediaFilter(status=status))).values()
        assert {row.status(library.now) for row in rows} == {status}


async def test_pages_hold_everything_once(library: Library) -> None:
    await library.refresh(*(library.item(number) for number in range(1, 2502)))
    pages = [page async for page in library.store.media(now=library.now)]
    assert [len(page) for page in pages] == [1000, 1000, 501]
    assert [row.arr_id for page in pages for row in page] == list(range(1, 2502))


@pytest.mark.shared("sqlite")
async def test_no_transaction_is_open_between_pages(library: Library) -> None:
    """A reader that takes its time keeps nobody from writing, nor the write-ahead log from ending."""
    await library.refresh(*(library.item(number) for number in range(1, 1002)))
    seen = 0
    async for page in library.store.media(now=library.now):
        seen += len(page)
        await library.refresh(*(library.item(number, year=2000) for number in range(1, 1002)))
        ((busy, _, _),) = library.sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert busy == 0
    assert seen == 1001


async def test_all_connections_are_listed_with_their_own_kind(library: Library) -> None:
    kinds = {"movies": ("radarr", MediaKind("movie")), "shows": ("sonarr", MediaKind("series"))}
    await library.store.register([(name, *what) for name, what in kinds.items()])
    await library.refresh(library.item(1))
    await library.refresh(library.item(2), name="shows")
    rows = (await library.rows()).values()
    assert [(row.connection, row.provider, row.kind) for row in rows] == [
        ("movies", "radarr", "movie"),
        ("shows", "sonarr", "series"),
    ]
