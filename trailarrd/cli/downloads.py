"""`trailarrd download` and `downloads`: trailers that come home, and what is in their way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import click

from trailarrd.cli.context import Context, ExitCode, command_body
from trailarrd.cli.desk import RemoteDesk, opened_desk
from trailarrd.cli.intents import who
from trailarrd.cli.items import by_title_option, ids_of
from trailarrd.cli.output import counted, print_json, print_line, tell
from trailarrd.cli.remote import daemon_of
from trailarrd.cli.table import Column, print_list

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from trailarrd.documents.downloads import DownloadItem, DownloadResult
    from trailarrd.download.desk import Desk

_COLUMNS: Final = (
    Column("id", number=True),
    Column("connection", spare=2),
    Column("title", wide=True),
    Column("year", number=True, spare=3),
    Column("state"),
    Column("%", "percent", number=True, rare=True),
    Column("next", "until", spare=1),
    Column("why", "told", wide=True),
    Column("url", wide=True, spare=4),
    Column("place", wide=True, spare=5),
)
_SERVED: Final = "no daemon runs here: one of another host downloads them"
_BETWEEN_LOOKS: Final = 0.5
_OVER: Final = frozenset({"back-off", "root", "work", "downloader", "blocked"})
"""What nobody waits for at a command line: a try that failed, and what is in the way of many."""
_PASSED_NOW: Final = frozenset({"too-new", "pause", "hours", "quota"})
"""What --now goes past, of what is waited for."""
_MOST: Final = 1000


@click.command(name="download")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@by_title_option
@click.option("--url", help="Where the video is; for a single item.")
@click.option(
    "--dry-run", is_flag=True, help="Only tell what would be done, and ask the site if it is a single item."
)
@click.option(
    "--now",
    is_flag=True,
    help="Past ten minutes, back-off, pause, quota and download.hours; not past disk.quiet_hours.",
)
@click.option("--wait", is_flag=True, help="Stay until it is there, or has failed: exit code 1.")
@command_body
async def download(
    context: Context,
    items: tuple[str, ...],
    by_title: bool,
    url: str | None,
    dry_run: bool,
    now: bool,
    wait: bool,
) -> int:
    """Download the trailers of these items, whether they are wanted or not, and in a preview too.

    ITEM is an ID (the first column of `trailarrd media`), a title or part of it, or a path. They are queued,
    and the running daemon downloads them. --url names the video; it outranks what the
    server suggests and is kept through every refresh, and a trailer of trailarrd's own that lies there is
    replaced once the new one is found to be good. What was refused or given up before is tried again.

    \b
    trailarrd download "the matrix"
    trailarrd download 17 --url https://www.youtube.com/watch?v=dQw4w9WgXcQ --wait
    """
    if url is not None and len(items) > 1:
        raise click.UsageError("--url is for a single item.")
    daemon = daemon_of(context)
    if wait and not daemon:
        raise click.UsageError("--wait needs the running daemon, which downloads: start 'trailarrd run'.")
    if (ids := await ids_of(context, items, by_title=by_title)) is None:
        return ExitCode.TROUBLE
    async with opened_desk(context, daemon) as desk:
        if dry_run:
            return await _dry_run(desk, ids, url)
        result = await desk.ask(ids, url, now=now, by=who(), afar=False)
        code = _tell(result, "queued")
        if not isinstance(desk, RemoteDesk):
            is_served = await desk.is_served()
            tell(_SERVED if is_served else "no daemon runs: they are downloaded once 'trailarrd run' does")
        return await _wait(desk, result.changed, code, context.clock) if wait else code


@click.group(
    name="downloads",
    invoke_without_command=True,
    subcommand_metavar="[COMMAND [ITEM]...]",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all of it.")
@click.pass_context
def downloads(context: click.Context, as_json: bool) -> int:
    """List what is downloaded, what waits and why, and what would be done in a preview; nobody is asked.

    \b
    trailarrd downloads                      the list
    trailarrd downloads stop 17              end it, and do not begin again
    trailarrd downloads retry "the matrix"   try it again; without ITEM: sites, disks, downloaders
    trailarrd downloads forget-url 17        drop the address that you gave
    trailarrd downloads delete 17            delete the trailer that trailarrd placed

    An ITEM is an ID, a title or part of it, or a path.
    """
    if context.invoked_subcommand is not None:
        return ExitCode.OK
    code: int = context.invoke(listing, as_json=as_json)
    return code


@downloads.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all of it.")
@command_body
async def listing(context: Context, as_json: bool) -> int:
    """List what is downloaded, what waits and why."""
    async with opened_desk(context, daemon_of(context, aloud=False)) as desk:
        found = await desk.listing(limit=_MOST)
    if as_json:
        print_json(found)
        return ExitCode.OK
    print_list(found.items, _COLUMNS, as_json=False)
    if found.total > len(found.items):
        tell(f"{found.total - len(found.items)} more are not shown")
    for trouble in found.troubles:
        tell(trouble)
    if found.preview:
        days = f"; all that is wanted takes {counted(found.days, 'day')} at least" if found.days else ""
        tell(f"preview: nothing is downloaded but what you ask for by name{days}")
    tell(counted(found.total, "item"))
    return ExitCode.TROUBLE if found.troubles else ExitCode.OK


@downloads.command(name="stop")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@by_title_option
@command_body
async def stop(context: Context, items: tuple[str, ...], by_title: bool) -> int:
    """End what is downloaded for these items; nothing begins for them before you ask again."""
    if (ids := await ids_of(context, items, by_title=by_title)) is None:
        return ExitCode.TROUBLE
    async with opened_desk(context, daemon_of(context)) as desk:
        return _tell(await desk.stop(ids), "stopped")


@downloads.command(name="retry")
@click.argument("items", nargs=-1, metavar="[ITEM]...")
@by_title_option
@command_body
async def retry(context: Context, items: tuple[str, ...], by_title: bool) -> int:
    """Try these items again; without any, sites, disks and downloaders that were in trouble."""
    if (ids := await ids_of(context, items, by_title=by_title)) is None:
        return ExitCode.TROUBLE
    async with opened_desk(context, daemon_of(context)) as desk:
        return _tell(await desk.retry(ids, by=who()), "queued" if ids else "")


@downloads.command(name="forget-url")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@by_title_option
@command_body
async def forget_url(context: Context, items: tuple[str, ...], by_title: bool) -> int:
    """Drop the addresses that you gave for these items: the server's count again."""
    if (ids := await ids_of(context, items, by_title=by_title)) is None:
        return ExitCode.TROUBLE
    async with opened_desk(context, daemon_of(context)) as desk:
        return _tell(await desk.forget_url(ids), "changed")


