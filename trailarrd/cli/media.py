"""`trailarrd media`."""

from typing import Final

import click

from trailarrd.cli.context import Context, command_body, require_connection
from trailarrd.cli.output import counted, print_json, tell
from trailarrd.cli.table import Column, print_table

_STATUSES = ["downloaded", "downloading", "monitored", "missing"]

_COLUMNS: Final = (
    Column("id", number=True),
    Column("connection", spare=1),
    Column("title", wide=True),
    Column("year", number=True, spare=2),
    Column("trailer"),
    Column("monitored"),
    Column("why", "monitor_reason", spare=3),
)


@click.command(name="media")
@click.option("--connection", metavar="NAME", help="Only items of this connection.")
@click.option(
    "--status",
    type=click.Choice(_STATUSES),
    help="Only items with this status; missing: without a trailer, and none is wanted.",
)
@click.option("--monitored/--unmonitored", default=None, help="Only items that are (not) monitored.")
@click.option(
    "--wants-trailer",
    is_flag=True,
    help="Only items that are monitored, have no trailer, and that nobody is downloading one for.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one item a line.")
@command_body
async def media(
    context: Context,
    connection: str | None,
    status: str | None,
    monitored: bool | None,
    wants_trailer: bool,
    as_json: bool,
) -> None:
    """List items as the last refresh left them: trailer, monitored, and which rule said so.

    Options narrow the list together. The first column is the ID that `monitor`, `unmonitor` and
    `follow` take.

    \b
    trailarrd media --wants-trailer --json | jq -r '.local_path'
    trailarrd media --connection movies --status downloaded
    """
    from trailarrd.documents.media import Item
    from trailarrd.domain.monitoring import MediaStatus
    from trailarrd.store.listing import MediaFilter

    if wants_trailer and status not in (None, MediaStatus.MONITORED):
        raise click.UsageError(f"--wants-trailer and --status {status} exclude each other.")
    wanted = MediaStatus.MONITORED if wants_trailer else MediaStatus(status) if status else None
    which = MediaFilter(connection=connection, status=wanted, monitored=monitored)
    now = context.now
    async with context.store() as store:
        if connection is not None:
            await require_connection(store, connection)
        items: list[Item] = []
        async for page in store.media(which, now=now):
            items += [Item.of(row, now) for row in page]
            if as_json:  # page by page, as a library may be large
                print_json(*items)
                items.clear()
    if not as_json:
        print_table(_COLUMNS, items)
        tell(counted(len(items), "item"))
