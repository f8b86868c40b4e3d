"""`trailarrd monitor`, `unmonitor` and `follow`: the user's own choice for items."""

import click

from trailarrd.cli.context import ITEM_ID, Context, ExitCode, command_body
from trailarrd.cli.output import tell
from trailarrd.cli.remote import daemon_of


@click.command(name="monitor")
@click.argument("ids", nargs=-1, type=ITEM_ID, required=True, metavar="ID...")
@command_body
async def monitor(context: Context, ids: tuple[int, ...]) -> int:
    """Want a trailer for these items, whatever the connection's mode says.

    An item that has a trailer already is not monitored; your choice counts again when the trailer is gone.
    IDs are the first column of `trailarrd media`.
    """
    return await _set_intent(context, ids, intent=True)


@click.command(name="unmonitor")
@click.argument("ids", nargs=-1, type=ITEM_ID, required=True, metavar="ID...")
@command_body
async def unmonitor(context: Context, ids: tuple[int, ...]) -> int:
    """Want no trailer for these items, whatever the connection's mode says.

    It holds until `monitor` or `follow`, through every refresh.
    IDs are the first column of `trailarrd media`.
    """
    return await _set_intent(context, ids, intent=False)


@click.command(name="follow")
@click.argument("ids", nargs=-1, type=ITEM_ID, required=True, metavar="ID...")
@command_body
async def follow(context: Context, ids: tuple[int, ...]) -> int:
    """Drop your own choice for these items; the connection's mode decides again.

    IDs are the first column of `trailarrd media`.
    """
    return await _set_intent(context, ids, intent=None)


async def _set_intent(context: Context, ids: tuple[int, ...], *, intent: bool | None) -> int:
    from trailarrd.documents.media import IntentsResult

    if daemon := daemon_of(context):
        result = daemon.ask("POST", "/intents", IntentsResult, {"ids": ids, "intent": intent})
    else:
        async with context.store() as store:
            stored = await store.set_intent(ids, intent=intent, at=context.now, by=_who())
        result = IntentsResult.like(stored)
    tell(f"{len(result.changed)} changed, {len(result.unchanged)} were so already")
    for number in result.unknown:
        tell(f"no item has the ID {number}; see the first column of 'trailarrd media'")
    return ExitCode.TROUBLE if result.unknown else ExitCode.OK


def _who() -> str:
    """Who is at the command line, as far as the system knows."""
    from getpass import getuser

    try:
        return f"command line ({getuser()})"
    except (OSError, KeyError):
        return "command line"
