"""`trailarrd quarantine`."""

from typing import Final

import click

from trailarrd.cli.context import Context, command_body, require_connection
from trailarrd.cli.output import Column, are, print_list, tell

_COLUMNS: Final = (
    Column("connection"),
    Column("position", number=True),
    Column("arr id"),
    Column("reason", wide=True),
)


@click.command(name="quarantine")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one record a line.")
@command_body
async def quarantine(context: Context, name: str | None, as_json: bool) -> None:
    """List the records that could not be read at the last refresh, of all connections or of NAME.

    A quarantined record changes nothing: what was known of its item stays as it was. While one has no
    readable id, nothing of that connection is removed, because it could be any item.
    """
    from trailarrd.documents.refreshes import Record

    async with context.store() as store:
        if name is not None:
            await require_connection(store, name)
        records = [Record.like(row) for row in await store.quarantine(name)]
    print_list(records, _COLUMNS, as_json=as_json)
    if not as_json:
        tell(f"{are(len(records), 'record')} quarantined")
