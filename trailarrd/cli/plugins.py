"""`trailarrd plugins`."""

from pathlib import Path
from typing import Final

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.output import print_json, tell
from trailarrd.cli.table import Column, print_table

_COLUMNS: Final = (
    Column("plugin", "name"),
    Column("distribution", spare=2),
    Column("version", spare=1),
    Column("status"),
    Column("offers", wide=True),
    Column("reason", rare=True, wide=True),
)


@click.group(name="plugins", invoke_without_command=True, subcommand_metavar="[new NAME | listen CONNECTION]")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one plugin a line.")
@click.pass_context
def plugins(context: click.Context, as_json: bool) -> None:
    """List installed plugins, what they offer, and why one was not loaded; or begin a new one.

    Needs no configuration. Install a plugin into the same environment as trailarrd; there is nothing to
    register.

    \b
    trailarrd plugins                         what is installed
    trailarrd plugins new tunes --at ./tunes  a distribution of your own, with its tests
    trailarrd plugins listen tunes            what that server tells, and what your plugin makes of it
    """
    if context.invoked_subcommand is None:
        context.invoke(listing, as_json=as_json)


@plugins.command(name="list", hidden=True)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one plugin a line.")
@command_body
async def listing(context: Context, as_json: bool) -> None:
    """List installed plugins."""
    from trailarrd.discovery.plugins import named_in_vain, without_secrets
    from trailarrd.documents.plugins import Plugin

    for name in named_in_vain(context.disabled_plugins, context.plugins):
        tell(f"plugins.disabled names {name!r}, but no plugin and no distribution of one is called that")
    records = without_secrets(context.plugins, context.redactor)
    if as_json:
        print_json(*(Plugin.of(record) for record in records))
    else:
        print_table(_COLUMNS, records)
    if not records and not as_json:
        tell("no plugins are installed; from a clone of trailarrd: pip install ./plugins/NAME")
    context.require_no_mistake()


@plugins.command(name="new")
@click.argument("name")
@click.option("--downloader", is_flag=True, help="A downloader instead of a provider.")
@click.option(
    "--at",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write it into, new or empty; default: trailarrd-NAME here.",
)
def new(name: str, downloader: bool, folder: Path | None) -> None:
    """Write a new plugin: a provider called NAME, with tests that lead you through what is missing.

    NAME is what `provider:` will say in trailarrd.yaml: lower-case letters, digits and single hyphens. With
    --downloader it brings trailers instead: what plain HTTP brings, until you write another way.
    """
    from trailarrd.plugin.provider import SLUG
    from trailarrd.template.distribution import NewPlugin

    kind = "downloader" if downloader else "provider"
    if not SLUG.fullmatch(name):
        raise click.UsageError(f"{name!r} is no name for a {kind}: lower-case letters, digits, hyphens.")
    plugin = NewPlugin(name, kind)
    folder = folder or Path(plugin.distribution)
    try:
        written = plugin.write(folder)
    except FileExistsError as error:
        raise click.UsageError(f"{error}; a new plugin overwrites nothing.") from None
    except OSError as error:
        raise click.UsageError(f"cannot write {error.filename}: {(error.strerror or '').lower()}") from None
    for file in written:
        click.echo(file)
    tell(f"next: cd {folder}, then pip install -e '.[test]' and pytest -x, which says how to go on")


@plugins.command(name="listen")
@click.argument("connection")
@click.option("--port", type=click.IntRange(1, 65535), help="Take events that are posted to this port, too.")
@command_body
async def listen(context: Context, connection: str, port: int | None) -> None:
    """Print what CONNECTION's server tells while it does, and what its plugin makes of it, until Ctrl-C.

    For authors of plugins: it shows how the server calls what happens. Its hub is listened to; with --port
    its webhook, too, which you register by hand in the server as http://THIS-HOST:PORT/. Nothing is stored.
    """
    from trailarrd.cli.overhearing import Overhearing

    connections = {one.name: one for one in context.settings.connections}
    if connection not in connections:
        raise click.UsageError(f"No connection {connection!r}; configured are: {', '.join(connections)}.")
    chosen = connections[connection]
    await Overhearing(chosen.arr_server(), context.providers[chosen.provider], context.redactor).run(port)
