"""The only place where the parts are put together: opened in order, closed in reverse."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from trailarrd import __version__
from trailarrd.disk.roots import Roots
from trailarrd.disk.view import DiskView
from trailarrd.domain.secret import Redactor
from trailarrd.housekeeper import Housekeeper
from trailarrd.plugin.failed import make_api_manager
from trailarrd.plugin.session import open_session
from trailarrd.poller import Poller
from trailarrd.refresh import Refresher
from trailarrd.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from trailarrd.config import ConnectionSettings, Settings
    from trailarrd.plugin.discovery import PluginRecord
    from trailarrd.plugin.provider import Provider

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class House:
    """Everything that is open while trailarrd works."""

    store: Store
    refreshers: Mapping[str, Refresher]
    """By connection name, in the order of trailarrd.yaml."""
    housekeeper: Housekeeper


def utc_now() -> datetime:
    """The clock that everything below is given."""
    return datetime.now(UTC)


def redactor_of(settings: Settings) -> Redactor:
    """Knows every secret of the configuration."""
    return Redactor(settings.secrets)


@asynccontextmanager
async def open_house(
    settings: Settings,
    providers: Mapping[str, Provider[Any]],
    *,
    roots: Roots | None = None,
    as_daemon: bool = False,
) -> AsyncIterator[House]:
    """The store and a refresher for each connection; all closed again on leaving.

    `roots` is the disk, if it shall be another than this host's; `as_daemon` lets nobody else be one.

    Raises:
        DatabaseError: the database cannot be opened, or has a daemon already.
        ProviderError: a connection's settings cannot be used (its `ca_file`).
    """
    disk = partial(DiskView, roots or Roots(deadline=settings.disk.timeout.total_seconds()))
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(
            Store.open(settings.database.url, backups=settings.database.backups)
        )
        if as_daemon:
            await stack.enter_async_context(store.daemon_lock())
        await store.register(
            [(c.name, c.provider, providers[c.provider].media_kind) for c in settings.connections]
        )
        refreshers = {
            connection.name: await _refresher(stack, settings, connection, providers, store, disk)
            for connection in settings.connections
        }
        yield House(store, refreshers, _housekeeper(settings, store))


def _housekeeper(settings: Settings, store: Store) -> Housekeeper:
    return Housekeeper(
        store=store,
        removed_grace=settings.removed_grace,
        history_retention=settings.history_retention,
        clock=utc_now,
    )


async def _refresher(
    stack: AsyncExitStack,
    settings: Settings,
    connection: ConnectionSettings,
    providers: Mapping[str, Provider[Any]],
    store: Store,
    disk: partial[DiskView],
) -> Refresher:
    server = connection.arr_server()
    session = await stack.enter_async_context(open_session(server))
    provider = providers[connection.provider]
    return Refresher(
        connection=connection.connection(),
        provider=provider,
        api=make_api_manager(provider, session, server),
        store=store,
        disk=partial(disk, trailers=provider.trailers),
        redactor=redactor_of(settings),
        clock=utc_now,
        guard=settings.removal_guard.guard(),
    )


async def run(
    settings: Settings, providers: Mapping[str, Provider[Any]], plugins: Iterable[PluginRecord]
) -> None:
    """Keep the database true until SIGTERM or SIGINT.

    Raises:
        DatabaseError: the database cannot be opened, or has a daemon already.
    """
    stop = _stop_on_signals()
    log.info("daemon.starting", version=__version__, config=str(settings.path))
    for plugin in plugins:
        if plugin.reason:
            log.error("plugin.not_loaded", plugin=plugin.name, reason=plugin.reason)
    async with open_house(settings, providers, as_daemon=True) as house:
        log.info("daemon.ready", connections=len(house.refreshers), database=house.store.name)
        await _poll_until(stop, house)
        log.info("daemon.stopping")
    log.info("daemon.stopped")


async def _poll_until(stop: asyncio.Event, house: House) -> None:
    """A poller per connection; a refresh in flight is dropped at the stop, a transaction is finished."""
    async with asyncio.TaskGroup() as group:
        pollers = [
            group.create_task(Poller(refresher).run(), name=f"poller-{name}")
            for name, refresher in house.refreshers.items()
        ]
        pollers.append(group.create_task(house.housekeeper.run(), name="housekeeper"))
        await stop.wait()
        for poller in pollers:
            poller.cancel()


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
