"""`trailarrd config`."""

import json

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.output import print_json, print_line, tell


@click.group(name="config")
def config() -> None:
    """Look at the configuration as trailarrd understands it; starts nothing and asks no Arr server."""


@config.command(name="show")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one value a line, with its origin.")
@command_body
async def show(context: Context, as_json: bool) -> None:
    """Print every setting that counts in the end, and where it comes from; secrets are masked.

    Included files, defaults and the environment are put together. A comment tells the file and line, the
    environment variable, or that it is trailarrd's own default. Mistakes end it with exit code 78; a secret
    that cannot be had here is none.
    """
    from trailarrd.config.effective import as_yaml, effective
    from trailarrd.documents.config import settings_of

    settings = context.visible or context.settings
    for file in context.overlooked:
        tell(f"{settings.path} counts; {file.absolute()} is there, too, and not read")
    if as_json:
        print_json(*settings_of(settings))
        return
    for line in as_yaml(list(effective(settings))):
        print_line(line)


@config.command(name="schema")
@command_body
async def schema(context: Context) -> None:
    """Print the JSON schema of trailarrd.yaml, with the options of the installed plugins.

    Editors complete, explain and check by it what you type: save it beside trailarrd.yaml as
    trailarrd.schema.json. Needs no configuration.
    """
    from trailarrd.config.schema import schema as make

    click.echo(json.dumps(make(context.providers, context.downloaders), indent=2, ensure_ascii=False))
    context.require_no_mistake()
