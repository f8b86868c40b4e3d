"""`trailarrd history`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import click

from trailarrd.cli.context import Context, ExitCode, command_body, utc_option
from trailarrd.cli.items import by_title_option, ids_of
from trailarrd.cli.output import print_json, print_line, words
from trailarrd.cli.remote import answer_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trailarrd.documents.media import Event

_PAGE: Final = 500
"""Events that the daemon tells at a time."""


@click.command(name="history")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@click.option("--connection", metavar="NAME", help="Only of this connection.")
@click.option("--id", "item", metavar="ITEM", help="Only of this item: its ID, title or path.")
@by_title_option
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one event a line.")
@utc_option
@command_body
async def history(
    context: Context,
    limit: int,
    connection: str | None,
    item: str | None,
    by_title: bool,
    as_json: bool,
) -> ExitCode:
    """What happened to items, newest first: added, updated, removed, trailers that came and went.

    An event outlives the item that it tells of.
    """
    media_id = None
    if item is not None:
        if (ids := await ids_of(context, [item], by_title=by_title, listed=not as_json)) is None:
            return ExitCode.TROUBLE
        (media_id,) = ids
    which = {"connection": connection, "id": media_id}
    events = _told(context, limit, {name: value for name, value in which.items() if value is not None})
    if events is None:
        events = await _stored(context, limit, connection, media_id)
    if as_json:
        print_json(*events)
        return ExitCode.OK
    for event in events:
        print_line(f"{context.clock(event.at)}  {event.connection}  #{event.id} {event.title}: {what(event)}")
    return ExitCode.OK


def _told(context: Context, limit: int, which: Mapping[str, object]) -> list[Event] | None:
    """What the daemon says, page by page; None if it does not."""
    from trailarrd.documents.media import Events

    events: list[Event] = []
    cursor: int | None = None
    while len(events) < limit:
        query = {**which, "limit": min(limit - len(events), _PAGE), **({"cursor": cursor} if cursor else {})}
        if (page := answer_of(context, f"/history?{urlencode(query)}", Events)) is None:
            return None
        events += page.items
        if (cursor := page.next_cursor) is None:
            break
    return events


async def _stored(context: Context, limit: int, connection: str | None, media_id: int | None) -> list[Event]:
    from trailarrd.documents.media import Event

    async with context.store() as store:
        rows = await store.history(limit=limit, connection=connection, media_id=media_id)
    return [Event.of(row) for row in rows]


def what(event: Event) -> str:
    changes = "; ".join(_changes(event))
    return f"{event.event} ({changes})" if changes else f"{event.event}"


def _changes(event: Event) -> Iterator[str]:
    for name, change in event.detail.items():
        if isinstance(change, list) and len(change) == 2:  # noqa: PLR2004  # before and after
            yield f"{name}: {words(change[0])} → {words(change[1])}"
        else:
            yield f"{name}: {words(change)}"
