"""A large library: one read of what is known, and no write where nothing changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event

from tests.depth import IS_DEEP
from tests.household import Household
from tests.world import KEY, Shelf
from trailarrd.testing import RADARR, SimulatedArr, SimulatedLibrary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.cli.conftest import CommandLine

SIZE = 10_000 if IS_DEEP else 2_000


@pytest.fixture
async def household(tmp_path: Path) -> AsyncIterator[Household]:
    """One Radarr with many movies; a folder here for each, every tenth with a trailer."""
    library = SimulatedLibrary(RADARR, size=SIZE, seed=1)
    shelf = Shelf(SimulatedArr(library, api_key=KEY), tmp_path / "films")
    await asyncio.to_thread(_furnish, shelf)
    async with shelf.server:
        household = Household(tmp_path, {"movies": shelf}, {"movies": "missing"})
        household.write_config()
        yield household


def _furnish(shelf: Shelf) -> None:
    for arr_id in shelf.library.ids:
        place = shelf.lay(arr_id)
        if arr_id % 10 == 0:
            (place / "any-trailer.mkv").write_bytes(b"a video")


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Every statement that goes to a database, as it goes; executemany once."""
    told: list[str] = []

    def tell(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        told.append(" ".join(statement.split()))

    event.listen(Engine, "before_cursor_execute", tell)
    yield told
    event.remove(Engine, "before_cursor_execute", tell)


@pytest.fixture(autouse=True)
def _folders_are_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """As those of a real library; else how busy the machine is decides when their signatures are stored."""
    monkeypatch.setattr("trailarrd.disk.signature.YOUNG_NS", 0)


@pytest.mark.deep
async def test_a_first_refresh_stores_all_and_the_next_one_writes_none(
    household: Household, trailarrd: CommandLine, statements: list[str]
) -> None:
    done = await trailarrd("refresh", "--json")
    (first,) = done.document["refreshes"]
    assert (done.code, first["outcome"]) == (0, "ok")
    assert (first["fetched"], first["added"]) == (SIZE, SIZE)
    assert first["trailers"] == {"present": SIZE // 10, "absent": SIZE // 10 * 9, "unknown": 0}
    library = household.movies.library
    wanted = sum(bool(library.record(arr_id).get("hasFile")) for arr_id in library.ids if arr_id % 10)
    assert 0 < first["monitored"] == wanted < SIZE // 10 * 9, "a movie of which there is no file is not"

    household.database.watch()
    before = household.database.content()
    statements.clear()
    done = await trailarrd("refresh", "--json")
    (second,) = done.document["refreshes"]
    assert (done.code, second["outcome"]) == (0, "ok")
    assert (second["fetched"], second["unchanged"]) == (SIZE, SIZE)
    assert second["trailers"] == first["trailers"]
    assert household.database.written() == []
    assert household.database.content() == before

    about_items = [s for s in statements if " media" in s.lower() or " history" in s.lower()]
    known = [s for s in about_items if s.startswith("SELECT ") and "fingerprint" in s]
    assert len(known) == 1, "what is known is read once, however many items there are"
    assert len(about_items) < 6, about_items
    assert len(statements) < 40, "the number of statements has nothing to do with the size of the library"
