"""A second look at what YAML misunderstands: it complains where it stumbles, not where the mistake is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from trailarrd.config.problem import Position

if TYPE_CHECKING:
    from collections.abc import Sequence

_BLANKS: Final = re.compile(r"[^\S\t ]")
_BEFORE_KEY: Final = re.compile(r"\s*(?:-\s+)*")


class Finding(NamedTuple):
    """What is really wrong, and where."""

    message: str
    hint: str
    position: Position


def look_again(lines: Sequence[str], problem: str, position: Position) -> Finding | None:
    """The mistake behind what YAML complains of at a place, if it can be told."""
    number = position.line - 1
    if number >= len(lines):
        return None
    before = _line_before(lines, number)
    found = _odd_blank(lines, number) or (_odd_blank(lines, before) if before is not None else None)
    if found:
        return found
    if lines[number][max(0, position.column - 2) : position.column] == "${":
        message = "between brackets, a value with '${' in it needs quotes"
        return Finding(message, "write it as '${NAME}', with the quotes", position)
    if problem.startswith("mapping values are not allowed") and before is not None:
        return _colon(lines, number, before, position)
    return None


def _line_before(lines: Sequence[str], number: int) -> int | None:
    """The last line above that says anything."""
    said = (
        n for n in range(number - 1, -1, -1) if lines[n].strip() and not lines[n].lstrip().startswith("#")
    )
    return next(said, None)


def _odd_blank(lines: Sequence[str], number: int) -> Finding | None:
    """As it comes along with text from a web page."""
    line = lines[number]
    match = _BLANKS.search(line[: len(line) - len(line.lstrip())])
    if match is None:
        return None
    message = f"character U+{ord(match[0]):04X} only looks like a space"
    return Finding(message, "indent with plain spaces", Position(number + 1, match.start() + 1))


def _colon(lines: Sequence[str], number: int, before: int, position: Position) -> Finding | None:
    """A ':' where none can be, because the line above is no 'key: value' or this one is too far in."""
    if ": " in lines[number][: position.column - 1]:
        return None
    above, here = _key(lines[before]), _key(lines[number])
    text = lines[before][above:].rstrip()
    if ": " not in text and not text.endswith(":"):
        hint = "write it as 'key: value', with a space after the ':'"
        return Finding("there is no ': ' between key and value", hint, Position(before + 1, above + 1))
    if here > above and not text.endswith(":"):
        message = "this line is further in than the one above, which has its value already"
        return Finding(
            message, "keys of one mapping begin in the same column", Position(number + 1, here + 1)
        )
    return None


def _key(line: str) -> int:
    """In which column, counted from 0, a line's key begins."""
    match = _BEFORE_KEY.match(line)
    return match.end() if match else 0
