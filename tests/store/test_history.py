from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trailarrd.domain.media import MediaKind

if TYPE_CHECKING:
    from tests.store.conftest import Library

pytestmark = pytest.mark.shared


async def test_the_newest_comes_first_and_no_more_than_asked_for(library: Library) -> None:
    await library.refresh(*(library.item(number) for number in range(1, 6)))
    rows = await library.store.history(limit=2)
    assert [row.arr_id for row in rows] == [5, 4]


async def test_by_connection_and_by_item(library: Library) -> None:
    await library.store.register(
        [("movies", "radarr", MediaKind("movie")), ("shows", "sonarr", MediaKind("series"))]
    )
    await library.refresh(library.item(1), library.item(2))
    await library.refresh(library.item(2), name="shows")
    assert [row.media_id for row in await library.store.history(connection="shows")] == [3]
    assert [row.connection for row in await library.store.history(media_id=2)] == ["movies"]
    assert await library.store.history(connection="nobody") == []


async def test_it_outlives_its_item(library: Library) -> None:
    await library.refresh(library.item(1, title="Solaris"), library.item(2))
    library.sql("DELETE FROM media WHERE arr_id = 1")
    (row,) = await library.store.history(media_id=1)
    assert (row.title, row.event) == ("Solaris", "added")
