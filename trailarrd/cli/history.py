"""`trailarrd history`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trailarrd.cli.context import ITEM_ID, Context, command_body, utc_option
from trailarrd.cli.output import print_json, print_line, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trailarrd.documents.media import Event


@click.command(name="history")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@click.option("--connection", metavar="NAME", help="Only of this connection.")
@click.option("--id", "media_id", type=ITEM_ID, metavar="ID", help="Only of this item.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one event a line.")
@utc_option
@command_body
async def history(
    context: Context, limit: int, connection: str | None, media_id: int | None, as_json: bool
) -> None:
    """What happened to items, newest first: added, updated, removed, trailers that came and went.

    An event outlives the item that it tells of.
    """
    from trailarrd.documents.media import Event

    async with context.store() as store:
        rows = await store.history(limit=limit, connection=connection, media_id=media_id)
    events = [Event.of(row) for row in rows]
    if as_json:
        print_json(*events)
        return
    for event in events:
        print_line(f"{context.clock(event.at)}  {event.connection}  #{event.id} {event.title}: {what(event)}")


def what(event: Event) -> str:
    changes = "; ".join(_changes(event))
    return f"{event.event} ({changes})" if changes else f"{event.event}"


def _changes(event: Event) -> Iterator[str]:
    for name, change in event.detail.items():
        if isinstance(change, list) and len(change) == 2:  # noqa: PLR2004  # before and after
            yield f"{name}: {words(change[0])} → {words(change[1])}"
        else:
            yield f"{name}: {words(change)}"
