"""`trailarrd run`."""

from __future__ import annotations

import click

from trailarrd.cli.context import Context, command_body


@click.command(name="run")
@command_body
async def command(context: Context) -> None:
    """Keep the database true until SIGTERM or SIGINT: the daemon, in the foreground.

    Every connection is refreshed at once and then by its interval, never twice at the same time. A
    server that is down is said once, and once when it is back; nothing of it is lost meanwhile.
    Logs go to stderr: for people on a terminal, for journald under systemd, otherwise as JSON.
    """
    from trailarrd.daemon import run

    settings = context.settings
    context.start_logging()
    await run(settings, context.providers, context.plugins)
