"""Which parts of a line must not be shown.

In a file that parses, the nodes tell where the values of secret keys begin and end. In one that
does not, the text alone must do, so rather too much is hidden than too little.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import yaml

from trailarrd.config.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

OPTIONS: Final = "options"
"""Below this key a plugin's own settings stand."""
_MERGE: Final = "<<"
MASK: Final = "********"
_SECRET_NAME: Final = re.compile(r"api|key|token|secret|pass|pwd|auth|credential|^urls$", re.IGNORECASE)
"""Every secret of the model goes by such a name; what is called so and is none is hidden all the same."""

_EVERYWHERE: Final = (
    re.compile(r"([0-9a-fA-F]{32,})"),  # what every Arr server's key looks like
    re.compile(r"//(\S*)@"),
    re.compile(r"(?:key|token|secret|passw\w*)[:=](\S+)", re.IGNORECASE),  # YAML wants a blank
    re.compile(r"api_?key\s+(\S+)"),
    re.compile(r"#.*?api_?key\W*(\w.*)", re.IGNORECASE),
)
_LOGIN: Final = re.compile(r"(?:\S*?//)?(.+)@")
_QUERY: Final = re.compile(r"[?#](.+)")
_COMMENT: Final = re.compile(r"\s*#.*")
_REFERENCE: Final = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_REFERENCE_TAGS: Final = frozenset({"!env", "!file", "!credential"})
_UNPARSED_SECRET: Final = re.compile(
    r"""[\w-]*(?:api|key|token|secret|pass|pwd|auth|credential|\boptions\b|\burls\b)[\w-]*["']?\s*[:=]?""",
    re.IGNORECASE,
)
_UNPARSED_LOGIN: Final = re.compile(
    r"""(?:.*?url["']?\s*:|.*?//)\s*(?P<address>\S.*)@|\s*(?P<bare>\S|\S.*\S)@""", re.IGNORECASE
)
_LONGEST_MARK: Final = 2
"""What may stand beside a key without being its value: `|-`, a quote, a bracket."""


class Span(NamedTuple):
    """Characters of one line, counted from 0, the end excluded."""

    line: int
    start: int
    end: int


def conceal(text: str) -> str:
    """The text without what looks like a secret wherever it stands."""
    return hide(text, 0, ())[0]


def hide(text: str, caret: int, spans: Iterable[Span]) -> tuple[str, int]:
    """The text with asterisks for the spans, and where the caret is now."""
    shown, done, moved = "", 0, caret
    for start, end in sorted({*((s.start, s.end) for s in spans), *_evident(text)}):
        begin = max(start, done)
        if end <= begin:
            continue
        before = shown + text[done:begin]
        if caret >= end:
            moved += len(MASK) - (end - begin)
        elif caret > begin:
            moved = len(before)
        shown, done = before + MASK, end
    return shown + text[done:], moved


def _evident(text: str) -> Iterator[tuple[int, int]]:
    for pattern in _EVERYWHERE:
        for match in pattern.finditer(text):
            yield match.span(1)


class Visible(NamedTuple):
    """Which of the plugins' options may be shown; all others may be secret, whatever they are called."""

    values: frozenset[str] = frozenset()
    """Keys whose values are no secrets."""
    mappings: frozenset[str] = frozenset()
    """Keys of mappings that have such keys themselves."""

    def hides(self, key: str, value: yaml.Node) -> bool:
        """Whether nothing of a value may be shown."""
        is_open = key in self.mappings and isinstance(value, yaml.MappingNode)
        return key not in self.values and key != _MERGE and not is_open


def node_spans(
    root: yaml.Node, lines: Sequence[str], visible: Visible, *, are_options: bool = False
) -> Iterator[Span]:
    """Where the secrets of a parsed document stand, or of a plugin's options alone."""
    waiting, seen = [(root, are_options)], set[tuple[int, bool]]()
    while waiting:
        node, within = waiting.pop()
        if (id(node), within) in seen or isinstance(node, yaml.ScalarNode):
            continue
        seen.add((id(node), within))
        if not isinstance(node, yaml.MappingNode):
            waiting += [(item, within) for item in node.value]
            continue
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            begins = not within and name == OPTIONS
            is_open = isinstance(value, yaml.MappingNode) if begins else not within
            hidden = _is_secret(name) or not (is_open or (within and not visible.hides(name, value)))
            yield from _entry_spans(name, value, lines, hidden=hidden)
            waiting += [(key, within), (value, within or begins)]


def _entry_spans(name: str, value: yaml.Node, lines: Sequence[str], *, hidden: bool) -> Iterator[Span]:
    if hidden:
        if not _is_reference(value):
            yield from _value_spans(value, lines)
    elif isinstance(value, yaml.ScalarNode) and ("url" in name.lower() or "//" in value.value):
        yield from _url_spans(value, lines)


def is_secret_name(name: str) -> bool:
    """Whether a key by that name may have a secret as its value."""
    return bool(_SECRET_NAME.search(name))


def _is_secret(name: str) -> bool:
    return is_secret_name(name) or nearest(name, ["api_key"]) is not None


def _is_reference(node: yaml.Node) -> bool:
    """Whether the file only says where the secret is."""
    if not isinstance(node, yaml.ScalarNode):
        return False
    return node.tag in _REFERENCE_TAGS or is_reference(node.value)


def is_reference(text: str) -> bool:
    """Whether a value, as it is written, only says where the value is."""
    return text.split(" ", maxsplit=1)[0] in _REFERENCE_TAGS or _REFERENCE.fullmatch(text) is not None


def _value_spans(node: yaml.Node, lines: Sequence[str]) -> Iterator[Span]:
    """All of the value, and a comment after it: ` #` in a key that was not quoted begins one."""
    first, last = node.start_mark, node.end_mark
    for line in range(first.line, min(last.line + 1, len(lines))):
        start = first.column if line == first.line else _indent(lines[line])
        end = last.column if line == last.line else len(lines[line])
        if line == last.line and (comment := _COMMENT.match(lines[line], end)):
            end = comment.end()
        yield Span(line, start, end)


def _url_spans(node: yaml.ScalarNode, lines: Sequence[str]) -> Iterator[Span]:
    """Who logs in, and the query."""
    first, last = node.start_mark, node.end_mark
    if first.line != last.line:
        if "@" in node.value or "?" in node.value:
            yield from _value_spans(node, lines)
        return
    for pattern in (_LOGIN, _QUERY):
        if match := pattern.search(lines[first.line], first.column, last.column):
            yield Span(first.line, *match.span(1))


def unparsed_spans(lines: Sequence[str]) -> Iterator[Span]:
    """Where secrets may stand in a text that could not be parsed."""
    column, is_due = None, False
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        if column is not None and (is_due or _continues(line, column)):
            is_due = False
            yield Span(number, _indent(line), len(line))
            continue
        secret = _UNPARSED_SECRET.search(line)
        column = secret.start() if secret else None
        if secret:
            # A key with nothing beside it may have its value below, indented or not.
            is_due = len(line[secret.end() :].strip()) <= _LONGEST_MARK
            yield Span(number, secret.end(), len(line))
        if login := _UNPARSED_LOGIN.match(line):
            yield Span(number, *login.span(login.lastgroup or 0))


def _continues(line: str, column: int) -> bool:
    """Whether a line can belong to the value of a key in that column."""
    indent = _indent(line)
    return indent > column or (indent == column and line.lstrip().startswith("-"))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
