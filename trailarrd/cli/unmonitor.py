"""`trailarrd unmonitor`."""

from __future__ import annotations

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.ids import ITEM_ID
from trailarrd.cli.intents import set_intent


@click.command(name="unmonitor")
@click.argument("ids", nargs=-1, type=ITEM_ID, required=True, metavar="ID...")
@command_body
async def command(context: Context, ids: tuple[int, ...]) -> int:
    """Want no trailer for these items, whatever the connection's mode says.

    It holds until `monitor` or `follow`, through every refresh.
    IDs are the first column of `trailarrd media`.
    """
    return await set_intent(context, ids, intent=False)
