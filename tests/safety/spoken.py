"""Items of which the user has spoken, and how to tell each of them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.refresh.conftest import World


async def by_title(world: World) -> dict[str, tuple[int, bool | None]]:
    """Row and word of each item."""
    return {row.title: (row.id, row.intent) for row in (await world.rows()).values()}


async def story(world: World, media_id: int) -> list[str]:
    """What happened to one row, in that order."""
    events = await world.store.history(media_id=media_id)
    return [row.event.value for row in reversed(events)]


def identity(world: World, value: object) -> dict[str, Any]:
    """The field by which the server itself tells items apart."""
    return {world.shelf.library.dialect.identity: value}


def renumber(world: World, arr_id: int, new_id: int) -> None:
    """The server gives an item an id that it gives to nobody else just now."""
    record = world.shelf.library.record(arr_id)
    world.shelf.library.delete(arr_id)
    world.shelf.library.replace(new_id, {**record, "id": new_id})
