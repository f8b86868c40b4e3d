"""What was said so far of a first configuration, and how it becomes one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from trailarrd.config.scaffold import NewConnection, address, text_of, write_config
from trailarrd.doctor import Introduction, ServerDetector, introduce
from trailarrd.domain.apikey import digest_of, new_token
from trailarrd.domain.connection import ArrServer, BasicLogin
from trailarrd.domain.secret import Secret
from trailarrd.errors import ConfigError
from trailarrd.store.credentials import ApiKey
from trailarrd.store.store import Store
from trailarrd.web.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from trailarrd.domain.monitoring import MonitorMode


class Choice(NamedTuple):
    """What is said of one server that is known."""

    mode: MonitorMode
    is_choosy: bool
    takes_mappings: bool


class Written(NamedTuple):
    """The configuration is there, and whoever wrote it is let in."""

    files: Sequence[Path]
    key: Secret
    session: Secret


class Setup:
    """One for all browsers: whoever has the code goes on where the last one was."""

    def __init__(
        self, detector: ServerDetector, path: Path, database: str, clock: Callable[[], datetime]
    ) -> None:
        self.path = path
        self.known: list[Introduction] = []
        self.ended = asyncio.Event()
        """The configuration is written."""
        self._detector = detector
        self._database = database
        self._clock = clock
        self.turn = asyncio.Lock()
        """Held by whoever adds to it or writes it down, until that is whole."""

    @property
    def connections(self) -> list[NewConnection]:
        return [one.connection for one in self.known]

    async def meet(self, url: str, key: str, user: str, password: str) -> None:
        """Get to know one more server; raises `ConfigError` as `introduce` does."""
        basic = BasicLogin(user=Secret(user), password=Secret(password)) if user else None
        server = ArrServer(url=address(url), api_key=Secret(key), basic=basic)
        async with self.turn:
            if server.url in {one.url for one in self.connections}:
                raise ConfigError(f"{server.url} is known already")
            self.known.append(await introduce(self._detector, server, self.connections))

    def forget(self, name: str) -> None:
        self.known = [one for one in self.known if one.connection.name != name]

    def chosen(self, choices: Mapping[str, Choice]) -> list[NewConnection]:
        """The connections as they are to be written."""
        return [_chosen(one, choices[one.name]) for one in self.connections if one.name in choices]

    def text(self, connections: Sequence[NewConnection]) -> str:
        """The file as it would be, for who has to write it himself."""
        return text_of(connections)

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


def _chosen(one: NewConnection, choice: Choice) -> NewConnection:
    mappings = one.mappings if choice.takes_mappings else ()
    return replace(one, mode=choice.mode, is_choosy=choice.is_choosy, mappings=mappings)
