"""`trailarrd run`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trailarrd.daemon.signals import SighupHandler
    from trailarrd.systemd import ListeningSocket


@click.command(name="run")
@click.option(
    "--unattended",
    is_flag=True,
    help="For containers: offer a configuration, make an API key, wait for the mending of mistakes.",
)
@click.option(
    "--setup/--no-setup",
    help="Without a configuration and a database, begin in the browser, with a code from the log.",
)
@command_body
async def run(context: Context, unattended: bool, setup: bool) -> None:
    """Keep the database true until SIGTERM or SIGINT: the daemon, in the foreground.

    Every connection is refreshed at once and then by its interval, never twice at the same time. A
    server that is down is said once, and once when it is back; nothing of it is lost meanwhile.

    SIGHUP reads the configuration anew: with a mistake in it the old one stays, otherwise only what has
    changed restarts, and no refresh is cut short.

    With --setup, and neither a configuration nor a database, the page sets trailarrd up: it asks for a code
    that the log says, then for each server's address and key, and does what 'trailarrd init' does.

    With --unattended a configuration to be filled in is written if there is none, and an API key into the
    file api-key beside a database that has none; and instead of ending with 78 it waits until the
    configuration can be used.

    Logs go to stderr: for journald under systemd, otherwise for people, unless log.format says json.
    """
    sighup = _end_well_from_the_start()
    from trailarrd.daemon import program

    inherited: ListeningSocket | None = None
    if setup:
        context, inherited = await _set_up(context, offers=unattended)
    if unattended:
        context = await _first_start(context)
    settings = context.settings
    context.start_logging()
    try:
        await program.run(settings, context.providers, context.plugins, sighup, inherited)
    finally:
        sighup.ignore()


async def _set_up(context: Context, *, offers: bool) -> tuple[Context, ListeningSocket | None]:
    """One whose configuration was written in a browser, with the socket of that; the same if there is one.

    `offers` has one written to be filled in by hand, which does as well.
    """
    from trailarrd.daemon.first_start import offer_config
    from trailarrd.daemon.setup import new_database, set_up

    path = _new_config(context)
    database = await new_database(path, os.environ)
    if database is None:
        return context, None
    _log_before_there_is_a_configuration()
    if offers:
        with suppress(ConfigError):  # the browser shows what to write where we may not
            offer_config(path)
    return await set_up(_loader(path), path, database, os.environ, context.providers)


async def _first_start(context: Context) -> Context:
    """Another one, whose configuration can be used; what was missing is there then."""
    from trailarrd.daemon import first_start

    _log_before_there_is_a_configuration()
    path = _new_config(context)
    first_start.offer_config(path)
    with suppress(ConfigError):  # where the database is may be said later
        await first_start.make_key(context.draft.database.url)
    loaded = await first_start.usable(_loader(path), path, os.environ)
    await first_start.make_key(loaded.settings.database.url)
    return loaded


def _new_config(context: Context) -> Path:
    """Where a first configuration is, or would be."""
    from trailarrd.config.location import find_config, new_config

    with suppress(ConfigError):
        return find_config(context.explicit, os.environ)
    return new_config(context.explicit, os.environ, is_root=os.geteuid() == 0)


def _loader(path: Path) -> Callable[[], Context]:
    def load() -> Context:
        loaded = Context(str(path))
        loaded.must_be_usable()
        return loaded

    return load


def _log_before_there_is_a_configuration() -> None:
    from trailarrd import log
    from trailarrd.config.model import LogSettings, from_environment
    from trailarrd.domain.secret import Redactor

    logging = from_environment(LogSettings, "log", os.environ)
    log.set_up(level=logging.level, style=logging.format, redactor=Redactor())


def _end_well_from_the_start() -> SighupHandler:
    """A stop while the daemon is still loading is a stop like any other; later it handles them itself.

    SIGHUP is remembered: the configuration may have been read already.
    """
    _load_structlog()
    from trailarrd.daemon.signals import SighupHandler

    sighup = SighupHandler()
    if threading.current_thread() is threading.main_thread():  # or whoever runs us has the signals, too
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sys.exit(0))
        signal.pthread_sigmask(
            signal.SIG_UNBLOCK, {signal.SIGTERM}
        )  # that a container's start has kept for us
        sighup.catch()
    return sighup


def _load_structlog() -> None:
    """Without rich, which it loads for tracebacks in colours: ours are plain, and rich takes 3 MiB."""
    modules: dict[str, Any] = sys.modules
    if not {"rich", "structlog"} & set(modules):
        modules["rich"] = None  # as if it were not installed
        try:
            import structlog  # noqa: F401  # once loaded, it stays as it is
        finally:
            del modules["rich"]
