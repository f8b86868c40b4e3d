"""`trailarrd believe`."""

from __future__ import annotations

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.output import tell
from trailarrd.cli.remote import daemon_of


@click.command(name="believe")
@click.argument("name", metavar="NAME")
@command_body
async def command(context: Context, name: str) -> None:
    """Believe the root folders of NAME that are other directories than before, as they are now.

    trailarrd does not believe a root folder that is another directory or file system than it was and
    lacks the folders that it had: most often it is not mounted. Say so here if it is right all the
    same, as after a disk was lost for good. The next refresh takes what it finds for the truth.
    """
    if daemon := daemon_of(context):
        count = daemon.about(name, "POST", "/believe")
    else:
        async with context.store() as store:
            if name not in {row.name for row in await store.connections()}:
                raise click.UsageError(f"No connection {name!r}; see 'trailarrd connections'.")
            count = await store.trust_roots(name)
    tell(f"{count} root folders of {name} are believed from the next refresh on")
