"""`trailarrd downloaders`: what brings trailers, and how that is kept current."""

from collections.abc import Awaitable
from typing import Final

import click

from trailarrd.cli.context import Context, ExitCode, command_body
from trailarrd.cli.desk import opened_desk
from trailarrd.cli.output import print_json, tell
from trailarrd.cli.remote import daemon_of
from trailarrd.cli.table import Column, print_table
from trailarrd.documents.downloaders import DownloaderItem, DownloaderVersion
from trailarrd.errors import TransferError

_COLUMNS: Final = (
    Column("downloader", "name"),
    Column("version"),
    Column("released", spare=1),
    Column("lacks", wide=True),
)


@click.group(
    name="downloaders", invoke_without_command=True, subcommand_metavar="[show|update|rollback [NAME]]"
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one downloader a line.")
@click.pass_context
def downloaders(context: click.Context, as_json: bool) -> int:
    """List what brings trailers, what it works with and what it lacks; update that.

    \b
    trailarrd downloaders                    the list
    trailarrd downloaders show ytdlp         one of them, with what to do
    trailarrd downloaders update ytdlp       a newer version, tried before it counts
    trailarrd downloaders rollback ytdlp     the version before
    """
    if context.invoked_subcommand is not None:
        return ExitCode.OK
    code: int = context.invoke(show, name=None, as_json=as_json)
    return code


@downloaders.command(name="show")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one downloader a line.")
@command_body
async def show(context: Context, name: str | None, as_json: bool) -> int:
    """Show one downloader, or all; nobody is asked over the network. Exit code 1 if one lacks something."""
    async with opened_desk(context, daemon_of(context, aloud=False)) as desk:
        found = [one for one in (await desk.downloaders()).items if name in (None, one.name)]
    if name is not None and not found:
        raise _unknown(name)
    if as_json:
        print_json(*found)
    elif name is None:
        print_table(_COLUMNS, [_Line(one) for one in found])
        if not found:
            tell("no installed plugin offers a downloader; see 'trailarrd plugins'")
    else:
        _tell_of(found[0])
    return ExitCode.TROUBLE if any(lack.blocking for one in found for lack in one.lacks) else ExitCode.OK


@downloaders.command(name="update")
@click.argument("name")
@command_body
async def update(context: Context, name: str) -> int:
    """Bring what a downloader works with up to date; it is tried before it counts, and trailarrd runs on."""
    async with opened_desk(context, daemon_of(context)) as desk:
        return await _exchanged(name, desk.update(name))


@downloaders.command(name="rollback")
@click.argument("name")
@command_body
async def rollback(context: Context, name: str) -> int:
    """Go back to what a downloader worked with before the last update."""
    async with opened_desk(context, daemon_of(context)) as desk:
        return await _exchanged(name, desk.rollback(name))


class _Line:
    """A downloader as a line of the table."""

    def __init__(self, item: DownloaderItem) -> None:
        self.name, self.version, self.released = item.name, item.version, item.released
        self.lacks = "; ".join(lack.fact for lack in item.lacks) or "nothing"


def _tell_of(item: DownloaderItem) -> None:
    released = f" of {item.released}" if item.released else ""
    click.echo(f"{item.name}: {item.version or 'no version is told'}{released}")
    for lack in item.lacks:
        click.echo(f"  {'problem' if lack.blocking else 'warning'}  {lack.fact}")
        click.echo(f"           {lack.advice}")


async def _exchanged(name: str, work: Awaitable[DownloaderVersion | None]) -> int:
    try:
        done = await work
    except TransferError as error:
        tell(f"{name}: {error}")
        return ExitCode.TROUBLE
    if done is None:
        raise _unknown(name)
    tell(f"{name} works with {done.version} from now on")
    return ExitCode.OK


def _unknown(name: str) -> click.UsageError:
    return click.UsageError(f"no downloader is called {name!r}; see 'trailarrd downloaders'.")
