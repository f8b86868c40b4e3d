"""The first start where nobody is at hand, as in a container: what is missing is made, or waited for."""

import asyncio
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import structlog

from trailarrd.concurrency import in_thread
from trailarrd.config.diagnostic import InvalidConfigError
from trailarrd.config.model import HttpSettings, from_environment
from trailarrd.config.scaffold import write_blank
from trailarrd.daemon.watch import EVERY, ConfigWatch
from trailarrd.domain.apikey import digest_of, new_token
from trailarrd.errors import ConfigError, DatabaseError
from trailarrd.runtime.runtime import utc_now
from trailarrd.store.credentials import ApiKey
from trailarrd.store.engine import file_of, parse_url
from trailarrd.store.store import Store
from trailarrd.web.server import listen, serving
from trailarrd.web.waiting import waiting_application

T = TypeVar("T")

log = structlog.get_logger()

_KEY_NAME: Final = "first"


def offer_config(path: Path) -> None:
    """Write a configuration to be filled in if there is none, and say so in the log."""
    if write_blank(path):
        log.info("config.offered", file=str(path))


async def usable(load: Callable[[], T], path: Path, environ: Mapping[str, str], *, every: float = EVERY) -> T:
    """What `load` returns, as soon as it raises no `ConfigError` any more; each mistake is told once.

    Meanwhile the port is open, for whoever asks whether we live. Raises `ListenError` if it cannot be had.
    """
    try:
        return await in_thread(load, "config")
    except ConfigError as error:
        mistakes = error
    settings = from_environment(HttpSettings, "http", environ)
    async with serving(waiting_application(settings.base_path), listen(settings.host, settings.port)):
        return await _mended(load, mistakes, path, every)


async def _mended(load: Callable[[], T], mistakes: ConfigError, path: Path, every: float) -> T:
    changed, told = asyncio.Event(), ""
    watch = ConfigWatch(lambda: {path, *_sources(mistakes)}, changed.set, every=every)
    watching = asyncio.create_task(watch.run())
    try:
        while True:
            if str(mistakes) != told:
                told = str(mistakes)
                log.error("config.awaited", file=str(path), error=told)
            await changed.wait()
            changed.clear()
            try:
                return await in_thread(load, "config")
            except ConfigError as error:
                mistakes = error
    finally:
        watching.cancel()


def _sources(error: ConfigError) -> frozenset[Path]:
    return error.sources if isinstance(error, InvalidConfigError) else frozenset()


async def make_key(database_url: str) -> None:
    """Make an API key for a database that never had one, into the file `api-key` beside it.

    A database without keys whose file is there is somebody's decision.

    Raises:
        DatabaseError: the database cannot be used, or the key not be written.
    """
    if (database := file_of(parse_url(database_url))) is None:
        return
    file = database.with_name("api-key")
    async with Store.open(database_url) as store:
        if not await store.api_keys() and not file.exists():
            await _make_key(store, file)


async def _make_key(store: Store, file: Path) -> None:
    token = new_token()
    try:
        await asyncio.to_thread(partial(_write_key, file, token))
    except OSError as error:
        raise DatabaseError(f"{file} cannot be written: {error.strerror}") from error
    await store.add_api_key(ApiKey(_KEY_NAME, digest_of(token), may_write=True, created_at=utc_now()))
    log.info("apikey.made", name=_KEY_NAME, file=str(file))


def _write_key(file: Path, token: str) -> None:
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:  # noqa: PTH123  # it is open already
        opened.write(f"{token}\n")
