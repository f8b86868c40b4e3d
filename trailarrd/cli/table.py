"""Tables that fit the terminal that they meet: no number is ever cut, and what is left out is said.

They are set here and not by rich, which takes thirty times as long for some thousand rows, and long to load.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain, zip_longest
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from trailarrd.cli.output import ago, print_json, reader_may_leave, tell, words
from trailarrd.domain.text import span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trailarrd.documents import Document

_LEAST: Final = 12
"""Cells that a column keeps in which text is broken into lines."""
_BETWEEN: Final = 1
"""Cells between two columns, and on each side."""
_PAD: Final = " " * _BETWEEN
_BROKEN: Final = "↩"
"""Stands where a word goes on in the next line."""


class Column(NamedTuple):
    """What a column of a table shows, and how."""

    name: str
    of: str = ""
    """The field that it shows; if empty, the one of its name."""
    number: bool = False
    """Stands to the right."""
    rare: bool = False
    """Out of the ordinary: shown only where some row has something to tell."""
    wide: bool = False
    """May be broken into lines where the terminal is narrow; the others keep their width."""
    nothing: str = "–"
    """What stands for a value that is not there."""
    unless: str = ""
    """A field: where a row has it, this one says nothing."""
    spare: int = 0
    """Left out where the terminal is too narrow for all: the highest first, 0 never."""

    def value(self, row: object) -> object:
        if self.unless and getattr(row, self.unless):
            return None
        return attrgetter(self.of or self.name.replace(" ", "_"))(row)

    def text(self, value: object, now: datetime) -> str:
        if isinstance(value, datetime):
            return ago(value, now) if value <= now else f"in {span(value - now)}"
        return self.nothing if value is None else words(value)


@dataclass(frozen=True)
class Shown:
    """A column with the texts of its cells."""

    column: Column
    cells: Sequence[str]

    @cached_property
    def natural(self) -> int:
        """With nothing broken."""
        return max(map(_cells, (self.column.name, *self.cells)))

    @cached_property
    def least(self) -> int:
        """With its head broken between words, and with its text broken where it may be."""
        head = max(map(_cells, self.column.name.split()))
        if self.column.wide:
            return min(self.natural, max(head, _LEAST))
        return max(head, *map(_cells, self.cells))


def print_list(documents: Sequence[Document], columns: Sequence[Column], *, as_json: bool) -> None:
    """As JSON Lines or as a table."""
    if as_json:
        print_json(*documents)
    else:
        print_table(columns, documents)


def print_table(columns: Sequence[Column], rows: Sequence[object]) -> None:
    """A table on stdout, or nothing if there are no rows; a column shows a field of each."""
    if not rows:
        return
    now = datetime.now(UTC)
    shown = [
        Shown(column, [column.text(value, now) for value in values])
        for column, values in ((column, [column.value(row) for row in rows]) for column in columns)
        if not column.rare or any(values)
    ]
    kept = fitting(shown, room := _room())
    _print(kept, widths(kept, room))
    if left_out := [one.column.name for one in shown if one not in kept]:
        tell(f"too narrow here for: {', '.join(left_out)}; a wider terminal shows them, and so does --json")


def _room() -> int | None:
    """How wide the terminal is; a pipe or a file has no end unless $COLUMNS says so."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (OSError, ValueError):
        return None


def fitting(shown: Sequence[Shown], room: int | None) -> list[Shown]:
    """Those that have their place in so many cells, or at least those that are never left out."""
    kept = list(shown)
    while room is not None and _total([one.least for one in kept]) > room:
        sparest = max(kept, key=lambda one: one.column.spare)
        if not sparest.column.spare:
            break
        kept.remove(sparest)
    return kept


def widths(shown: Sequence[Shown], room: int | None) -> list[int]:
    """How wide each is: what there is beyond the least goes first to those that want least of it."""
    given = [one.natural for one in shown] if room is None else [one.least for one in shown]
    left = 0 if room is None else room - _total(given)
    for number in sorted(range(len(shown)), key=lambda number: shown[number].natural - given[number]):
        more = min(shown[number].natural - given[number], max(left, 0))
        given[number] += more
        left -= more
    return given


def _total(given: Sequence[int]) -> int:
    return sum(given) + 2 * _BETWEEN * len(given)


def _print(shown: Sequence[Shown], given: Sequence[int]) -> None:
    rows = zip(*(one.cells for one in shown), strict=True)
    to_the_right = [one.column.number for one in shown]
    layout = _Layout(given, to_the_right)
    names = layout.lines([one.column.name for one in shown], upwards=True)
    head = [click.style(line, bold=True) for line in names]
    rule = f"{_PAD}{'─' * (_total(given) - 2 * _BETWEEN)}{_PAD}"
    blank = " " * _total(given)
    lines = [blank, *head, rule, *chain.from_iterable(map(layout.lines, rows)), blank]
    with reader_may_leave():
        click.echo("\n".join(lines))


class _Layout(NamedTuple):
    """Sets rows of texts in columns."""

    widths: Sequence[int]
    to_the_right: Sequence[bool]

    def lines(self, row: Sequence[str], *, upwards: bool = False) -> Iterator[str]:
        """The lines of one row, each as wide as the table; `upwards`: all texts end in the last of them."""
        cells = [_wrapped(broken(text, width), width) for text, width in zip(row, self.widths, strict=True)]
        if upwards:
            height = max(map(len, cells))
            cells = [[""] * (height - len(cell)) + cell for cell in cells]
        for texts in zip_longest(*cells, fillvalue=""):
            placed = map(_placed, texts, self.widths, self.to_the_right)
            yield f"{_PAD}{(2 * _PAD).join(placed)}{_PAD}"


def _placed(text: str, width: int, to_the_right: bool) -> str:
    space = " " * (width - _cells(text))
    return space + text if to_the_right else text + space


def _wrapped(text: str, width: int) -> list[str]:
    """The text in lines of whole words."""
    lines = list[str]()
    for paragraph in text.rstrip().split("\n"):
        line, *words = paragraph.split(" ") if _cells(paragraph) > width else [paragraph]
        for word in words:
            if _cells(f"{line} {word}") > width:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}"
        lines.append(line)
    return lines


def broken(text: str, width: int) -> str:
    """The text with each word that is too long for a line in pieces, with a sign where it goes on."""
    if _cells(text) <= width:
        return text
    return " ".join(_pieces(word, width) if _cells(word) > width else word for word in text.split(" "))


def _pieces(word: str, width: int) -> str:
    pieces, line = list[str](), ""
    for char in word:
        if _cells(line + char) >= width:
            pieces.append(line + _BROKEN)
            line = ""
        line += char
    return "\n".join([*pieces, line])


def _cells(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
