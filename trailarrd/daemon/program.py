"""The daemon as a program: from the first signal that it hears to its last line in the log."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog

from trailarrd import __version__
from trailarrd.config import Settings
from trailarrd.daemon.daemon import start_daemon
from trailarrd.daemon.signals import SighupHandler, end_by_force
from trailarrd.discovery.record import PluginRecord, PluginStatus
from trailarrd.domain.secret import Redactor
from trailarrd.log import LogMemory, set_up
from trailarrd.plugin.provider import Provider
from trailarrd.runtime.memory import freeze_startup_objects
from trailarrd.schedule import zone_of
from trailarrd.systemd import ListeningSocket, ServiceManager

log = structlog.get_logger()


async def run(
    settings: Settings,
    providers: Mapping[str, Provider[Any]],
    plugins: Sequence[PluginRecord],
    sighup: SighupHandler | None = None,
    inherited: ListeningSocket | None = None,
) -> None:
    """Keep the database true until SIGTERM or SIGINT; `sighup` tells it of SIGHUP.

    `inherited` is a socket that listens at `http.listen` already.

    Raises the same as `start_daemon`.
    """
    loop = asyncio.get_running_loop()
    stop = _stop_on_signals(loop)
    sighup = sighup or SighupHandler()
    memory = LogMemory()
    start_logging = partial(_start_logging, memory)
    start_logging(settings, Redactor(settings.secrets))
    log.info("daemon.starting", version=__version__, config=str(settings.path))
    ServiceManager(os.environ).status("opening the database")
    for plugin in plugins:
        _tell_of_plugin(plugin)
    async with (
        _left_at(stop) as stay,
        start_daemon(
            settings,
            providers,
            plugins,
            start_logging=start_logging,
            inherited=inherited,
            memory=memory,
        ) as daemon,
    ):
        stay()
        daemon.manager.ready()
        sighup.listen(partial(loop.call_soon_threadsafe, daemon.reloader.request))
        freeze_startup_objects()
        log.info("daemon.ready", connections=len(daemon.runtime.slots), database=daemon.store.name)
        await daemon.supervisor.until(stop)
        sighup.ignore()
        end_by_force()
        daemon.manager.stopping()
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


def _start_logging(memory: LogMemory, settings: Settings, redactor: Redactor) -> None:
    zone, level, style = zone_of(settings.timezone), settings.log.level, settings.log.format
    set_up(level=level, style=style, redactor=redactor, zone=zone, memory=memory)


def _stop_on_signals(loop: asyncio.AbstractEventLoop) -> asyncio.Event:
    """The loop's own handlers also make it notice SIGHUP at once, whoever handles that one."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # A byte for each signal wakes the loop. When there is no room for more of them, it will wake all the
    # same: nothing that Python need complain of on stderr, in the middle of the log.
    signal.set_wakeup_fd(signal.set_wakeup_fd(-1), warn_on_full_buffer=False)
    return stop


@asynccontextmanager
async def _left_at(stop: asyncio.Event) -> AsyncIterator[Callable[[], object]]:
    """Leave the block as soon as `stop` is set, unless it has said by then that it looks for itself.

    A start may have to wait, for a database that another program keeps locked for example.
    """
    block = asyncio.current_task()
    assert block  # noqa: S101  # a coroutine runs in a task

    async def leave() -> None:
        await stop.wait()
        block.cancel()

    leaving = asyncio.create_task(leave())
    try:
        yield leaving.cancel
    except asyncio.CancelledError:
        if leaving.cancelled() or not leaving.done() or block.uncancel():
            raise
    finally:
        leaving.cancel()
