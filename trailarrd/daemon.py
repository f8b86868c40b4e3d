"""The only place where the parts are put together: started in order, stopped in reverse."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import structlog

from trailarrd import __version__
from trailarrd.doctor import Patient, examine, log_findings
from trailarrd.house import House, open_house, utc_now
from trailarrd.plugin.discovery import PluginStatus
from trailarrd.poller import Poller
from trailarrd.supervisor import Service, Supervisor, at_once

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from trailarrd.config import Settings
    from trailarrd.plugin.discovery import PluginRecord
    from trailarrd.plugin.provider import Provider
    from trailarrd.store import Store

log = structlog.get_logger()


class Daemon:
    """Everything that runs: a poller for each connection, and the services beside them."""

    def __init__(self, house: House, supervisor: Supervisor) -> None:
        self.house = house
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
            Service(name="doctor", run=at_once(self._examine), basis=self.settings),
        ]

    def _poller(self, name: str) -> Service:
        poller = self.pollers.setdefault(name, Poller(self.house.desks[name]))
        return Service(name=f"poller {name}", run=at_once(poller.run), retire=poller.retire)

    async def _examine(self) -> None:
        """Once at the start and after each reload; what is found is logged and stops nobody."""
        patient = Patient(
            providers=self.house.providers,
            settings=self.settings,
            database=self.settings.database.url,
            sparing=True,
        )
        await log_findings(examine(patient, now=utc_now()))

    @property
    def _retention(self) -> tuple[object, ...]:
        return self.settings.removed_grace, self.settings.history_retention


@asynccontextmanager
async def start_daemon(settings: Settings, providers: Mapping[str, Provider[Any]]) -> AsyncIterator[Daemon]:
    """A daemon that runs; on leaving, everything is stopped again.

    Raises:
        DatabaseError: the database cannot be opened, or has a daemon already.
        ProviderError: a connection's settings cannot be used (its `ca_file`).
    """
    async with open_house(settings, providers, as_daemon=True) as house, Supervisor() as supervisor:
        daemon = Daemon(house, supervisor)
        for service in daemon.services():
            await supervisor.start(service)
        yield daemon


async def run(
    settings: Settings, providers: Mapping[str, Provider[Any]], plugins: Iterable[PluginRecord]
) -> None:
    """Keep the database true until SIGTERM or SIGINT.

    Raises the same as `start_daemon`.
    """
    stop = _stop_on_signals()
    log.info("daemon.starting", version=__version__, config=str(settings.path))
    for plugin in plugins:
        _tell_of_plugin(plugin)
    async with start_daemon(settings, providers) as daemon:
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
