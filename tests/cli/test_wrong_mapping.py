"""A path mapping that is wrong by one level, from the first refresh to the mended file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.household import Household
from tests.world import KEY, Shelf
from trailarrd.testing import RADARR, SONARR, Hub, SimulatedArr, SimulatedLibrary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.cli.conftest import CommandLine

MOVIES, SERIES = 6, 2


def shelf(library: SimulatedLibrary, folder: Path) -> Shelf:
    """Of all of its items the server has the files, and the folders show them."""
    shelf = Shelf(SimulatedArr(library, api_key=KEY, hub=Hub()), folder)
    for arr_id in library.ids:
        library.set_file(arr_id, has_file=True)
        library.edit(arr_id, monitored=True)
        shelf.lay(arr_id)
    return shelf


@pytest.fixture
async def household(tmp_path: Path) -> AsyncIterator[Household]:
    """The movies are mapped to the folder above them, the series to theirs."""
    shelves = {
        "movies": shelf(SimulatedLibrary(RADARR, size=MOVIES, seed=1), tmp_path / "media" / "films"),
        "series": shelf(SimulatedLibrary(SONARR, size=SERIES, seed=1), tmp_path / "media" / "shows"),
    }
    shelves["movies"].put(2, "Trailers/Official.mkv")
    shelves["movies"].library.set_file(MOVIES, has_file=False)
    household = Household(tmp_path, shelves)
    async with household.movies.server, household.series.server:
        household.write_config()
        text = household.config.read_text()
        household.config.write_text(text.replace(f'"{household.movies.folder}"', f'"{tmp_path}/media"'))
        yield household


async def test_nothing_is_wanted_and_everybody_says_what_is_wrong_until_it_is_mended(
    trailarrd: CommandLine, household: Household
) -> None:
    films = household.movies.folder
    wrong = (
        f"{films.parent}: 5 of 5 items' folders do not show the files that the server has: the folders are "
        f"not where the path mapping says; this one fits: {{remote: /movies, local: {films}}}"
    )
    done = await trailarrd("refresh")
    assert (done.code, f"movies: {wrong}" in done.err) == (1, True)
    foreseen = await trailarrd("refresh", "--dry-run")
    assert (foreseen.code, f"  ! {wrong}\n" in foreseen.out) == (1, True)
    status = await trailarrd("status")
    assert (status.code, f"root-elsewhere: movies: {wrong}\n" in status.out) == (1, True)
    assert f"movies: {wrong}\n" in (await trailarrd("connections")).out
    (other,) = [one for one in (await trailarrd("media", "--json")).lines if one["has_file"] is False]
    explained = (await trailarrd("explain", str(other["id"]))).out
    assert ("absent" in explained, "unknown, as the last refresh left it" in explained) == (False, True)
    wanted = (await trailarrd("media", "--wants-trailer", "--json")).lines
    assert {item["connection"] for item in wanted} == {"series"}
    found = {line["code"]: line for line in (await trailarrd("check", "--offline", "--json")).lines}
    assert found["files-elsewhere"]["fact"] == wrong.replace(":", ", at the last refresh:", 1)
    assert (
        found["files-elsewhere"]["paste"]
        == f"    path_mappings:\n      - {{remote: /movies, local: {films}}}"
    )

    household.write_config()
    done = await trailarrd("refresh", "--json")
    assert (done.code, [one["contradicted"] for one in done.document["refreshes"]]) == (0, [0, 0])
    assert (await trailarrd("status")).code == 0
    items = (await trailarrd("media", "--connection", "movies", "--json")).lines
    assert sorted(item["trailer"] for item in items) == ["absent"] * 5 + ["present"]
    assert len((await trailarrd("media", "--wants-trailer", "--json")).lines) == 4 + SERIES


async def test_one_item_is_only_counted_and_explained(trailarrd: CommandLine, household: Household) -> None:
    household.write_config()
    own = household.movies.place(1) / str(household.movies.library.own_file(1))
    own.rename(own.with_suffix(".mp4"))
    done = await trailarrd("refresh", "movies")
    assert (done.code, "movies: 1 folder without the file that the server has" in done.err) == (0, True)
    assert (await trailarrd("status")).code == 0
    (movies,) = [
        one for one in (await trailarrd("connections", "--json")).lines if one["connection"] == "movies"
    ]
    assert (movies["contradicted"], movies["roots"][0]["contradicted"], movies["state"]) == (1, 1, "ok")
    (item,) = [one for one in (await trailarrd("media", "--json")).lines if one["contradicted"]]
    explained = (await trailarrd("explain", str(item["id"]))).out
    assert "radarr has a file of it that its folder does not show, so the folder proves nothing" in explained
    assert "row 6, contradicted:" in explained
    assert "its folder shows the file that its server has, or its server has none any more" in explained
    found = [line["code"] for line in (await trailarrd("check", "--offline", "--json")).lines]
    assert "files-missing" in found
