"""`trailarrd monitor`."""

from __future__ import annotations

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.ids import ITEM_ID
from trailarrd.cli.intents import set_intent


@click.command(name="monitor")
@click.argument("ids", nargs=-1, type=ITEM_ID, required=True, metavar="ID...")
@command_body
async def command(context: Context, ids: tuple[int, ...]) -> int:
    """Want a trailer for these items, whatever the connection's mode says.

    An item that has a trailer already is not monitored; your word counts again when the trailer is gone.
    IDs are the first column of `trailarrd media`.
    """
    return await set_intent(context, ids, intent=True)
