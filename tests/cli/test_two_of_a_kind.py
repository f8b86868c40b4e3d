"""Several servers of one application: told apart by name, and none removes what is another's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.world import shelf_of_three
from trailarrd.testing import RADARR

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household


async def stored(trailarrd: CommandLine) -> set[tuple[str, str, bool]]:
    """Connection, title and whether it is monitored, of every item."""
    items = (await trailarrd("media", "--json")).lines
    return {(item["connection"], item["title"], item["monitored"]) for item in items}


async def test_the_same_movie_in_hd_and_uhd_is_two_items(
    household: Household, trailarrd: CommandLine
) -> None:
    uhd = shelf_of_three(RADARR, household.home / "films-uhd")
    household.shelves["uhd"] = uhd
    household.modes = {"movies": "missing", "uhd": "none"}
    async with uhd.server:
        household.write_config()
        assert (await trailarrd("refresh")).code == 0
        uhd.library.delete(1, 2)
        household.movies.library.delete(3)
        assert (await trailarrd("refresh")).code == 0
    assert await stored(trailarrd) == {
        ("movies", "Alpha", True),
        ("movies", "Beta", True),
        ("uhd", "Gamma", False),
    }


async def test_two_connections_to_one_server_are_two_connections(
    household: Household, trailarrd: CommandLine
) -> None:
    household.shelves["again"] = household.movies
    household.modes = {"movies": "missing", "again": "none"}
    household.write_config()
    done = await trailarrd("refresh", "--json")
    assert [(one["connection"], one["added"]) for one in done.document["refreshes"]] == [
        ("movies", 3),
        ("again", 3),
    ]
    assert len(await stored(trailarrd)) == 6
