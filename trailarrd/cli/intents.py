"""`trailarrd monitor`, `unmonitor` and `follow`: the user's own choice for items."""

import click

from trailarrd.cli.context import Context, ExitCode, command_body
from trailarrd.cli.items import by_title_option, ids_of
from trailarrd.cli.output import tell
from trailarrd.cli.remote import daemon_of


@click.command(name="monitor")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@by_title_option
@command_body
async def monitor(context: Context, items: tuple[str, ...], by_title: bool) -> int:
    """Want a trailer for these items, whatever the connection's mode says.

    An item that has a trailer already is not monitored; your choice counts again when the trailer is gone.
    ITEM is an ID (the first column of `trailarrd media`), a title or part of it, or a path.
    """
    return await _set_intent(context, items, by_title, intent=True)


@click.command(name="unmonitor")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@by_title_option
@command_body
async def unmonitor(context: Context, items: tuple[str, ...], by_title: bool) -> int:
    """Want no trailer for these items, whatever the connection's mode says.

    It holds until `monitor` or `follow`, through every refresh.
    ITEM is an ID (the first column of `trailarrd media`), a title or part of it, or a path.
    """
    return await _set_intent(context, items, by_title, intent=False)


@click.command(name="follow")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@by_title_option
@command_body
async def follow(context: Context, items: tuple[str, ...], by_title: bool) -> int:
    """Drop your own choice for these items; the connection's mode decides again.

    ITEM is an ID (the first column of `trailarrd media`), a title or part of it, or a path.
    """
    return await _set_intent(context, items, by_title, intent=None)


async def _set_intent(
    context: Context, items: tuple[str, ...], by_title: bool, *, intent: bool | None
) -> int:
    from trailarrd.documents.media import IntentsResult

    if (ids := await ids_of(context, items, by_title=by_title)) is None:
        return ExitCode.TROUBLE
    if daemon := daemon_of(context):
        result = daemon.ask("POST", "/intents", IntentsResult, {"ids": ids, "intent": intent})
    else:
        async with context.store() as store:
            stored = await store.set_intent(ids, intent=intent, at=context.now, by=who())
        result = IntentsResult.like(stored)
    tell(f"{len(result.changed)} changed, {len(result.unchanged)} were so already")
    for number in result.unknown:
        tell(f"no item has the ID {number}; see the first column of 'trailarrd media'")
    return ExitCode.TROUBLE if result.unknown else ExitCode.OK


def who() -> str:
    """Who is at the command line, as far as the system knows."""
    from getpass import getuser

    try:
        return f"command line ({getuser()})"
    except (OSError, KeyError):
        return "command line"
