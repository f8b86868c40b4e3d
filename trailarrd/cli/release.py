"""`trailarrd release`."""

from __future__ import annotations

import click

from trailarrd.cli import ExitCode
from trailarrd.cli.context import Context, command_body
from trailarrd.cli.ids import ITEM_ID
from trailarrd.cli.output import counted, tell


@click.command(name="release")
@click.argument("ids", nargs=-1, type=ITEM_ID, required=True, metavar="ID...")
@click.option("--as", "owner", required=True, metavar="OWNER", help="Who claimed them.")
@command_body
async def command(context: Context, ids: tuple[int, ...], owner: str) -> int:
    """Give back what OWNER has claimed, before its time is over: done, or given up.

    What OWNER has not claimed is left as it is, and exit code 1 says that there was such.
    """
    async with context.store() as store:
        left = [one for one in dict.fromkeys(ids) if not await store.release(one, owner)]
    for number in left:
        tell(f"item {number} is not claimed by {owner}")
    tell(f"{counted(len(set(ids)) - len(left), 'item')} released")
    return ExitCode.TROUBLE if left else ExitCode.OK
