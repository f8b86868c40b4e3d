"""Whether a file of the configuration has changed: looked at now and then, in a thread of its own.

The kernel's own notices would be quicker, but there are none for what another host does on a network
share, nor for what a container has mounted. Looking works everywhere, and costs a few `stat`s.
"""

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from trailarrd.concurrency import in_thread
from trailarrd.config.signs import Sign, sign_of

EVERY: Final = 2.0
"""Seconds between two looks; also how long a file must be left alone before it is read."""


class ConfigWatch:
    """Calls `changed` when the files have changed and then been left alone for one look."""

    def __init__(
        self,
        sources: Callable[[], Iterable[Path]],
        changed: Callable[[], None],
        *,
        every: float = EVERY,
        stat: Callable[[Path], os.stat_result] = os.stat,
    ) -> None:
        self._sources = sources
        self._changed = changed
        self._every = every
        self._stat = stat

    async def run(self) -> None:
        """Look until cancelled; `changed` right away, as something may have since it was read."""
        known = seen = await self._look()
        self._changed()
        while True:
            await asyncio.sleep(self._every)
            before, seen = seen, await self._look()
            if seen == before and _news(known, seen):
                self._changed()
                known = seen

    async def _look(self) -> dict[Path, Sign]:
        files = tuple(self._sources())
        return await in_thread(lambda: {file: sign_of(file, self._stat) for file in files}, "config watch")


def _news(known: Mapping[Path, Sign], seen: Mapping[Path, Sign]) -> bool:
    """Whether a file is not what it was; one that is new among them may have changed unseen."""
    return any(file not in known or known[file] != sign for file, sign in seen.items())
