"""The only place where the parts are put together: started in order, stopped in reverse."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from trailarrd import __version__
from trailarrd.house import House, open_house, utc_now
from trailarrd.intercom import socket_of
from trailarrd.plugin.discovery import PluginStatus
from trailarrd.poller import Poller
from trailarrd.supervisor import Service, Supervisor, at_once
from trailarrd.web.server import serve_commands, serve_network
from trailarrd.web.services import Services

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    from trailarrd.config import Settings
    from trailarrd.plugin.discovery import PluginRecord
    from trailarrd.plugin.provider import Provider
    from trailarrd.store import Store

log = structlog.get_logger()


class Daemon:
    """Everything that runs: a poller for each connection, and the services beside them."""

    def __init__(self, house: House, supervisor: Supervisor, plugins: Sequence[PluginRecord] = ()) -> None:
        self.house = house
        self.plugins = plugins
        self.supervisor = supervisor
        self.pollers: dict[str, Poller] = {}
        """By connection name, in the order of trailarrd.yaml."""

    @property
    def settings(self) -> Settings:
        """What it goes by now."""
        return self.house.settings

    @property
    def store(self) -> Store:
        """The database."""
        return self.house.store

    def services(self) -> list[Service]:
        """All that runs, in the order of its start: a line for each."""
        return [
            *(self._poller(name) for name in self.house.desks),
            Service(name="housekeeper", run=at_once(self.house.housekeeper.run), basis=self._retention),
            *self._web(),
        ]

    def _web(self) -> Iterator[Service]:
        """What answers over HTTP: on the network, and for this host's commands."""
        services, settings = self.asked(), self.settings.http
        if path := socket_of(self.settings.database.url):
            yield Service(name="intercom", run=partial(serve_commands, services, path), essential=True)
        if settings.enabled:
            serve = partial(serve_network, services, settings)
            yield Service(name="http", run=serve, essential=True, basis=settings)

    def asked(self) -> Services:
        """All that may be asked over HTTP."""
        return Services(store=self.store, pollers=self.pollers, plugins=self.plugins, clock=utc_now)

    def _poller(self, name: str) -> Service:
        poller = self.pollers.setdefault(name, Poller(self.house.desks[name]))
        return Service(name=f"poller {name}", run=at_once(poller.run), retire=poller.retire)

    @property
    def _retention(self) -> tuple[object, ...]:
        return self.settings.removed_grace, self.settings.history_retention


@asynccontextmanager
async def start_daemon(
    settings: Settings, providers: Mapping[str, Provider[Any]], plugins: Sequence[PluginRecord] = ()
) -> AsyncIterator[Daemon]:
    """A daemon that runs; on leaving, everything is stopped again.

    Raises:
        DatabaseError: the database cannot be opened, or has a daemon already.
        ListenError: there is no address to be asked on.
        ProviderError: a connection's settings cannot be used (its `ca_file`).
    """
    async with open_house(settings, providers, as_daemon=True) as house, Supervisor() as supervisor:
        daemon = Daemon(house, supervisor, plugins)
        for service in daemon.services():
            await supervisor.start(service)
        yield daemon


async def run(
    settings: Settings, providers: Mapping[str, Provider[Any]], plugins: Sequence[PluginRecord]
) -> None:
    """Keep the database true until SIGTERM or SIGINT.

    Raises the same as `start_daemon`.
    """
    stop = _stop_on_signals()
    log.info("daemon.starting", version=__version__, config=str(settings.path))
    for plugin in plugins:
        _tell_of_plugin(plugin)
    async with start_daemon(settings, providers, plugins) as daemon:
        log.info("daemon.ready", connections=len(daemon.pollers), database=daemon.store.name)
        await stop.wait()
        log.info("daemon.stopping")
    log.info("daemon.stopped")


def _tell_of_plugin(plugin: PluginRecord) -> None:
    """One line for each that is not simply loaded; its connections tell of it again, each for itself."""
    if plugin.status is PluginStatus.LOADED:
        return
    facts = {"plugin": plugin.name, "distribution": plugin.distribution, "reason": plugin.reason}
    match plugin.status:
        case PluginStatus.SLOW:
            log.warning("plugin.slow", **facts)
        case PluginStatus.DISABLED:
            log.info("plugin.disabled", **facts)
        case _:
            log.error("plugin.not_loaded", status=plugin.status.value, **facts)


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
