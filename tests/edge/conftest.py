"""What the edge cases play with: worlds, households and processes from the rooms next door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.conftest import _logging_as_before, trailarrd
from tests.e2e.conftest import household, run, start
from tests.refresh.conftest import dialect, world
from tests.web.conftest import client, home, stage
from tests.web.hooks import token

if TYPE_CHECKING:
    from tests.refresh.conftest import World

__all__ = [
    "_logging_as_before",
    "client",
    "dialect",
    "grow",
    "home",
    "household",
    "rows_by_title",
    "run",
    "stage",
    "start",
    "states",
    "token",
    "trailarrd",
    "world",
]


def grow(world: World, size: int) -> None:
    """Let the server list so many items; only the first three have a folder."""
    library = world.shelf.library
    for number in range(len(library) + 1, size + 1):
        library.add(title=f"Item {number}", year=1900 + number % 100)


async def states(world: World) -> dict[int, str]:
    """Each item's trailer state as it is known, by arr id."""
    return {arr_id: trailer.value for arr_id, trailer in (await world.each("trailer")).items()}


async def rows_by_title(world: World) -> dict[str, int]:
    """Which row each item has."""
    return {row.title: row.id for row in (await world.rows()).values()}
