"""`trailarrd plugins`."""

from __future__ import annotations

from typing import Final

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.output import Column, print_json, print_table, tell

_COLUMNS: Final = (
    Column("plugin"),
    Column("distribution"),
    Column("version"),
    Column("status"),
    Column("providers"),
    Column("reason", rare=True, wide=True),
)


@click.command(name="plugins")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one plugin a line.")
@command_body
async def command(context: Context, as_json: bool) -> None:
    """List installed plugins, what they provide, and why one was not loaded.

    Needs no configuration. Install a plugin into the same environment as trailarrd, for example
    `pip install ./plugins/radarr` from a clone; there is nothing to register.
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
    print_table(
        _COLUMNS,
        [[*list(row.values())[:4], ", ".join(row["providers"]), row["reason"]] for row in rows],  # type: ignore[arg-type]
    )
    if not rows:
        tell("no plugins are installed; from a clone: pip install ./plugins/radarr ./plugins/sonarr")
