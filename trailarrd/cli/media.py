"""`trailarrd media`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.output import Column, counted, iso, print_json, print_table, tell

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from trailarrd.store import MediaRow

_STATUSES = ["downloaded", "downloading", "monitored", "missing"]

_COLUMNS: Final = (
    Column("id", number=True),
    Column("connection"),
    Column("title", wide=True),
    Column("year", number=True),
    Column("trailer"),
    Column("monitored"),
    Column("why"),
)


@click.command(name="media")
@click.option("--connection", metavar="NAME", help="Only items of this connection.")
@click.option("--status", type=click.Choice(_STATUSES), help="Only items with this status.")
@click.option("--monitored/--unmonitored", default=None, help="Only items that are (not) monitored.")
@click.option(
    "--wants-trailer",
    is_flag=True,
    help="Only items that are monitored, have no trailer, and that nobody is downloading one for.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one item a line.")
@command_body
async def command(
    context: Context,
    connection: str | None,
    status: str | None,
    monitored: bool | None,
    wants_trailer: bool,
    as_json: bool,
) -> None:
    """List items as the last refresh left them: trailer, monitored, and which rule said so.

    Options narrow the list together. The first column is the ID that `monitor`, `unmonitor` and
    `follow` take.

    \b
    trailarrd media --wants-trailer --json | jq -r '.local_path'
    trailarrd media --connection movies --status downloaded
    """
    from trailarrd.domain.monitoring import MediaStatus
    from trailarrd.store import MediaFilter

    if wants_trailer and status not in (None, MediaStatus.MONITORED):
        raise click.UsageError(f"--wants-trailer and --status {status} exclude each other.")
    wanted = MediaStatus.MONITORED if wants_trailer else MediaStatus(status) if status else None
    which = MediaFilter(connection=connection, status=wanted, monitored=monitored)
    now = datetime.now(UTC)
    async with context.store() as store:
        if connection is not None and connection not in {row.name for row in await store.connections()}:
            raise click.UsageError(f"No connection {connection!r}; see 'trailarrd connections'.")
        pages = store.media(which, now=now)
        await (_print_json(pages, now) if as_json else _print_table(pages))


async def _print_json(pages: AsyncIterator[list[MediaRow]], now: datetime) -> None:
    async for page in pages:
        print_json(*(document(row, now) for row in page))


async def _print_table(pages: AsyncIterator[list[MediaRow]]) -> None:
    rows = [row async for page in pages for row in page]
    print_table(_COLUMNS, [_row(row) for row in rows])
    tell(counted(len(rows), "item"))


def _row(row: MediaRow) -> list[object]:
    return [
        *(row.id, row.connection, row.title, row.year, row.trailer),
        *(row.monitored, row.monitor_reason),
    ]


def document(row: MediaRow, now: datetime) -> dict[str, Any]:
    """One item as `media --json` promises it."""
    return {
        "id": row.id,
        "connection": row.connection,
        "provider": row.provider,
        "kind": row.kind,
        "arr_id": row.arr_id,
        "title": row.title,
        "year": row.year,
        "external_ids": dict(row.external_ids),
        "remote_path": row.remote_path,
        "local_path": row.local_path,
        "trailer": row.trailer,
        "trailer_file": row.trailer_file,
        "youtube_trailer_id": row.youtube_trailer_id,
        "monitored_remotely": row.monitored_remotely,
        "intent": row.intent,
        "monitored": row.monitored,
        "monitor_reason": row.monitor_reason,
        "status": row.status(now),
        "first_seen": iso(row.first_seen),
        "last_changed": iso(row.last_changed),
    }
