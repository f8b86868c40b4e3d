"""`trailarrd quarantine`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.output import Column, are, iso, print_json, print_table, tell

if TYPE_CHECKING:
    from trailarrd.store import QuarantineRow

_COLUMNS: Final = (
    Column("connection"),
    Column("position", number=True),
    Column("arr id"),
    Column("reason", wide=True),
)


@click.command(name="quarantine")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one record a line.")
@command_body
async def command(context: Context, name: str | None, as_json: bool) -> None:
    """List the records that could not be read at the last refresh, of all connections or of NAME.

    A quarantined record changes nothing: what was known of its item stays as it was. While one has no
    readable id, nothing of that connection is removed, because it could be any item.
    """
    async with context.store() as store:
        if name is not None and name not in {row.name for row in await store.connections()}:
            raise click.UsageError(f"No connection {name!r}; see 'trailarrd connections'.")
        rows = await store.quarantine(name)
    if as_json:
        for row in rows:
            print_json(document(row))
        return
    print_table(_COLUMNS, [(row.connection, row.position, row.arr_id, row.reason) for row in rows])
    tell(f"{are(len(rows), 'record')} quarantined")


def document(row: QuarantineRow) -> dict[str, Any]:
    """One record as `quarantine --json` promises it."""
    return {
        "connection": row.connection,
        "position": row.position,
        "arr_id": row.arr_id,
        "reason": row.reason,
        "at": iso(row.at),
    }
