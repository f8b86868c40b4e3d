"""Items as people name them: by id, title, or a path."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

from trailarrd.cli.context import ITEM_ID, Context
from trailarrd.cli.output import tell
from trailarrd.cli.prompt import ask
from trailarrd.cli.table import Column, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trailarrd.store.listing import MediaRow

COLUMNS: Final = (
    Column("id", number=True),
    Column("connection"),
    Column("title", wide=True),
    Column("year", number=True, spare=1),
    Column("removed", "removed_at", rare=True),
)

by_title_option: Final = click.option(
    "--title", "by_title", is_flag=True, help="Digits alone are a title, too: 1917."
)


async def ids_of(
    context: Context, items: Sequence[str], *, by_title: bool, listed: bool = True
) -> list[int] | None:
    """The ids of these items; None if one fits none or several: then that was told.

    Digits alone are an id, whether there is such an item or not. Several that fit are `listed` on stdout.
    """
    found = [_id(item) if item.isdecimal() and not by_title else None for item in items]
    if None in found:
        async with context.store() as store:
            for at, item in enumerate(items):
                if found[at] is None:
                    row = chosen(item, await store.matching(item, by_title=by_title), listed=listed)
                    found[at] = row.id if row else None
    ids = [number for number in found if number is not None]
    return ids if len(ids) == len(items) else None


def _id(item: str) -> int:
    return int(ITEM_ID(item))


def chosen(item: str, rows: Sequence[MediaRow], *, listed: bool = True) -> MediaRow | None:
    """The one that fits, or that the user means of several; None if there is none: then that was told."""
    if len(rows) == 1:
        return rows[0]
    if not rows:
        tell(f"no item fits {item!r}; see 'trailarrd media'")
        return None
    if listed:
        print_table(COLUMNS, rows)
    if not listed or not (sys.stdin.isatty() and sys.stderr.isatty()):
        tell(f"{len(rows)} items fit {item!r}; name one by its ID")
        return None
    told = ask(f"{len(rows)} items fit {item!r}; which ID")
    return next((row for row in rows if str(row.id) == told), None)
