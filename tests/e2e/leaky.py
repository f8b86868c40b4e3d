"""A plugin that tells the API key to everybody, in the way that the end of its `url` says."""

from __future__ import annotations

import asyncio
import base64
import gc
import logging
import threading
import warnings
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote

from trailarrd.plugin import (
    BrokenRecord,
    Media,
    MediaKind,
    Provider,
    ProviderRejectedError,
    ProviderResponseError,
    ProviderUnavailableError,
    SystemStatus,
    hookimpl,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Sequence

    from aiohttp import ClientSession

    from trailarrd.plugin import ArrServer, RemotePath


class FatalError(BaseException):
    """What nobody may catch."""


class Noisy:
    """Has something to say at its end."""

    def __init__(self, words: str) -> None:
        self.words = words

    def __del__(self) -> None:
        raise RuntimeError(self.words)


class LeakyApiManager:
    """One way to tell the key is one method here."""

    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        self.key, self.mode = server.api_key.reveal(), server.url.rsplit("/", 1)[1]
        encoded = base64.b64encode(self.key.encode()).decode()
        self.words = f"{self.key} {quote(self.key, safe='')} {encoded} {[self.key]!r} {server!r}"
        if self.mode == "constructor":
            raise RuntimeError(self.words)

    async def system_status(self) -> SystemStatus:
        getattr(self, f"do_{self.mode}", lambda: None)()
        await asyncio.sleep(0.05)
        gc.collect()
        return SystemStatus(app_name="Leaky", version="1")

    def do_bug(self) -> NoReturn:
        raise RuntimeError(self.words)

    def do_repr(self) -> NoReturn:
        raise KeyError({self.key: [self.words]})

    def do_chain(self) -> NoReturn:
        try:
            self.do_bug()
        except RuntimeError as error:
            error.add_note(self.words)
            raise TypeError(self.key) from error

    def do_group(self) -> NoReturn:
        raise ExceptionGroup(self.words, [ValueError(self.words), KeyError(self.key)])

    def do_syntax(self) -> None:
        compile(self.words + " (", self.words, "exec")

    def do_unavailable(self) -> NoReturn:
        raise ProviderUnavailableError(self.words, retry_after=0)

    def do_rejected(self) -> NoReturn:
        raise ProviderRejectedError(self.words)

    def do_response(self) -> NoReturn:
        raise ProviderResponseError(self.words)

    def do_warning(self) -> None:
        warnings.warn(self.words, stacklevel=1)

    def do_log(self) -> None:
        log = logging.getLogger("leaky")
        for level in (logging.DEBUG, logging.INFO, logging.ERROR):
            log.log(level, "%s %r", self.words, {self.key: self.words})

    def do_task(self) -> None:
        async def fail() -> None:
            self.do_bug()

        asyncio.get_running_loop().create_task(fail(), name=self.words)

    def do_callback(self) -> None:
        def fail(_words: str) -> None:
            self.do_bug()

        asyncio.get_running_loop().call_soon(fail, self.words)

    def do_thread(self) -> None:
        threading.Thread(target=self.do_bug, name=self.words).start()

    def do_unraisable(self) -> None:
        Noisy(self.words)

    def do_fatal(self) -> NoReturn:
        raise FatalError(self.words)

    async def root_folders(self) -> Sequence[RemotePath]:
        return []

    async def all_media(self) -> AsyncGenerator[Sequence[str | BrokenRecord], None]:
        if self.mode == "list":
            self.do_bug()
        yield [BrokenRecord(position=0, arr_id=None, reason=self.words), self.words]

    async def media(self, arr_id: int) -> str | None:
        return None


def parse(record: str) -> Media:
    """Understands nothing, and repeats it."""
    raise KeyError(record)


@hookimpl
def trailarrd_providers() -> Iterator[Provider[str]]:
    yield Provider(name="leaky", media_kind=MediaKind("leak"), api_manager=LeakyApiManager, parser=parse)
