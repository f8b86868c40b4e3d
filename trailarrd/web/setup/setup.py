"""How what was said of a first configuration becomes one."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import NamedTuple

from trailarrd.config.annotated import NewConnection
from trailarrd.config.scaffold import write_config
from trailarrd.doctor import ServerDetector
from trailarrd.domain.apikey import digest_of, new_token
from trailarrd.domain.secret import Secret
from trailarrd.store.credentials import ApiKey
from trailarrd.store.store import Store
from trailarrd.web.sessions import Sessions
from trailarrd.web.setup.introductions import Introductions


class Written(NamedTuple):
    """The configuration is there, and whoever wrote it is let in."""

    files: Sequence[Path]
    key: Secret
    session: Secret


class Setup:
    """One for all browsers that have the code."""

    def __init__(
        self, detector: ServerDetector, path: Path, database: str, clock: Callable[[], datetime]
    ) -> None:
        self.path = path
        self.servers = Introductions(detector)
        self.ended = asyncio.Event()
        """The configuration is written."""
        self._database = database
        self._clock = clock

    @property
    def turn(self) -> asyncio.Lock:
        """Held until what is written is whole."""
        return self.servers.turn

    async def write(self, connections: Sequence[NewConnection], browser: str) -> Written:
        """Write it down, and let this browser in with a first key; never over what is there.

        Raises:
            ConfigError: it cannot be written; nothing is left of it.
            DatabaseError: it is written, and the database cannot be made.
        """
        async with self.turn:
            files = await asyncio.to_thread(write_config, self.path, connections)
            try:
                return Written(files, *await self._let_in(browser))
            finally:
                self.ended.set()

    async def _let_in(self, browser: str) -> tuple[Secret, Secret]:
        """A first API key, and a session that is opened with it."""
        token = new_token()
        async with Store.open(self._database) as store:
            taken = {key.name for key in await store.api_keys()}
            name = next(one for one in map(_key_name, count(1)) if one not in taken)
            await store.add_api_key(ApiKey(name, digest_of(token), may_write=True, created_at=self._clock()))
            return Secret(token), Secret(await Sessions(store, self._clock).open(digest_of(token), browser))


def _key_name(number: int) -> str:
    return "first" if number == 1 else f"first-{number}"
