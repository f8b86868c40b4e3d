"""`trailarrd run`."""

import signal
import sys
import threading

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.daemon.signals import SighupHandler


@click.command(name="run")
@command_body
async def run(context: Context) -> None:
    """Keep the database true until SIGTERM or SIGINT: the daemon, in the foreground.

    Every connection is refreshed at once and then by its interval, never twice at the same time. A
    server that is down is said once, and once when it is back; nothing of it is lost meanwhile.

    SIGHUP reads the configuration anew: with a mistake in it the old one stays, otherwise only what has
    changed restarts, and no refresh is cut short.

    Logs go to stderr: for journald under systemd, otherwise for people, unless log.format says json.
    """
    sighup = _end_well_from_the_start()
    from trailarrd.daemon import program

    settings = context.settings
    context.start_logging()
    try:
        await program.run(settings, context.providers, context.plugins, sighup)
    finally:
        sighup.ignore()


def _end_well_from_the_start() -> SighupHandler:
    """A stop while the daemon is still loading is a stop like any other; later it handles them itself.

    SIGHUP is remembered: the configuration may have been read already.
    """
    sighup = SighupHandler()
    if threading.current_thread() is threading.main_thread():  # or whoever runs us has the signals, too
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sys.exit(0))
        sighup.catch()
    return sighup
