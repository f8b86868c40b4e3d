"""A first start that is set up in a browser: when there is one, and how it ends in a daemon."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog

from trailarrd.concurrency import in_thread
from trailarrd.config.location import PREFIX, default_database_url
from trailarrd.config.model import HttpSettings, from_environment
from trailarrd.config.scaffold import is_blank
from trailarrd.daemon.watch import EVERY, ConfigWatch
from trailarrd.doctor import ServerDetector
from trailarrd.errors import ConfigError, DatabaseError
from trailarrd.runtime.runtime import utc_now
from trailarrd.store.engine import file_of, parse_url
from trailarrd.store.store import Store
from trailarrd.web.server import address_of, listen, serving
from trailarrd.web.setup.application import setup_application
from trailarrd.web.setup.setup import Setup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from trailarrd.plugin.provider import Provider
    from trailarrd.systemd import ListeningSocket

T = TypeVar("T")

log = structlog.get_logger()

_CONNECTIONS: Final = f"{PREFIX}CONNECTIONS__"


async def new_database(path: Path, environ: Mapping[str, str]) -> str | None:
    """Where the database of a first start will be; None if this is none.

    It is none if there is a configuration, also in the environment, or a database that knows a connection.
    What an earlier first start has written to be filled in is no configuration as long as nobody has, and
    the database that it made for a key knows none.
    """
    has_connections = any(name.upper().startswith(_CONNECTIONS) for name in environ)
    if has_connections or not await asyncio.to_thread(_is_free, path):
        return None
    url = environ.get(f"{PREFIX}DATABASE__URL") or default_database_url(environ, path)
    file = file_of(parse_url(url)) if url else None
    if url is None or file is None:
        return None
    if await asyncio.to_thread(file.exists):
        try:
            async with Store.open(url) as store:
                return None if await store.connections() else url
        except DatabaseError:  # whatever it is, it is somebody's
            return None
    return url


def _is_free(path: Path) -> bool:
    return is_blank(path) or not path.exists()


async def set_up(
    load: Callable[[], T],
    path: Path,
    database: str,
    environ: Mapping[str, str],
    providers: Mapping[str, Provider[Any]],
    *,
    every: float = EVERY,
) -> tuple[T, ListeningSocket]:
    """What `load` returns once a browser, or somebody by hand, has written a configuration that it takes.

    Also the socket at which that was asked for: what comes meanwhile waits there for the daemon. Raises
    `ListenError` if it cannot be had.
    """
    settings = from_environment(HttpSettings, "http", environ)
    setup = Setup(ServerDetector(providers, environ.get("HOME")), path, database, utc_now)
    opened = listen(settings.host, settings.port)
    try:
        log.warning("setup.begun", address=address_of(opened), base_path=settings.base_path or "/")
        async with serving(setup_application(setup, settings), opened.dup()):
            return await _written(load, setup, every), opened
    except BaseException:
        opened.close()
        raise


async def _written(load: Callable[[], T], setup: Setup, every: float) -> T:
    changed = asyncio.Event()
    watch = ConfigWatch(lambda: {setup.path}, changed.set, every=every)
    watching = asyncio.create_task(watch.run())
    try:
        while True:
            _, pending = await asyncio.wait(
                [asyncio.ensure_future(one.wait()) for one in (changed, setup.ended)],
                return_when=asyncio.FIRST_COMPLETED,
            )
            for one in pending:
                one.cancel()
            changed.clear()
            async with setup.turn:
                try:
                    return await in_thread(load, "config")
                except ConfigError as error:
                    if not await asyncio.to_thread(_is_free, setup.path):
                        log.error("config.awaited", file=str(setup.path), error=str(error))
            setup.ended.clear()
    finally:
        watching.cancel()
