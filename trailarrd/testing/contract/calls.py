"""The four things that the core asks an API manager for."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from trailarrd.testing.asked import Phase

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from trailarrd.plugin import ApiManager


@dataclass(frozen=True, slots=True)
class Call:
    """One of them, as the author knows it."""

    name: str
    phase: Phase
    """What the simulated server calls its request."""
    ask: Callable[[ApiManager[Any]], Awaitable[Any]]

    def __str__(self) -> str:
        return self.name


async def whole_library(api: ApiManager[Any]) -> list[Any]:
    """Every record, in the order in which they came."""
    async with aclosing(api.all_media()) as batches:
        return [record async for batch in batches for record in batch]


def item(arr_id: int) -> Call:
    """The question for one item."""
    return Call(f"media({arr_id})", Phase.ITEM, lambda api: api.media(arr_id))


STATUS: Final = Call("system_status()", Phase.STATUS, lambda api: api.system_status())
ROOTS: Final = Call("root_folders()", Phase.ROOT_FOLDERS, lambda api: api.root_folders())
LIBRARY: Final = Call("all_media()", Phase.LIST, whole_library)
ITEM: Final = item(1)

CALLS: Final = (STATUS, ROOTS, LIBRARY, ITEM)
