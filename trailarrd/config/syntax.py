"""From text to YAML nodes, and YAML's own complaints in plain words."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

import yaml
from yaml.reader import ReaderError

from trailarrd.config.diagnostic import Position

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trailarrd.config.source import Source

_EXPLANATIONS: Final = MappingProxyType(
    {
        r"found character '\\t'": (
            "a tab stands where only spaces may",
            "YAML takes no tabs: indent and separate with spaces",
        ),
        "mapping values are not allowed here": (
            "a ':' cannot stand here",
            "put the value in quotes if ': ' is part of it; else look at the indentation",
        ),
        "could not find expected ':'": ("there is no ':' after this key", "write it as 'key: value'"),
        "expected <block end>": (
            "the indentation does not fit the lines above",
            "keys of one mapping begin in the same column, as do the '-' of one list",
        ),
        "expected ',' or '[]}]'": (
            "a ',' or a closing bracket is missing before this",
            "put the value in quotes if it has brackets or commas in it",
        ),
        "expected the node content, but found '<stream end>'": (
            "a bracket above is never closed",
            "close it with ']' or '}', or put the value in quotes if it has brackets in it",
        ),
        "expected the node content, but found '[]}]'": (
            "this bracket closes none",
            "delete it, or put the value in quotes if it has brackets in it",
        ),
        "sequence entries are not allowed here": (
            "a list cannot begin on the line of its key",
            "begin it on the next line, or put the value in quotes if it begins with '-'",
        ),
        "found unexpected end of stream": ("the quotes opened here are never closed", None),
        "but found another document": ("a second document begins here", "delete the '---'"),
        "found unknown escape character": (
            "in double quotes a backslash begins an escape, and this is none",
            "use single quotes, in which a backslash is only itself: 'D:\\Media'",
        ),
        "expected '<document start>'": (
            "a line above begins with '%', which YAML takes for itself",
            "put the value in quotes, or delete the line",
        ),
        "found undefined alias": (
            "an alias of something that is not defined above",
            "put the value in quotes if it begins with '*'",
        ),
        "found character '.' that cannot start any token": (
            "a value cannot begin with this character",
            "put the value in quotes",
        ),
    }
)
_BLANKS: Final = re.compile(r"[^\S\t ]")
_BEFORE_KEY: Final = re.compile(r"\s*(?:-\s+)*")
_QUOTED: Final = re.compile(r"'[^'<>]{2,}'")


def compose(source: Source) -> yaml.Node | None:
    """The one document in the file as nodes, None if there is nothing in it.

    Raises `InvalidConfigError` for what is not YAML: nothing after such a mistake can be trusted.
    """
    try:
        # The base loader gives every scalar as text; the setting it belongs to says what it means.
        return yaml.BaseLoader(source.text).get_single_node()
    except ReaderError as error:
        raise source.error(
            f"character U+{ord(source.text[error.position]):04X} is not allowed in YAML",
            "delete it, or write it as an escape in double quotes",
            source.position(error.position),
        ) from None
    except yaml.MarkedYAMLError as error:
        position = _position(error)
        found = _look_again(source.lines, error.problem or "", position)
        raise source.error(*(found or (*_explain(error), position))) from None
    except RecursionError:
        raise source.error("is nested too deeply", None, Position(1, 1)) from None


def _explain(error: yaml.MarkedYAMLError) -> tuple[str, str | None]:
    """What YAML complains about, and what to do; no text of the file is repeated."""
    problem = error.problem or "is not YAML"
    for pattern, told in _EXPLANATIONS.items():
        if re.match(pattern, problem):
            return told
    return _QUOTED.sub("'…'", problem), None


def _position(error: yaml.MarkedYAMLError) -> Position:
    """Where to point: for quotes never closed, at the quotes rather than at the end."""
    unclosed = error.problem is not None and "unexpected end of stream" in error.problem
    mark = (error.context_mark if unclosed else None) or error.problem_mark or error.context_mark
    return Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)


class Finding(NamedTuple):
    message: str
    hint: str
    position: Position


def _look_again(lines: Sequence[str], problem: str, position: Position) -> Finding | None:
    """The mistake behind it, if it can be told: YAML complains where it stumbles, which may be later."""
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