@downloads.command(name="delete")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@by_title_option
@command_body
async def delete(context: Context, items: tuple[str, ...], by_title: bool) -> int:
    """Delete the trailers of these items that trailarrd placed; others' are never touched.

    The address that one came from is refused for the item, so that it is not downloaded again, until you
    ask for it. It works without `download:`, too.
    """
    if (ids := await ids_of(context, items, by_title=by_title)) is None:
        return ExitCode.TROUBLE
    is_off = context.settings.download is None
    async with opened_desk(context, None if is_off else daemon_of(context), if_off=is_off) as desk:
        return _tell(await desk.delete(ids), "deleted")


async def _dry_run(desk: Desk | RemoteDesk, ids: Sequence[int], url: str | None) -> int:
    code = ExitCode.OK
    for number in ids:
        item = await desk.would(number, url, asks=len(ids) == 1)  # many in a row are what a bot asks
        if item is None:
            tell(f"no item has the ID {number}; see the first column of 'trailarrd media'")
            code = ExitCode.TROUBLE
        elif item.why is None:
            print_line(f"{item.title}: {item.url} by {item.downloader} to {item.place}")
        else:
            print_line(f"{item.title}: {item.told}")
            code = ExitCode.TROUBLE
    return code


def _tell(result: DownloadResult, done: str) -> int:
    if done:
        tell(f"{counted(len(result.changed), 'item')} {done}")
    for one in result.refused:
        tell(f"item {one.id}: {one.reason}")
    for number in result.unknown:
        tell(f"no item has the ID {number}; see the first column of 'trailarrd media'")
    return ExitCode.TROUBLE if result.refused or result.unknown else ExitCode.OK


def _until(item: DownloadItem, clock: Callable[[datetime], str]) -> str:
    """When it goes on by itself, and how sooner."""
    until = f", until {clock(item.until)}" if item.until else ""
    return f"{until}; with --now it begins at once" if item.why in _PASSED_NOW else until


async def _wait(
    desk: Desk | RemoteDesk, ids: Sequence[int], code: int, clock: Callable[[datetime], str]
) -> int:
    """Until each is there or has failed; what is in the way of many is not waited for."""
    left, told = list(ids), dict[int, str | None]()
    while left:
        await asyncio.sleep(_BETWEEN_LOOKS)
        for item in await desk.some(left):
            is_at_it = item.state == "downloading"  # until its folder was looked at
            is_asked = item.asked_at is not None
            if is_at_it or (is_asked and item.why not in _OVER):
                if told.get(item.id) != item.told:
                    tell(f"{item.title}: {item.told or item.state}{_until(item, clock)}")
                    told[item.id] = item.told
                continue
            left.remove(item.id)
            if item.file and item.failure is None and not is_asked:
                print_line(f"{item.title}: {item.file}")
            else:
                tell(f"{item.title}: {item.told or item.failure}")
                code = ExitCode.TROUBLE
    return code
