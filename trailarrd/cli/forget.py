"""`trailarrd forget`."""

from __future__ import annotations

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.output import tell
from trailarrd.cli.remote import daemon_of


@click.command(name="forget")
@click.argument("name", metavar="NAME")
@click.option("--yes", is_flag=True, help="Do not ask.")
@command_body
async def command(context: Context, name: str, yes: bool) -> None:
    """Remove a connection that is no longer configured, with all its items and your words on them.

    A connection that is still in trailarrd.yaml is refused. The history of its items stays.
    """
    if name in context.outline.names:
        raise click.UsageError(f"Connection {name!r} is still configured; remove it from the file first.")
    async with context.store() as store:
        if name not in {row.name for row in await store.connections()}:
            raise click.UsageError(f"No connection {name!r}; see 'trailarrd connections'.")
        if not yes:
            click.confirm(f"Remove connection {name!r} with all its items?", abort=True, err=True)
        daemon = daemon_of(context)
        items = daemon.about(name, "DELETE") if daemon else await store.forget(name)
    tell(f"connection {name} is forgotten, with {items} items")
