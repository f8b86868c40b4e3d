"""`trailarrd follow`."""

from __future__ import annotations

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.ids import ITEM_ID
from trailarrd.cli.intents import set_intent


@click.command(name="follow")
@click.argument("ids", nargs=-1, type=ITEM_ID, required=True, metavar="ID...")
@command_body
async def command(context: Context, ids: tuple[int, ...]) -> int:
    """Drop your own word on these items; the connection's mode decides again.

    IDs are the first column of `trailarrd media`.
    """
    return await set_intent(context, ids, intent=None)
