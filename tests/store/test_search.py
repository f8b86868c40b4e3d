"""Items are found and put in order by texts that are folded, and narrowed by facts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from trailarrd.domain.details import Details, ReleaseStatus
from trailarrd.domain.quarantine import Quarantined
from trailarrd.domain.report import Outcome
from trailarrd.domain.search import fold
from trailarrd.domain.want import Years
from trailarrd.store.filter import EVERYTHING, MediaFilter, MediaOrder

if TYPE_CHECKING:
    from tests.store.conftest import Library

pytestmark = pytest.mark.shared

FILMS: dict[int, dict[str, Any]] = {
    1: {
        "title": "The Matrix",
        "year": 1999,
        "external_ids": {"imdb": "tt0133093"},
        "has_file": True,
        "details": Details(
            sort_title="matrix",
            original_title="Матрица",
            original_language="English",
            status=ReleaseStatus.RELEASED,
            added=datetime(2024, 5, 1, tzinfo=UTC),
            genres=("Science Fiction", "Action"),
            tags=("kids", "4k"),
        ),
    },
    2: {
        "title": "Ødegård",
        "year": 2011,
        "details": Details(genres=("Drama",), added=datetime(2026, 1, 2, tzinfo=UTC)),
    },
    3: {"title": "Straße", "has_file": False, "details": Details(original_language="German", tags=("kid",))},
    4: {"title": "100% Wolf_", "year": 2020, "details": Details(release_date=date(2020, 1, 1))},
}


async def found(library: Library, **which: Any) -> list[int]:
    return list(await library.rows(MediaFilter(**which)))


@pytest.fixture
async def films(library: Library) -> Library:
    await library.refresh(*(library.item(number, **fields) for number, fields in FILMS.items()))
    return library


async def test_words_find_items_however_they_are_written(films: Library) -> None:
    for text, expected in {
        "матрица": [1],
        "MATRIX 1999": [1],
        "tt0133093": [1],
        "133093": [],
        "odegard": [2],
        "ØDEGÅRD": [2],
        "strasse": [3],
        "100%": [4],
        "f_": [4],
        "0_": [],
        "genre": [],
        "matrix drama": [],
    }.items():
        assert (text, await found(films, text=text)) == (text, expected)


async def test_facts_narrow_a_list(films: Library) -> None:
    cases: list[tuple[dict[str, Any], list[int]]] = [
        ({"tag": "KIDS"}, [1]),
        ({"tag": "kid"}, [3]),
        ({"genre": "science fiction"}, [1]),
        ({"genre": "Fiction"}, []),
        ({"language": "german"}, [3]),
        ({"release": ReleaseStatus.RELEASED}, [1]),
        ({"has_file": True}, [1]),
        ({"has_file": False}, [3]),
        ({"years": Years(2011, None)}, [2, 4]),
        ({"years": Years(None, 1999)}, [1]),
        ({"added_since": datetime(2025, 1, 1, tzinfo=UTC)}, [2]),
        ({"changed_since": films.now}, [1, 2, 3, 4]),
        ({"contradicted": True}, []),
        ({"quarantined": False}, [1, 2, 3, 4]),
        ({"genre": "drama", "connection": "shows"}, []),
    ]
    for which, expected in cases:
        assert (which, await found(films, **which)) == (which, expected)


async def test_items_are_found_by_their_record_that_cannot_be_read(films: Library) -> None:
    start = await films.begin()
    plan = await films.plan(start, (films.item(number, **fields) for number, fields in FILMS.items()))
    ids = (2, None, 7, 10**20)
    broken = [Quarantined(position=at, arr_id=one, reason="odd") for at, one in enumerate(ids)]
    await films.store.apply(start, plan, at=films.now, outcome=Outcome.PARTIAL, quarantined=broken)
    assert await found(films, quarantined=True) == [2]
    assert await found(films, quarantined=False) == [1, 3, 4]
    assert await found(films, quarantined=True, text="matrix") == []


async def test_tags_that_could_not_be_asked_for_are_found_still(films: Library) -> None:
    details = Details(genres=("Drama",))
    await films.refresh(
        films.item(1, **{**FILMS[1], "details": details}), *(films.item(n, **FILMS[n]) for n in (2, 3, 4))
    )
    assert (await found(films, tag="4k"), await found(films, genre="Action")) == ([1], [])


async def test_every_order_goes_both_ways_page_by_page(films: Library) -> None:
    orders = {
        MediaOrder.TITLE: [4, 1, 2, 3],
        MediaOrder.YEAR: [3, 1, 2, 4],
        MediaOrder.ADDED: [3, 4, 1, 2],
        MediaOrder.CHANGED: [1, 2, 3, 4],
    }
    for order, expected in orders.items():
        for way, wanted in ((order, expected), (MediaOrder(f"-{order.value}"), expected[::-1])):
            shown, last = list[int](), 0
            while rows := await films.store.select(EVERYTHING, order=way, limit=2, after=last, now=films.now):
                shown += [row.arr_id for row in rows]
                last = rows[-1].id
            assert (way, shown) == (way, wanted)


async def test_an_item_is_named_by_its_title_however_that_is_written(films: Library) -> None:
    for text, expected in {
        "odegard": [2],
        "the matrix": [1],
        "Матрица": [1],
        "a": [1, 2, 3],
        "4": [4],
    }.items():
        assert (text, [row.arr_id for row in await films.store.matching(text)]) == (text, expected)
    assert [row.arr_id for row in await films.store.matching("100", by_title=True)] == [4]


def test_folding_twice_is_folding_once() -> None:
    for text in ("İstanbul", "Łódź", "ﬁlm", "ガンダム", "ΕΛΛΆΣ", "कुछ", "Æon"):
        assert fold(fold(text)) == fold(text)
    assert fold("ガ") != fold("カ")


async def test_the_letters_of_titles_are_known_and_where_each_begins(films: Library) -> None:
    store, now = films.store, films.now
    assert await store.letters() == ["1", "m", "o", "s"]
    for letter, backwards, expected in (
        ("m", False, (1, 1)),
        ("n", False, (2, 2)),
        ("z", False, (4, None)),
        ("m", True, (2, 1)),
        ("", False, (0, 4)),
    ):
        found = await store.beginning(EVERYTHING, letter, is_backwards=backwards, now=now)
        assert (letter, backwards, found) == (letter, backwards, expected)
    which = MediaFilter(text="matrix")
    assert await store.beginning(which, "a", is_backwards=False, now=now) == (0, 1)
