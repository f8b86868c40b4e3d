"""`trailarrd connections`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.output import ago, iso, print_json, print_table

if TYPE_CHECKING:
    from trailarrd.store import ConnectionRow


@click.command(name="connections")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one connection a line.")
@command_body
async def command(context: Context, as_json: bool) -> None:
    """List connections: state, last success, and what they hold.

    A connection that is no longer in trailarrd.yaml is kept as `inactive` with all its items until
    `trailarrd forget NAME`.
    """
    async with context.store() as store:
        rows = await store.connections()
    if as_json:
        for row in rows:
            print_json(document(row))
        return
    columns = ["connection", "provider", "state", "last success", "mode"]
    columns += ["#items", "#with trailer", "#monitored", "#held", "#quarantined", "trouble"]
    now = datetime.now(UTC)
    print_table(columns, [_row(row, now) for row in rows])


def state(row: ConnectionRow) -> str:
    """One word: `inactive`, `new`, or how its last refresh ended."""
    if not row.active:
        return "inactive"
    return row.last_outcome.value if row.last_outcome else "new"


def _row(row: ConnectionRow, now: datetime) -> list[object]:
    trouble = f"{row.last_error_kind}: {row.last_error}" if row.last_error_kind else None
    return [
        *(row.name, row.provider, state(row), ago(row.last_success, now), row.mode),
        *(row.items, row.with_trailer, row.monitored, row.held, row.quarantined, trouble),
    ]


def document(row: ConnectionRow) -> dict[str, Any]:
    """One connection as `connections --json` promises it."""
    error = {"kind": row.last_error_kind, "message": row.last_error} if row.last_error_kind else None
    return {
        "connection": row.name,
        "provider": row.provider,
        "kind": row.kind,
        "state": state(row),
        "mode": row.mode,
        "last_refresh": iso(row.last_finished) if row.last_finished else None,
        "last_success": iso(row.last_success) if row.last_success else None,
        "error": error,
        "items": row.items,
        "with_trailer": row.with_trailer,
        "monitored": row.monitored,
        "held": row.held,
        "quarantined": row.quarantined,
    }
