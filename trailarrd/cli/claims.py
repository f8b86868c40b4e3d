"""`trailarrd claim` and `release`: a downloader says what it works on."""

from datetime import timedelta

import click

from trailarrd.cli.context import Context, ExitCode, command_body, utc_option
from trailarrd.cli.items import by_title_option, ids_of
from trailarrd.cli.output import counted, tell


def duration(_context: click.Context, _parameter: click.Parameter, text: str) -> timedelta:
    """An option's text as a duration of more than nothing."""
    from trailarrd.config.units import parse_duration

    try:
        length = parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} {error}; write it like 90s, 30m or 1h30m") from None
    if length <= timedelta():
        raise click.BadParameter("must be longer than zero")
    return length


def foreign(_context: click.Context, _parameter: click.Parameter, owner: str) -> str:
    """An owner's name that is not one of trailarrd's own."""
    from trailarrd.domain.download import RESERVED

    if owner.startswith(RESERVED):
        raise click.BadParameter(f"names that begin with {RESERVED!r} are trailarrd's own")
    return owner


@click.command(name="claim")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@by_title_option
@click.option("--as", "owner", required=True, callback=foreign, metavar="OWNER", help="Who works on them.")
@click.option(
    "--for",
    "length",
    callback=duration,
    default="1h",
    show_default=True,
    help="How long, as in 30m.",
)
@utc_option
@command_body
async def claim(
    context: Context, items: tuple[str, ...], by_title: bool, owner: str, length: timedelta
) -> int:
    """Say that OWNER is getting a trailer for these items, so that nobody else does.

    For downloaders. A claimed item has the status `downloading` and is not listed by
    `media --wants-trailer`. Claim it again to prolong it, `release` it when done; it ends by itself
    after its time. Exit code 1 says that not all of them are OWNER's now.
    ITEM is an ID (the first column of `trailarrd media`), a title or part of it, or a path.

    \b
    trailarrd claim 17 --as my-downloader --for 30m && get-trailer 17
    """
    from trailarrd.store.filter import MediaFilter

    now = context.now
    until = now + length
    if (ids := await ids_of(context, items, by_title=by_title)) is None:
        return ExitCode.TROUBLE
    ids = list(dict.fromkeys(ids))
    async with context.store() as store:
        claimed = [one for one in ids if await store.claim(one, owner, until=until, now=now)]
        refused = [one for one in ids if one not in claimed]
        pages = store.media(MediaFilter(ids=refused), now=now)
        found = {row.id: row async for page in pages for row in page}
    for number in refused:
        if number not in found:
            tell(f"no item has the ID {number}; see the first column of 'trailarrd media'")
        elif (taken := found[number].claimed_until) is not None:
            tell(f"item {number} is claimed by {found[number].claimed_by} until {context.clock(taken)}")
    tell(f"{counted(len(claimed), 'item')} claimed until {context.clock(until)}")
    return ExitCode.TROUBLE if refused else ExitCode.OK


@click.command(name="release")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@by_title_option
@click.option("--as", "owner", required=True, callback=foreign, metavar="OWNER", help="Who claimed them.")
@command_body
async def release(context: Context, items: tuple[str, ...], by_title: bool, owner: str) -> int:
    """Give back what OWNER has claimed, before its time is over: done, or given up.

    What OWNER has not claimed is left as it is, and exit code 1 says that there was such.
    ITEM is an ID (the first column of `trailarrd media`), a title or part of it, or a path.
    """
    if (ids := await ids_of(context, items, by_title=by_title)) is None:
        return ExitCode.TROUBLE
    async with context.store() as store:
        left = [one for one in dict.fromkeys(ids) if not await store.release(one, owner)]
    for number in left:
        tell(f"item {number} is not claimed by {owner}")
    tell(f"{counted(len(set(ids)) - len(left), 'item')} released")
    return ExitCode.TROUBLE if left else ExitCode.OK
