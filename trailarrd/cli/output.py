"""Lines for people, JSON for programs; only what was asked for goes to stdout."""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import click

from trailarrd.domain.text import escaped, printable, span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trailarrd.documents import Document

_NOT_ESCAPED: Final = re.compile("[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What JSON may hold as it is and steers a terminal; the same to every reader when escaped."""
_BEGINNINGS: Final = (b"\x7f", b"\xc2", b"\xe2\x80", b"\xe2\x81")
"""Of each of them in UTF-8."""


def print_json(*documents: Document) -> None:
    """Each as a JSON object on a line of its own."""
    from msgspec import json

    # With a space after each comma and colon, as Python's own module writes it, and as scripts may grep.
    lines = [_tame(json.format(json.encode(one.printed()), indent=0)) for one in documents]
    with reader_may_leave():
        sys.stdout.write("".join([f"{line}\n" for line in lines]))


def _tame(line: bytes) -> str:
    text = line.decode()
    may_steer = any(one in line for one in _BEGINNINGS)  # each letter's look would be a quarter of the time
    return _NOT_ESCAPED.sub(_escape, text) if may_steer else text


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def print_line(text: str) -> None:
    """A line on stdout, as part of what was asked for; further lines of its text are indented below it."""
    first, *more = text.split("\n")
    with reader_may_leave():
        click.echo("\n".join([printable(first), *(f"    {printable(line)}" for line in more)]))


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """What reads our output may have seen enough: the rest goes nowhere, and the exit code stays true."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(message: str) -> None:
    """A remark for the person at the terminal: never on stdout."""
    click.echo(escaped(message), err=True)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago, in the largest fitting unit."""
    if moment is None:
        return "never"
    return f"{span(now - moment)} ago"


def words(cell: object) -> str:
    """A value as people read it: yes and no for booleans, a dash for nothing, names with what they name."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, list | tuple):
        cell = ", ".join(map(str, cell))
    if isinstance(cell, dict):
        cell = ", ".join(f"{name} {value}" for name, value in sorted(cell.items()))
    return "–" if cell is None or cell == "" else printable(str(cell))


def counted(number: int, noun: str) -> str:
    """`1 item`, `2 items`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def are(number: int, noun: str, of: str = "") -> str:
    """`1 item is`, `2 items are`, `2 items of movies are`."""
    whose = f" of {of}" if of else ""
    return f"{counted(number, noun)}{whose} {'is' if number == 1 else 'are'}"
