"""Tables for people, JSON for programs; only what was asked for goes to stdout."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

from trailarrd.domain.text import printable, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def print_json(*values: Any) -> None:
    """Each as a JSON document on a line of its own; datetimes as ISO 8601 in UTC with a Z."""
    encode = _encoder().encode
    with _reader_may_leave():
        sys.stdout.write("".join([encode(value) + "\n" for value in values]))


class Column(NamedTuple):
    """How a column of a table is shown."""

    name: str
    number: bool = False
    """Stands to the right."""
    rare: bool = False
    """Out of the ordinary: shown only where some row has something to tell."""
    wide: bool = False
    """May be broken into lines where the terminal is narrow; the others keep their width."""


def print_table(columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> None:
    """A table on stdout, or nothing if there are no rows."""
    if not rows:
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    told = [n for n, column in enumerate(columns) if not column.rare or any(row[n] for row in rows)]
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, collapse_padding=True)
    for column in (columns[n] for n in told):
        justify: Literal["left", "right"] = "right" if column.number else "left"
        table.add_column(column.name, justify=justify, no_wrap=not column.wide, overflow="fold")
    for row in rows:
        table.add_row(*(Text(words(row[n])) for n in told))
    console = Console(soft_wrap=False)
    if not console.is_terminal:
        console.width = 160  # a pipe or a file has no width of its own to respect
    with _reader_may_leave():
        console.print(table)


def print_line(text: str) -> None:
    """A line on stdout, as part of what was asked for."""
    with _reader_may_leave():
        click.echo(printable(text))


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    """What reads our output may have seen enough: the rest goes nowhere, and the exit code stays true."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(message: str) -> None:
    """A remark for the person at the terminal: never on stdout."""
    click.echo(message, err=True)


@lru_cache(maxsize=64)
def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second; remembered, as many items of a list changed in the same refresh."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago, in the largest fitting unit."""
    if moment is None:
        return "never"
    return f"{span(now - moment)} ago"


def words(cell: object) -> str:
    """A value as people read it: yes and no for booleans, a dash for nothing, names with what they name."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, dict):
        cell = ", ".join(f"{name} {value}" for name, value in sorted(cell.items()))
    return "–" if cell is None or cell == "" else printable(str(cell))


def counted(number: int, noun: str) -> str:
    """`1 item`, `2 items`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@cache
def _encoder() -> json.JSONEncoder:
    """Made once: it costs more than what it writes."""
    return json.JSONEncoder(ensure_ascii=False, default=_plain)


def are(number: int, noun: str) -> str:
    """`1 item is`, `2 items are`."""
    return f"{counted(number, noun)} {'is' if number == 1 else 'are'}"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return iso(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
