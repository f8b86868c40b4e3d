"""From text to YAML nodes, and YAML's own complaints in plain words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import yaml
from yaml.reader import ReaderError

from trailarrd.config.layout import look_again
from trailarrd.config.problem import Position

if TYPE_CHECKING:
    from trailarrd.config.source import Source

_EXPLANATIONS: Final = (
    (
        r"found character '\\t'",
        "a tab stands where only spaces may",
        "YAML takes no tabs: indent and separate with spaces",
    ),
    (
        r"mapping values are not allowed here",
        "a ':' cannot stand here",
        "put the value in quotes if ': ' is part of it; else look at the indentation",
    ),
    (
        r"could not find expected ':'",
        "there is no ':' after this key",
        "write it as 'key: value'",
    ),
    (
        r"expected <block end>",
        "the indentation does not fit the lines above",
        "keys of one mapping begin in the same column, as do the '-' of one list",
    ),
    (
        r"expected ',' or '[]}]'",
        "a ',' or a closing bracket is missing before this",
        "put the value in quotes if it has brackets or commas in it",
    ),
    (
        r"expected the node content, but found '<stream end>'",
        "a bracket above is never closed",
        "close it with ']' or '}', or put the value in quotes if it has brackets in it",
    ),
    (
        r"expected the node content, but found '[]}]'",
        "this bracket closes none",
        "delete it, or put the value in quotes if it has brackets in it",
    ),
    (
        r"sequence entries are not allowed here",
        "a list cannot begin on the line of its key",
        "begin it on the next line, or put the value in quotes if it begins with '-'",
    ),
    (
        r"found unexpected end of stream",
        "the quotes opened here are never closed",
        None,
    ),
    (
        r"but found another document",
        "a second document begins here",
        "delete the '---'",
    ),
    (
        r"found unknown escape character",
        "in double quotes a backslash begins an escape, and this is none",
        "use single quotes, in which a backslash is only itself: 'D:\\Media'",
    ),
    (
        r"expected '<document start>'",
        "a line above begins with '%', which YAML takes for itself",
        "put the value in quotes, or delete the line",
    ),
    (
        r"found undefined alias",
        "an alias of something that is not defined above",
        "put the value in quotes if it begins with '*'",
    ),
    (
        r"found character '.' that cannot start any token",
        "a value cannot begin with this character",
        "put the value in quotes",
    ),
)
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
        found = look_again(source.lines, error.problem or "", position)
        raise source.error(*(found or (*explain(error), position))) from None
    except RecursionError:
        raise source.error("is nested too deeply", None, Position(1, 1)) from None


def explain(error: yaml.MarkedYAMLError) -> tuple[str, str | None]:
    """What YAML complains about, and what to do; no text of the file is repeated."""
    problem = error.problem or "is not YAML"
    for pattern, message, hint in _EXPLANATIONS:
        if re.match(pattern, problem):
            return message, hint
    return _QUOTED.sub("'…'", problem), None


def _position(error: yaml.MarkedYAMLError) -> Position:
    """Where to point: for quotes never closed, at the quotes rather than at the end."""
    unclosed = error.problem is not None and "unexpected end of stream" in error.problem
    mark = (error.context_mark if unclosed else None) or error.problem_mark or error.context_mark
    return Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)


def start_of(node: yaml.Node) -> Position:
    """Where a node begins."""
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)
