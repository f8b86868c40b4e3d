"""`trailarrd plugins`."""

from __future__ import annotations

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.output import print_json, print_table, tell


@click.command(name="plugins")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one plugin a line.")
@command_body
async def command(context: Context, as_json: bool) -> None:
    """List installed plugins, what they provide, and why one was not loaded.

    Needs no configuration. Install a plugin into the same environment as trailarrd, for example
    `pip install trailarrd-radarr`; there is nothing to register.
    """
    rows = [
        {
            "name": record.name,
            "distribution": record.distribution,
            "version": record.version,
            "status": record.status.value,
            "providers": [provider.name for provider in record.providers],
            "reason": record.reason,
        }
        for record in context.plugins
    ]
    if as_json:
        for row in rows:
            print_json(row)
        return
    columns = ["plugin", "distribution", "version", "status", "providers", "reason"]
    print_table(
        columns,
        [[*list(row.values())[:4], ", ".join(row["providers"]), row["reason"]] for row in rows],  # type: ignore[arg-type]
    )
    if not rows:
        tell("no plugins are installed; try: pip install trailarrd-radarr trailarrd-sonarr")
