"""`trailarrd history`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.ids import ITEM_ID
from trailarrd.cli.output import iso, print_json, print_line, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trailarrd.store import HistoryRow


@click.command(name="history")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@click.option("--connection", metavar="NAME", help="Only of this connection.")
@click.option("--id", "media_id", type=ITEM_ID, metavar="ID", help="Only of this item.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one event a line.")
@command_body
async def command(
    context: Context, limit: int, connection: str | None, media_id: int | None, as_json: bool
) -> None:
    """What happened to items, newest first: added, updated, removed, trailers that came and went.

    An event outlives the item that it tells of.
    """
    async with context.store() as store:
        rows = await store.history(limit=limit, connection=connection, media_id=media_id)
    if as_json:
        for row in rows:
            print_json(document(row))
        return
    for row in rows:
        print_line(f"{iso(row.at)}  {row.connection}  #{row.media_id} {row.title}: {what(row)}")


def what(row: HistoryRow) -> str:
    """What happened, in a few words."""
    changes = "; ".join(_changes(row))
    return f"{row.event} ({changes})" if changes else f"{row.event}"


def _changes(row: HistoryRow) -> Iterator[str]:
    for name, change in row.detail.items():
        if isinstance(change, list) and len(change) == 2:  # noqa: PLR2004  # before and after
            yield f"{name}: {words(change[0])} → {words(change[1])}"
        else:
            yield f"{name}: {words(change)}"


def document(row: HistoryRow) -> dict[str, Any]:
    """One event as `history --json` promises it."""
    return {
        "at": iso(row.at),
        "connection": row.connection,
        "id": row.media_id,
        "arr_id": row.arr_id,
        "title": row.title,
        "event": row.event,
        "detail": dict(row.detail),
        "refresh": row.refresh_id,
    }
