from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trailarrd.domain.media import MediaKind
from trailarrd.domain.monitoring import TrailerState
from trailarrd.store import folders

if TYPE_CHECKING:
    from tests.store.conftest import Library

pytestmark = pytest.mark.shared


async def test_a_whole_library_comes_page_by_page_and_on_request_only_what_has_a_trailer(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_PAGE", 2)
    await library.store.register([(name, "radarr", MediaKind("movie")) for name in ("movies", "others")])
    present = TrailerState.PRESENT
    items = [library.item(1), library.item(2, present, "a-trailer.mkv"), library.item(3), library.item(4)]
    await library.refresh(*items, library.item(5))
    await library.refresh(*items)  # 5 is removed
    await library.refresh(library.item(1), name="others")
    library.sql(
        "UPDATE media SET vanishing_since = '2026-03-01 00:00:00', misnamed = (arr_id = 4) WHERE id > 2"
    )
    pages, last = [], 0
    while page := await library.store.folders("movies", after=last):
        pages.append([(one.id, one.vanishes) for one in page])
        last = page[-1].id
    assert pages == [[(1, False), (2, False)], [(3, True), (4, False)]]
    one, other = await library.store.folders("movies", only_trailers=True)
    assert one[1:] == ("/movies/Film 2", "/mnt/Film 2", None, "a-trailer.mkv", False)
    assert (other.id, other.trailer_file, other.vanishes) == (3, None, True)
