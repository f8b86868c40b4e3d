"""The four things that the core asks an API manager for, and how it ends when they are asked."""

import traceback
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from trailarrd.plugin import ApiManager, ProviderError
from trailarrd.testing.asked import Phase


@dataclass(frozen=True, slots=True)
class Call:
    """One of them, as the author knows it."""

    name: str
    phase: Phase
    """What the simulated server calls its request."""
    ask: Callable[[ApiManager[Any]], Awaitable[Any]]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one call ended: with a value, or with an error."""

    value: object = None
    error: Exception | None = None

    def __str__(self) -> str:
        if self.error is not None:
            return f"raised {told(self.error)}"
        if isinstance(self.value, list) and len(self.value) > 1:
            return f"returned {len(self.value)} records"
        return f"returned {str(self.value)[:100]}"


def told(error: Exception) -> str:
    """What an error says, and where it comes from if it is none that the contract allows."""
    said = f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, ProviderError) or not frames:
        return said
    return f"{said} ({Path(frames[-1].filename).name}, line {frames[-1].lineno}, in {frames[-1].name})"


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
