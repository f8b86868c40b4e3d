"""Tables for people, JSON for programs; only what was asked for goes to stdout."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import timedelta


def print_json(value: Any) -> None:
    """One JSON document on one line; datetimes as ISO 8601 in UTC with a Z."""
    with _reader_may_leave():
        sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table; column names that begin with `#` are numbers and stand to the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, collapse_padding=True)
    for column in columns:
        number = column.startswith("#")
        table.add_column(column.lstrip("#"), justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(words(cell)) for cell in row))
    console = Console(soft_wrap=False)
    if not console.is_terminal:
        console.width = 160  # a pipe or a file has no width of its own to respect
    with _reader_may_leave():
        console.print(table)


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


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago, in the largest fitting unit."""
    if moment is None:
        return "never"
    return f"{span(now - moment)} ago"


def span(duration: timedelta) -> str:
    """A length of time, in the largest fitting unit."""
    seconds = max(0, int(duration.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def words(cell: object) -> str:
    """A value as people read it: yes and no for booleans, a dash for nothing."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "–" if cell is None or cell == "" else str(cell)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return iso(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
